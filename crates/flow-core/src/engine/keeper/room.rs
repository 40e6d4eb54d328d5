//! A record that has grown too large makes room, if it holds what can be done without.

use chrono::{DateTime, Utc};

use super::Keeper;
use crate::{
    Flow, Session,
    engine::{error::EngineError, observer::Event},
    store::{Commit, Expect},
};

impl<F: Flow> Keeper<F> {
    /// The commit that writes `session` over what `expect` says, and how much of what was said was dropped for it: if the record
    /// would be too large, the oldest of that goes first.
    ///
    /// Fails if it would be too large all the same, or could not be read back.
    pub(in crate::engine) fn commit_with_room(
        &self,
        session: &mut Session<F>,
        expect: Expect,
        now: DateTime<Utc>,
    ) -> Result<(Commit, usize), EngineError> {
        let mut dropped = 0;
        loop {
            let commit = self.commit_of(session, expect, now);
            let Err(EngineError::RecordTooLarge { size, limit }) = &commit else {
                return commit.map(|commit| (commit, dropped));
            };
            match session.unsay(size - limit) {
                0 => return commit.map(|commit| (commit, dropped)),
                count => dropped += count,
            }
        }
    }

    /// Counts what was dropped of what was said.
    pub(in crate::engine) fn count_dropped_said(&self, dropped: usize) {
        for _ in 0..dropped {
            self.observers.happened(Event::SaidDropped);
        }
    }
}
