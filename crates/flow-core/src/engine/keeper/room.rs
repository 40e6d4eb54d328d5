//! A record that has grown too large makes room, if it holds what can be done without.

use chrono::{DateTime, Utc};

use super::Keeper;
use crate::{
    Flow, Session,
    engine::{error::EngineError, observer::Event},
    session::Freed,
    store::{Commit, Expect},
};

/// What a record has given up to make room.
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "what was given up is counted, once that is stored"]
pub(in crate::engine) struct GivenUp {
    /// How much of what was said.
    pub(in crate::engine) said: usize,
    /// How many messages that were set aside have lost their words.
    pub(in crate::engine) letters: usize,
    /// How many replies that could not be sent.
    pub(in crate::engine) replies: usize,
    /// How many replies that waited to be collected.
    pub(in crate::engine) uncollected: usize,
}

/// What becomes of a record that is too large though all has made room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Oversize {
    Refused,
    /// It is written: what has to be written in any case adds little, and less than is bounded by itself.
    Written,
}

impl<F: Flow> Keeper<F> {
    /// The commit that writes `session` over what `expect` says, and what was given up for it: if the record would be too large, the
    /// oldest that was said goes first, and then the words of the oldest messages that were set aside.
    ///
    /// Fails if it would be too large all the same and is refused then, or could not be read back.
    pub(in crate::engine) fn commit_with_room(
        &self,
        session: &mut Session<F>,
        expect: Expect,
        now: DateTime<Utc>,
        oversize: Oversize,
    ) -> Result<(Commit, GivenUp), EngineError> {
        let mut given_up = GivenUp { uncollected: self.lay_out(session), ..GivenUp::default() };
        loop {
            let commit = self.commit_of(session, expect, now);
            let Err(EngineError::RecordTooLarge { size, limit }) = &commit else {
                return commit.map(|commit| (commit, given_up));
            };
            let unsaid = session.unsay(size - limit);
            given_up.said += unsaid;
            if unsaid > 0 {
                continue;
            }
            let Freed { emptied, is_something } = session.empty_letters_aside(size - limit);
            given_up.letters += emptied;
            match oversize {
                _ if is_something => {}
                Oversize::Refused => return commit.map(|commit| (commit, given_up)),
                Oversize::Written => {
                    return Ok((self.commit_of_any_size(session, expect, now)?, given_up));
                }
            }
        }
    }

    /// Follows a record that is stored now: counts what was given up for it, and tells who waits in this process what it has laid out.
    pub(in crate::engine) fn is_stored(&self, session: &Session<F>, given_up: GivenUp) {
        self.count_given_up(session, given_up);
        self.tell_laid_out(session);
    }

    /// Counts what was given up for a record that is stored now.
    pub(in crate::engine) fn count_given_up(&self, session: &Session<F>, given_up: GivenUp) {
        for _ in 0..given_up.said {
            self.observers.happened(Event::SaidDropped);
        }
        for _ in 0..given_up.letters {
            self.observers.happened(Event::LetterEmptied);
        }
        for _ in 0..given_up.uncollected {
            self.observers.happened(Event::Uncollected);
        }
        for _ in 0..given_up.replies {
            self.observers.happened(Event::ReplyForgotten);
        }
        if given_up.letters > 0 {
            let (session, letters) = (session.id(), given_up.letters);
            tracing::error!(%session, letters, "messages that were set aside had to make room, and have lost their words");
        }
    }
}
