//! A settings file, line by line: [`Lines`].
//!
//! It is TOML, of which it takes what settings need: comments, `[group]`, and `name = value` with a text in quotes, a whole
//! number, `true`, `false` or a list of texts. What it takes, any reader of TOML takes, and understands the same way; the tests
//! compare it with one. A reader of our own goes on behind a mistake, so that all mistakes are told at once, and costs no crate.

mod cursor;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::{mistake::Fault, written::Written};
use cursor::Cursor;

/// What stands in a file.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) settings: Vec<Line>,
    /// What is wrong, and in which line.
    pub(super) faults: Vec<(usize, Fault)>,
    /// The groups, and the lines in which they begin.
    groups: BTreeMap<String, usize>,
}

/// A setting in a file.
pub(super) struct Line {
    /// With its group: `expiry.idle`.
    pub(super) name: String,
    pub(super) value: Written,
    pub(super) number: usize,
}

impl Lines {
    /// Reads the text of a file, and goes on behind each mistake with the next line.
    pub(super) fn read(text: &str) -> Self {
        let mut lines = Self::default();
        let mut cursor = Cursor::at_the_beginning_of(text.strip_prefix('\u{feff}').unwrap_or(text));
        let mut group = String::new();
        while cursor.find_something() {
            let number = cursor.line();
            let read = if cursor.is_at('[') {
                cursor.group().map(|name| {
                    let begun = lines.begin(&name, number);
                    group = name;
                    begun
                })
            } else {
                cursor.setting().map(|(name, value)| lines.add(&group, &name, value, number))
            };
            match read {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => lines.faults.push((number, fault)),
                Err(fault) => {
                    lines.faults.push((cursor.line(), fault));
                    cursor.skip_line();
                }
            }
        }
        lines
    }

    fn begin(&mut self, name: &str, number: usize) -> Result<(), Fault> {
        if let Some(before) = self.groups.insert(name.to_owned(), number) {
            return Err(twice(&format!("[{name}]"), before));
        }
        self.settings.iter().find(|line| is_above(&line.name, name)).map_or(Ok(()), |line| Err(both(&line.name)))
    }

    fn add(&mut self, group: &str, name: &str, value: Written, number: usize) -> Result<(), Fault> {
        let name = if group.is_empty() { name.to_owned() } else { format!("{group}.{name}") };
        if let Some(before) = self.settings.iter().find(|line| line.name == name) {
            return Err(twice(&name, before.number));
        }
        if self.groups.keys().any(|group| is_above(&name, group)) {
            return Err(both(&name));
        }
        self.settings.push(Line { name, value, number });
        Ok(())
    }
}

/// Whether the group is the name itself, or lies below it.
fn is_above(name: &str, group: &str) -> bool {
    group.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn twice(what: &str, before: usize) -> Fault {
    Fault::new(format!("`{what}` stands here again"), format!("it stands in line {before} already"))
}

fn both(name: &str) -> Fault {
    Fault::plain(format!("`{name}` is a setting and a group at once"))
}
