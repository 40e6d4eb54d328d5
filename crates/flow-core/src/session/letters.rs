//! What a session keeps of its inbox: how often the letter at its head was tried by workers, and letters that came to nothing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
    /// How many processes that tried it, or were to, have come back without having handled it.
    #[serde(default, skip_serializing_if = "is_none")]
    returned: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(returned: &u32) -> bool {
    *returned == 0
}

/// How many of the dead letters that came in a record keeps with their words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AsideBound {
    pub(crate) letters: usize,
    /// And no more bytes of them than these.
    pub(crate) bytes: usize,
}

/// What was given up to make room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Freed {
    /// How many dead letters that came in have lost their words.
    pub(crate) emptied: usize,
    /// Whether the record is any smaller.
    pub(crate) is_something: bool,
}

/// How many dead letters without their words a record keeps; the oldest beyond these are forgotten.
const MOST_EMPTIED: usize = 100;

impl<F: Flow> Session<F> {
    /// Whether no conversation has begun: its record was written for the sake of its inbox alone.
    pub(crate) fn is_unopened(&self) -> bool {
        self.parts.history.is_empty() && self.parts.past.steps == 0
    }

    /// Counts a try of the letter of this name, by a process that has taken over, and tells over how many processes have ended
    /// over it before: the one that was to go on with it at first, and those that took over from it, but for those that came back.
    pub(crate) fn count_try(&mut self, name: [u8; 16]) -> u32 {
        let Tried { tries, returned, .. } = self.tried_of(name);
        self.parts.tried = Some(Tried { name, tries: tries.saturating_add(1), returned });
        tries.saturating_add(1).saturating_sub(returned)
    }

    /// Over how many processes have ended over the letter of this name.
    pub(crate) fn deaths_over(&self, name: [u8; 16]) -> u32 {
        let Tried { tries, returned, .. } = self.tried_of(name);
        tries.saturating_add(1).saturating_sub(returned)
    }

    /// Says that a process has not handled the letter of this name, and is still there.
    pub(crate) fn give_letter_back(&mut self, name: [u8; 16]) {
        let Tried { tries, returned, .. } = self.tried_of(name);
        self.parts.tried =
            Some(Tried { name, tries, returned: returned.saturating_add(1).min(tries.saturating_add(1)) });
    }

    fn tried_of(&self, name: [u8; 16]) -> Tried {
        self.parts.tried.filter(|tried| tried.name == name).unwrap_or(Tried { name, tries: 0, returned: 0 })
    }

    /// When a process last went on with the inbox; none if it was left, or none ever did.
    pub(crate) fn letters_at(&self) -> Option<DateTime<Utc>> {
        self.parts.letters_at
    }

    /// Says that a process goes on with the inbox at this time; none if it leaves it.
    pub(crate) fn go_on_with_letters(&mut self, at: Option<DateTime<Utc>>) {
        self.parts.letters_at = at;
    }

    /// Says that the letter at the head is gone from there.
    pub(crate) fn forget_tries(&mut self) {
        self.parts.tried = None;
    }

    /// Keeps a letter that came to nothing, for an operator: a dead letter. Of those beyond the bound the oldest are emptied, and
    /// it tells how many had their words until now.
    pub(crate) fn set_letter_aside(
        &mut self,
        index: u32,
        at: DateTime<Utc>,
        letter: Value,
        error: String,
        bound: AsideBound,
    ) -> usize {
        let pending = self.pending_of(index, at, What::Letter(letter));
        self.parts.todo.set_aside.push(SetAside::new(pending, at, error));
        let (mut whole, mut bytes, mut empty) = (0, 0, 0);
        let mut emptied = 0;
        // The newest first: it is the oldest that make room.
        self.parts.todo.set_aside = std::mem::take(&mut self.parts.todo.set_aside)
            .into_iter()
            .rev()
            .filter_map(|mut aside| {
                let What::Letter(letter) = &aside.pending.what else { return Some(aside) };
                if !is_emptied(letter) {
                    whole += 1;
                    bytes += size_of_json(letter);
                    if whole <= bound.letters && bytes <= bound.bytes {
                        return Some(aside);
                    }
                    aside.empty();
                    emptied += 1;
                }
                empty += 1;
                (empty <= MOST_EMPTIED).then_some(aside)
            })
            .collect();
        self.parts.todo.set_aside.reverse();
        emptied
    }

    /// Frees so many bytes of what dead letters that came in take, the oldest first: forgets those that have lost their words, and
    /// then empties others. The newest is not forgotten.
    ///
    /// Asked again, it may free more.
    pub(crate) fn empty_letters_aside(&mut self, bytes: usize) -> Freed {
        let (mut freed, mut emptied) = (0, 0);
        let mut letters = self.parts.todo.set_aside.iter().filter(|aside| aside.pending.what.came_in()).count();
        self.parts.todo.set_aside.retain(|aside| {
            let What::Letter(letter) = &aside.pending.what else { return true };
            letters -= 1;
            let goes = freed < bytes && is_emptied(letter) && letters > 0;
            if goes {
                freed += size_of_json(aside);
            }
            !goes
        });
        for aside in &mut self.parts.todo.set_aside {
            if freed >= bytes {
                break;
            }
            let before = size_of_json(aside);
            if aside.empty() {
                freed += before.saturating_sub(size_of_json(aside)).max(1);
                emptied += 1;
            }
        }
        Freed { emptied, is_something: freed > 0 }
    }

    /// The dead letters that came in, as they were kept, each with the write that has set it aside.
    pub(crate) fn letters_aside(&self) -> Vec<(Stamp, Value)> {
        let letters = self.parts.todo.set_aside.iter().filter_map(|set_aside| match &set_aside.pending.what {
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
        let before = self.parts.todo.set_aside.len();
        self.parts.todo.set_aside.retain(|set_aside| !is_one(&set_aside.pending));
        self.parts.todo.set_aside.len() < before
    }
}

impl SetAside {
    /// Gives up the words of a letter that came in, and keeps which message it was, when it came, and how large it was. Tells
    /// whether it had any.
    fn empty(&mut self) -> bool {
        let What::Letter(letter) = &mut self.pending.what else { return false };
        if is_emptied(letter) {
            return false;
        }
        let bytes = size_of_json(letter);
        *letter = json!({ "turn": letter["turn"], "at": letter["at"], "bytes": bytes });
        self.error.push_str("; its words had to make room");
        true
    }
}

/// Whether a dead letter that came in has lost its words.
fn is_emptied(letter: &Value) -> bool {
    letter.get("message").is_none()
}

fn size_of_json(part: &impl Serialize) -> usize {
    serde_json::to_vec(part).map_or(0, |json| json.len())
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
