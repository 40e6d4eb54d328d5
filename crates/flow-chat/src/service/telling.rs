//! The settings as a person reads them: [`help`] and an [`example`] file.

use std::fmt::Write;

use super::Key;

/// A paragraph for each setting.
pub(super) fn help(keys: &[Key], prefix: &str) -> String {
    let mut help = format!("Settings, in the file that {prefix}_SETTINGS names and, counting over it, in variables:\n");
    for key in keys {
        let Told { name, variable, about, default, takes } = Told::of(key, prefix);
        let _ = write!(help, "\n{name}  ({variable})\n    {about}\n    Takes {takes}.{default}\n");
    }
    help
}

/// A file with each setting as a comment.
pub(super) fn example(keys: &[Key], prefix: &str) -> String {
    let mut example = format!(
        "# Settings of a bot. Each stands here as a comment with its default: take the `#` away to change it.\n\
         # A bot reads this file if {prefix}_SETTINGS names it; a variable such as {prefix}_STORE counts over it.\n\
         # What is a secret may stand in a file of its own: `store_file = \"/run/secrets/store\"`.\n"
    );
    for (group, keys) in grouped(keys) {
        if !group.is_empty() {
            let _ = write!(example, "\n[{group}]\n");
        }
        for (name, key) in keys {
            let default = key.default().map_or_else(|| "\"\"".to_owned(), toml);
            example.push('\n');
            for line in wrapped(&format!("{} Takes {}.", key.about(), key.takes()), 110) {
                let _ = writeln!(example, "# {line}");
            }
            let _ = writeln!(example, "#{name} = {default}");
        }
    }
    example
}

/// The settings of each group, with their names in it; what is in none comes first, because in a file it has to.
fn grouped(keys: &[Key]) -> Vec<(&str, Vec<(&str, &Key)>)> {
    let mut groups = vec![("", Vec::new())];
    for key in keys {
        let (group, name) = key.name().rsplit_once('.').unwrap_or(("", key.name()));
        match groups.iter_mut().find(|(its, _)| *its == group) {
            Some((_, keys)) => keys.push((name, key)),
            None => groups.push((group, vec![(name, key)])),
        }
    }
    groups
}

struct Told<'k> {
    name: &'k str,
    variable: String,
    about: &'k str,
    takes: String,
    default: String,
}

impl<'k> Told<'k> {
    fn of(key: &'k Key, prefix: &str) -> Self {
        let default = key.default().map_or_else(String::new, |default| format!(" Unless set: {default}."));
        let file = if key.is_secret() { ", or the path of a file that holds it in …_FILE" } else { "" };
        let variable = format!("{}{file}", key.variable(prefix));
        Self { name: key.name(), variable, about: key.about(), takes: key.takes(), default }
    }
}

/// A default as it is written in a file.
fn toml(default: &str) -> String {
    // A text such as `007` would be another number, or none.
    let is_number = default.parse().is_ok_and(|number: u32| number.to_string() == default);
    let is_bare = is_number || default.parse::<bool>().is_ok();
    if is_bare {
        return default.to_owned();
    }
    let escaped = default.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// The text in lines that are no longer than this, where its words allow it.
fn wrapped(text: &str, longest: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= longest => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
