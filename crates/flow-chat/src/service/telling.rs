//! The settings as a person reads them: [`help`] and an [`example`] file.

use std::fmt::Write;

use super::Key;

/// A paragraph for each setting.
pub(super) fn help<'k>(keys: impl Iterator<Item = &'k Key>, prefix: &str) -> String {
    let mut help = format!("Settings, in the file that {prefix}_SETTINGS names and, counting over it, in variables:\n");
    for key in keys {
        let Told { name, variable, about, default, takes } = Told::of(key, prefix);
        let _ = write!(help, "\n{name}  ({variable})\n    {about}\n    Takes {takes}.{default}\n");
    }
    help
}

/// A file with each setting as a comment.
pub(super) fn example<'k>(keys: impl Iterator<Item = &'k Key>, prefix: &str) -> String {
    let mut example = format!(
        "# Settings of a bot. Each stands here as a comment with its default: take the `#` away to change it.\n\
         # A bot reads this file if {prefix}_SETTINGS names it; a variable such as {prefix}_STORE counts over it.\n\
         # What is a secret may stand in a file of its own: `store_file = \"/run/secrets/store\"`.\n"
    );
    let mut group = "";
    for key in keys {
        let (its, name) = key.name().rsplit_once('.').unwrap_or(("", key.name()));
        if its != group {
            let _ = write!(example, "\n[{its}]\n");
            group = its;
        }
        let default = key.default().map_or_else(|| "\"\"".to_owned(), toml);
        example.push('\n');
        for line in wrapped(&format!("{} Takes {}.", key.about(), key.takes()), 110) {
            let _ = writeln!(example, "# {line}");
        }
        let _ = writeln!(example, "#{name} = {default}");
    }
    example
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
    let is_bare = default.parse::<u64>().is_ok() || default.parse::<bool>().is_ok();
    if is_bare { default.to_owned() } else { format!("\"{default}\"") }
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
