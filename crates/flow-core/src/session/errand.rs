//! What a handler has asked of the world in a turn that is not stored yet: [`Errand`], a memoized step.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Session, TurnId};
use crate::{Flow, SessionId, Stamp};

/// What a turn has asked once, and the answer, until that turn is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Errand {
    turn: TurnId,
    name: String,
    at: DateTime<Utc>,
    answer: Box<RawValue>,
}

/// How long an answer is kept for a turn that never comes. No longer than a repeat of its message is known for one.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// How many answers a record keeps.
pub(crate) const MOST: usize = 32;

/// No room: the turn has asked as much as a record keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRoom;

impl Errand {
    pub(crate) fn new(turn: TurnId, name: &str, at: DateTime<Utc>, answer: Box<RawValue>) -> Self {
        Self { turn, name: name.to_owned(), at, answer }
    }

    fn ends(&self) -> DateTime<Utc> {
        self.at.checked_add_signed(KEPT).unwrap_or(self.at)
    }
}

/// Without the answer, its name, and the message's id: each may hold what the visitor said.
impl fmt::Debug for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Errand").field("at", &self.at).finish_non_exhaustive()
    }
}

impl<F: Flow> Session<F> {
    /// No session yet: a place for what the first turn of one asks, before there is anything to keep it in.
    pub(crate) fn hold_place(id: SessionId, now: DateTime<Utc>) -> Self {
        let mut place = Self::begin(id, now, None);
        place.parts.last_turn = Stamp::NONE;
        place
    }

    /// Whether it is such a place, and no session.
    pub(crate) fn is_place(&self) -> bool {
        self.parts.last_turn == Stamp::NONE
    }

    /// What the turn has asked before, by name, and the answers.
    pub(crate) fn answers_of<'s>(&'s self, turn: &'s TurnId) -> impl Iterator<Item = (&'s str, &'s RawValue)> {
        let of_the_turn = self.parts.errands.iter().filter(move |errand| errand.turn == *turn);
        of_the_turn.map(|errand| (&*errand.name, &*errand.answer))
    }

    /// Keeps an answer until its turn is stored, and tells how many of other turns were forgotten for it, the oldest first.
    ///
    /// Fails if there is no room, because all that is kept is of the same turn.
    pub(crate) fn keep_answer(&mut self, errand: Errand, now: DateTime<Utc>) -> Result<usize, NoRoom> {
        self.forget_errands(now);
        let mut forgotten = 0;
        while self.parts.errands.len() >= MOST {
            let of_another = self.parts.errands.iter().position(|other| other.turn != errand.turn).ok_or(NoRoom)?;
            self.parts.errands.remove(of_another);
            forgotten += 1;
        }
        self.parts.errands.push(errand);
        Ok(forgotten)
    }

    /// Forgets the answers of turns that are stored, and of those that have not come for long.
    pub(crate) fn forget_errands(&mut self, now: DateTime<Utc>) {
        let mut errands = std::mem::take(&mut self.parts.errands);
        errands.retain(|errand| errand.ends() > now && !self.has_seen(&errand.turn));
        self.parts.errands = errands;
    }

    /// Whether there are any.
    pub(crate) fn has_errands(&self) -> bool {
        !self.parts.errands.is_empty()
    }

    /// Until when the record is needed for the answers in it.
    pub(super) fn errands_end(&self) -> Option<DateTime<Utc>> {
        self.parts.errands.iter().map(Errand::ends).max()
    }
}
