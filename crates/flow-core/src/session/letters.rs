//! What a session keeps of its inbox: how often the letter at its head was tried by workers, and letters that came to nothing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Session, SetAside,
    pending::{Pending, What},
};
use crate::{Flow, Stamp};

/// The tries of the letter at the head of an inbox, each by a worker that took over from one that did not come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tried {
    #[serde(with = "hexadecimal")]
    name: [u8; 16],
    tries: u32,
}

impl<F: Flow> Session<F> {
    /// Whether no conversation has begun: its record was written for the sake of its inbox alone.
    pub(crate) fn is_unopened(&self) -> bool {
        self.history.is_empty() && self.past.steps == 0
    }

    /// How often the letter of this name was tried by workers.
    pub(crate) fn tries_of(&self, name: [u8; 16]) -> u32 {
        self.tried.filter(|tried| tried.name == name).map_or(0, |tried| tried.tries)
    }

    /// Counts a try of the letter of this name, and tells how many there were.
    pub(crate) fn count_try(&mut self, name: [u8; 16]) -> u32 {
        let tries = self.tries_of(name) + 1;
        self.tried = Some(Tried { name, tries });
        tries
    }

    /// Says that the letter at the head is gone from there.
    pub(crate) fn forget_tries(&mut self) {
        self.tried = None;
    }

    /// Keeps a letter that came to nothing, for an operator: a dead letter.
    pub(crate) fn set_letter_aside(&mut self, index: u32, at: DateTime<Utc>, letter: Value, error: String) {
        let pending = self.pending_of(index, at, What::Letter(letter));
        self.todo.set_aside.push(SetAside { pending, at, error });
    }

    /// The dead letters that came in, as they were kept, each with the write that has set it aside.
    pub(crate) fn letters_aside(&self) -> Vec<(Stamp, Value)> {
        let letters = self.todo.set_aside.iter().filter_map(|set_aside| match &set_aside.pending.what {
            What::Letter(letter) => Some((set_aside.pending.stamp(), letter.clone())),
            _ => None,
        });
        letters.collect()
    }

    /// Forgets those of the dead letters that came in which these writes have set aside. One that has come to nothing once more
    /// since then stays.
    ///
    /// Tells whether there were any.
    pub(crate) fn forget_letters_aside(&mut self, by: &[Stamp]) -> bool {
        let is_one = |pending: &Pending| matches!(pending.what, What::Letter(_)) && by.contains(&pending.stamp());
        let before = self.todo.set_aside.len();
        self.todo.set_aside.retain(|set_aside| !is_one(&set_aside.pending));
        self.todo.set_aside.len() < before
    }
}

/// A letter's name as text.
mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(name: &[u8; 16], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:032x}", u128::from_be_bytes(*name)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 16], D::Error> {
        let text = String::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map(u128::to_be_bytes).map_err(D::Error::custom)
    }
}
