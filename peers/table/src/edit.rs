use std::ops::Range;

use crate::Failure;

/// A change of a program.
pub enum Edit {
    /// A diff without line numbers.
    Diff(Vec<Hunk>),
    /// Words, and those that stand in their place.
    Renaming(Vec<(String, String)>),
}

/// Whole lines, and those that stand in their place.
pub struct Hunk {
    before: Vec<String>,
    after: Vec<String>,
}

impl Edit {
    /// Reads a diff whose hunks are parted by `@@`.
    pub fn diff(text: &str) -> Self {
        Self::Diff(text.split("@@\n").map(Hunk::read).collect())
    }

    /// Reads lines of `Old -> New`.
    pub fn renaming(text: &str) -> Self {
        let names = text.lines().filter_map(|line| line.split_once(" -> "));
        Self::Renaming(names.map(|(old, new)| (old.to_owned(), new.to_owned())).collect())
    }

    /// The program with the change, and the lines that it concerns, counted from 1.
    ///
    /// Fails where what is to be changed does not stand in the program, or more than once.
    pub fn apply(&self, program: &str) -> Result<(String, Vec<Range<usize>>), Failure> {
        match self {
            Self::Diff(hunks) => replace_lines(hunks, program),
            Self::Renaming(names) => rename(names, program),
        }
    }
}

fn replace_lines(hunks: &[Hunk], program: &str) -> Result<(String, Vec<Range<usize>>), Failure> {
    let mut lines: Vec<String> = program.lines().map(str::to_owned).collect();
    let mut concerned = Vec::new();
    // What is left out has no place of its own: whatever is pointed at is as near as can be.
    if hunks.iter().all(Hunk::only_leaves_out) {
        concerned.push(1..lines.len());
    }
    for hunk in hunks {
        let length = hunk.before.len();
        let mut places = (0..).zip(lines.windows(length)).filter(|(_, window)| *window == hunk.before);
        let at = match (places.next(), places.next()) {
            (Some((at, _)), None) => at,
            (None, _) => return Err(format!("nowhere in the program:\n{}", hunk.before.join("\n")).into()),
            _ => return Err(format!("more than once in the program:\n{}", hunk.before.join("\n")).into()),
        };
        lines.splice(at..at + length, hunk.after.iter().cloned());
        concerned.push(at + 1..at + hunk.after.len() + 1);
    }
    Ok((lines.join("\n") + "\n", concerned))
}

fn rename(names: &[(String, String)], program: &str) -> Result<(String, Vec<Range<usize>>), Failure> {
    let mut text = program.to_owned();
    for (old, new) in names {
        let parts: Vec<&str> = text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let renamed: String = parts
            .iter()
            .map(|part| match part.strip_prefix(old.as_str()) {
                Some(rest) if !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') => format!("{new}{rest}"),
                _ => (*part).to_owned(),
            })
            .collect();
        if renamed == text {
            return Err(format!("nowhere in the program: {old}").into());
        }
        text = renamed;
    }
    let whole = 1..text.lines().count() + 1;
    Ok((text, vec![whole]))
}

impl Hunk {
    fn read(diff: &str) -> Self {
        let side = |other: char| diff.lines().filter(|line| !line.starts_with(other)).map(text).collect();
        Self { before: side('+'), after: side('-') }
    }

    fn only_leaves_out(&self) -> bool {
        self.after.len() < self.before.len() && self.after.iter().all(|line| self.before.contains(line))
    }
}

fn text(line: &str) -> String {
    line.get(1..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hunk_takes_the_place_of_the_lines_that_it_names() {
        let edit = Edit::diff(" b\n-c\n+d\n+e\n");
        let (program, concerned) = edit.apply("a\nb\nc\n").expect("it stands there once");
        assert_eq!(program, "a\nb\nd\ne\n");
        assert!(concerned.contains(&(2..5)), "{concerned:?}");
    }

    #[test]
    fn a_hunk_that_stands_nowhere_or_twice_is_refused() {
        assert!(Edit::diff("-b\n").apply("a\n").is_err());
        assert!(Edit::diff("-a\n").apply("a\na\n").is_err());
    }

    #[test]
    fn what_is_only_left_out_is_missed_anywhere() {
        let (_, concerned) = Edit::diff(" a\n-b\n").apply("a\nb\nc\n").expect("it stands there once");
        assert!(concerned.contains(&(1..3)), "{concerned:?}");
    }

    #[test]
    fn a_renaming_takes_whole_words() {
        let edit = Edit::renaming("Paying -> Unpaid\n");
        let (program, _) = edit.apply("Paying(Paying) RePaying Paying_ to(Paying)\n").expect("it stands there");
        assert_eq!(program, "Unpaid(Unpaid) RePaying Paying_ to(Unpaid)\n");
    }
}
