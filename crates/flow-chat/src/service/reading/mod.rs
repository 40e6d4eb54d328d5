//! What a setting takes, and how a value is read: [`Takes`].

mod size;
mod time;

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
    time::Duration,
};

use super::{mistake::Fault, parts::Parts, written::Written};

/// Puts a value where it counts.
pub(super) type Sets<T> = fn(&mut Parts, T);

/// A word that a setting takes, and what it means.
pub(super) type Word = (&'static str, fn(&mut Parts));

/// What a setting takes, and where it goes.
#[derive(Clone)]
pub(super) enum Takes {
    /// A length of time, none at all among them.
    Time(Sets<Duration>),
    /// A length of time that is longer than nothing.
    Deadline(Sets<Duration>),
    /// A word, or a length of time that is longer than nothing.
    WordOrTime(&'static [Word], Sets<Duration>),
    /// A whole number, and the least that it may be.
    Count(u32, Sets<u32>),
    /// A number of bytes.
    Size(Sets<usize>),
    Switch(Sets<bool>),
    Word(&'static [Word]),
    Text(Sets<String>),
    /// A text that is shown; what it is, and what is wrong with it.
    Checked(&'static str, fn(&mut Parts, String) -> Result<(), Fault>),
    List(Sets<Vec<String>>),
    /// The path of a file, of which the content is taken. It may be a key.
    File(Sets<Vec<u8>>),
    /// A text that is never shown, and may stand in a file of its own; what it is, and what is wrong with it.
    Hidden(&'static str, fn(&mut Parts, String) -> Result<(), Fault>),
    /// A setting of the bot's own.
    Own(Own),
}

/// What a setting of the bot's own takes.
#[derive(Clone)]
pub(super) enum Own {
    Text,
    Secret,
    Word(Vec<String>),
}

impl Takes {
    /// Whether it is never shown, and may stand in a file of its own.
    pub(super) fn is_hidden(&self) -> bool {
        matches!(self, Self::Hidden(..) | Self::Own(Own::Secret))
    }

    /// What is right, as the end of a sentence that begins with "it is".
    pub(super) fn right(&self) -> String {
        match self {
            Self::Time(_) | Self::Deadline(_) => "a time such as `300ms`, `90s` or `24h`".to_owned(),
            Self::WordOrTime(words, _) => format!("{}, or a time such as `90s`, `24h` or `30d`", quoted(names(words))),
            Self::Count(least, _) => format!("a whole number from {least} on"),
            Self::Size(_) => "a number of bytes such as `16384` or `64 KiB`".to_owned(),
            Self::Switch(_) => "`true` or `false`".to_owned(),
            Self::Word(words) => quoted(names(words)),
            Self::Text(_) | Self::Own(Own::Text) => "a text".to_owned(),
            Self::List(_) => "one text or several, with commas between".to_owned(),
            Self::File(_) => "the path of a PEM file".to_owned(),
            Self::Checked(right, _) | Self::Hidden(right, _) => (*right).to_owned(),
            Self::Own(Own::Secret) => "a secret".to_owned(),
            Self::Own(Own::Word(words)) => quoted(words.iter().map(String::as_str)),
        }
    }

    /// Reads what is written, and puts it where it counts.
    ///
    /// Fails with what is wrong; the value is not repeated.
    pub(super) fn read(&self, name: &str, written: &Written, parts: &mut Parts) -> Result<(), Fault> {
        if let Self::List(sets) = self {
            sets(parts, written.list());
            return Ok(());
        }
        let text = written.text().ok_or_else(|| self.fault("a list"))?;
        let longer_than_nothing = |text: &str| match time::read(text) {
            Ok(Duration::ZERO) => Err("zero"),
            read => read,
        };
        let wrong = |wrong| self.fault(wrong);
        match self {
            Self::Time(sets) => sets(parts, time::read(&text).map_err(wrong)?),
            Self::Deadline(sets) => sets(parts, longer_than_nothing(&text).map_err(wrong)?),
            Self::WordOrTime(words, sets) => match word(words, &text) {
                Some(means) => means(parts),
                None => sets(parts, longer_than_nothing(&text).map_err(wrong)?),
            },
            Self::Count(least, sets) => sets(parts, count(&text, *least).map_err(wrong)?),
            Self::Size(sets) => sets(parts, size::read(&text).map_err(wrong)?),
            Self::Switch(sets) => sets(parts, text.parse().map_err(|_| wrong("not one of the two"))?),
            Self::Word(words) => word(words, &text).ok_or_else(|| wrong("not one of its words"))?(parts),
            Self::Text(sets) => sets(parts, text),
            Self::List(_) => {}
            Self::File(sets) => sets(parts, content(Path::new(&text))?),
            Self::Checked(_, sets) | Self::Hidden(_, sets) => sets(parts, text)?,
            Self::Own(own) => {
                if let Own::Word(words) = own
                    && !words.contains(&text)
                {
                    return Err(wrong("not one of its words"));
                }
                parts.own.insert(name.to_owned(), super::hidden::Hidden::new(text));
            }
        }
        Ok(())
    }

    fn fault(&self, wrong: &str) -> Fault {
        Fault::new(wrong, format_args!("it is {}", self.right()))
    }
}

/// The length of time that is written; none if it is none.
pub(super) fn time_of(text: &str) -> Option<Duration> {
    time::read(text).ok()
}

/// The largest file that is read: of settings, a secret or certificates.
const LARGEST: usize = 1 << 20;

/// What a file holds.
///
/// Fails without its path: if the secret itself was written where its file belongs, the path is the secret.
pub(super) fn content(path: &Path) -> Result<Vec<u8>, Fault> {
    match read_file(path) {
        Ok(Some(content)) => Ok(content),
        Ok(None) => Err(Fault::plain("the file that it names is larger than 1 MiB")),
        Err(error) => Err(Fault::plain(format_args!("the file that it names cannot be read: {}", why(&error)))),
    }
}

/// What a file holds; none if that is more than is read.
pub(super) fn read_file(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    // A pipe and a device have no size, and a device may have no end.
    File::open(path)?.take(LARGEST as u64 + 1).read_to_end(&mut content)?;
    Ok((content.len() <= LARGEST).then_some(content))
}

/// Why a file cannot be read, without its path.
pub(super) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        other => other.to_string(),
    }
}

fn word(words: &[Word], text: &str) -> Option<fn(&mut Parts)> {
    words.iter().find(|(name, _)| *name == text).map(|(_, means)| *means)
}

fn count(text: &str, least: u32) -> Result<u32, &'static str> {
    if text.is_empty() || !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err("not a whole number");
    }
    match text.parse() {
        Ok(count) if count >= least => Ok(count),
        Ok(_) => Err("too small"),
        Err(_) => Err("more than 4,294,967,295"),
    }
}

fn names(words: &'static [Word]) -> impl Iterator<Item = &'static str> {
    words.iter().map(|(name, _)| *name)
}

/// The words as a person lists them: `` `a`, `b` or `c` ``.
fn quoted<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<_> = words.map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => words.concat(),
    }
}
