//! The body of a record as it is laid into bytes: sections, each with its length.
//!
//! | section | what |
//! | --- | --- |
//! | 1 | the flow and its version; then the names of states, which all else speaks of by their place |
//! | 2 | the states that it stands in, with what they hold and share as JSON, their questions and their ways back |
//! | 3 | times, language, address |
//! | 4 | what is to be done: deliveries, timers, dead letters, archiving |
//! | 5 | the last messages, with what was replied |
//! | 6, 7 | what was said, and what waits to be collected |
//! | 8 – 12 | what few sessions have, as JSON: a pause, an idle expiry of its own, tries, errands, a letter that is tried |
//! | 32 | the messages before those, by hashes |
//! | 33 | the history |
//!
//! A section is its number, which rises, with its class in the two highest bits; its length in three bytes; and its content, which
//! is never empty. Those from 32 on are bytes in which nothing repeats.
//!
//! The class says what a release does that does not know the section: it keeps it (0), or leaves it out at its next write (1), or reads
//! the record no further (2). Nothing is ever added to a section: what is new is a section of its own.

mod reading;
#[cfg(test)]
mod tests;
mod writing;

use std::borrow::Cow;

use crate::{
    Unreadable,
    session::{
        laid::reading::{Broken, Read, Reader},
        names::Names,
    },
};

const NAMES: u8 = 1;
const STACK: u8 = 2;
const TIMES: u8 = 3;
const TODO: u8 = 4;
const SEEN: u8 = 5;
const SAID: u8 = 6;
const SHELF: u8 = 7;
const PAUSE: u8 = 8;
const OWN_IDLE: u8 = 9;
const KEPT_TRIES: u8 = 10;
const ERRANDS: u8 = 11;
const TRIED: u8 = 12;
const KNOWN_IDS: u8 = 32;
const HISTORY: u8 = 33;

/// As an operator reads them.
const NAMED: [(u8, &str); 14] = [
    (NAMES, "names"),
    (STACK, "states"),
    (TIMES, "times"),
    (TODO, "todo"),
    (SEEN, "seen"),
    (SAID, "said"),
    (SHELF, "shelf"),
    (PAUSE, "pause"),
    (OWN_IDLE, "ownIdle"),
    (KEPT_TRIES, "keptTries"),
    (ERRANDS, "errands"),
    (TRIED, "tried"),
    (KNOWN_IDS, "knownIds"),
    (HISTORY, "history"),
];

/// What is a section's class in the byte that it begins with.
const CLASS: u8 = 0xc0;
const IS_LEFT_OUT: u8 = 0x40;
const IS_REFUSED: u8 = 0x80;

/// How many sections there may be.
const SECTIONS: usize = 64;

/// Where the sections of a body lie.
pub(super) struct Sections<'b> {
    contents: [&'b [u8]; SECTIONS],
    /// Those that are kept though they are not known, as they stand.
    later: Cow<'b, [u8]>,
}

impl<'b> Sections<'b> {
    pub(super) fn of(body: &'b [u8]) -> Result<Self, Unreadable> {
        let (mut reader, mut last) = (Reader(body), 0);
        let mut sections = Self { contents: [&[]; SECTIONS], later: Cow::default() };
        while !reader.is_done() {
            let whole = reader.0;
            let tag = reader.byte()?;
            let (class, number, content) = (tag & CLASS, tag & !CLASS, reader.long()?);
            if number <= last || content.is_empty() {
                return Err(Broken.into());
            }
            last = number;
            match (class, is_known(number)) {
                (0, true) => sections.contents[usize::from(number)] = content,
                (0, false) => {
                    let length = whole.len() - reader.0.len();
                    sections.later.to_mut().extend_from_slice(&whole[..length]);
                }
                (IS_LEFT_OUT, false) => {}
                (IS_REFUSED, false) => return Err(Unreadable::LaterSection(number)),
                _ => return Err(Broken.into()),
            }
        }
        Ok(sections)
    }

    fn content(&self, number: u8) -> Reader<'b> {
        Reader(self.contents[usize::from(number)])
    }

    /// How many bytes each section has that is there, by its name; those of later releases together.
    pub(super) fn sizes(&self) -> Vec<(&'static str, usize)> {
        let known = NAMED.iter().map(|(number, name)| (*name, self.contents[usize::from(*number)].len()));
        known.chain([("later", self.later.len())]).filter(|(_, size)| *size > 0).collect()
    }

    /// The flow that the body is of, and that flow's version.
    pub(super) fn flow(&self) -> Read<(&'b str, u32)> {
        let mut names = self.content(NAMES);
        Ok((names.text()?, names.small()?))
    }

    fn names(&self) -> Read<Names> {
        let mut names = self.content(NAMES);
        names.bytes()?;
        names.number()?;
        Names::read(names.0)
    }

    /// The name of the state of the session's own flow.
    pub(super) fn current(&self) -> Read<String> {
        let mut stack = self.content(STACK);
        stack.number()?;
        let place = Reader(stack.long()?).size()?;
        self.names()?.iter().nth(place).map(ToOwned::to_owned).ok_or(Broken)
    }
}

fn is_known(number: u8) -> bool {
    matches!(number, NAMES..=TRIED | KNOWN_IDS | HISTORY)
}
