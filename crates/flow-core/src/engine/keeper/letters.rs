//! Letters that are posted beside a session's record, and taken off by a write that is no turn.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::debug_span;

use super::{Backing, Committed, Keeper, Known, Oversize};
use crate::{
    Flow, Session, SessionId,
    archive::Epoch,
    clock::after,
    engine::{
        error::{Busy, EngineError},
        observer::Verb,
    },
    store::{Expect, Letter, Post, Posted, Store, StoreError},
};

/// What a session is written as that is not stored.
pub(in crate::engine) struct Absent<F: Flow> {
    /// As the archive has it; none if no conversation has begun.
    pub(in crate::engine) archived: Option<Session<F>>,
    /// The archive's epoch, if it was asked and has nothing.
    pub(in crate::engine) epoch: Option<Epoch>,
}

impl<F: Flow> Default for Absent<F> {
    fn default() -> Self {
        Self { archived: None, epoch: None }
    }
}

/// How letters are taken off.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Taking<'l> {
    /// Which ones.
    pub(in crate::engine) names: &'l [[u8; 16]],
    /// For how long what is left stays with the caller.
    pub(in crate::engine) lease: Duration,
    /// What becomes of it where the record would be too large.
    pub(in crate::engine) oversize: Oversize,
}

/// What is left once letters were taken off.
#[derive(Debug)]
pub(in crate::engine) struct TakenOff<F: Flow> {
    pub(in crate::engine) known: Known<F>,
    /// How many letters are left in the inbox.
    pub(in crate::engine) waiting: usize,
}

impl<F: Flow> Keeper<F> {
    /// Posts a letter; if it is the first of its inbox, the session is left to this caller for so long.
    pub(in crate::engine) async fn post(
        &self,
        id: SessionId,
        letter: Letter,
        lease: Duration,
    ) -> Result<Posted, StoreError> {
        let inbox = &self.settings.inbox;
        let size = Some(letter.body.len());
        let post = Post::new(id, F::GRAPH.name, letter, lease).room(inbox.letters, inbox.bytes);
        self.writing(Verb::Post, id, size, self.store.post(post), debug_span!("post")).await
    }

    /// The first letters of a session's inbox.
    pub(in crate::engine) async fn letters(&self, id: SessionId, limit: usize) -> Result<Vec<Letter>, StoreError> {
        Ok(self.load_with(id, limit).await?.letters)
    }

    /// Takes letters off the inbox of a session, in the same write as `change`, which is no turn; what is left there stays with this
    /// caller for the lease. The session's lock is held already.
    ///
    /// A session that is not stored is written as the archive has it, or gets a record in which no conversation has begun. `change`
    /// may be called again, with what another writer left, and says whether that is to be written.
    ///
    /// Gives none, having written nothing, if it is not, or if the session was removed meanwhile: its letters went with it.
    pub(in crate::engine) async fn take_off(
        &self,
        id: SessionId,
        mut stored: Option<Known<F>>,
        mut absent: Absent<F>,
        taking: Taking<'_>,
        mut change: impl FnMut(&mut Session<F>, DateTime<Utc>) -> bool,
    ) -> Result<Option<TakenOff<F>>, EngineError> {
        let Taking { names, lease, oversize } = taking;
        let rounds = self.settings.limits.rounds;
        for _ in 0..=rounds {
            let (mut session, expect, heard, now) = match stored {
                Some(known) => {
                    let now = self.now(&known);
                    let Known { mut session, heard, .. } = known;
                    let expect = Expect::At(session.succeed());
                    if session.is_place() {
                        // It has something to remember, and to do, from now on.
                        session.is_decided();
                    }
                    (session, expect, heard, now)
                }
                None => {
                    let heard = self.last_heard(id);
                    let now = self.time.now(heard);
                    let session = match absent.archived.take() {
                        Some(mut session) => {
                            session.succeed();
                            session
                        }
                        None => self.unopened(id, now, absent.epoch),
                    };
                    (session, Expect::Absent, heard, now)
                }
            };
            if self.archives || session.is_archived() {
                session.archive_by(after(now, self.settings.archival.interval));
            }
            if !change(&mut session, now) {
                return Ok(None);
            }
            session.go_on_with_letters((lease > Duration::ZERO).then_some(now));
            let (commit, given_up) = self.commit_with_room(&mut session, expect, now, oversize)?;
            let commit = commit.takes(names).while_waiting(lease);
            let record = commit.record.clone();
            match self.commit(commit, Backing::Store).await? {
                Committed::Done { waiting } => {
                    self.is_stored(&session, given_up);
                    return Ok(Some(TakenOff { known: Known { session, record, heard }, waiting }));
                }
                Committed::Conflict(current) => {
                    stored = self.open(id, *current).await?.into_any();
                    if stored.is_none() {
                        return Ok(None);
                    }
                }
            }
        }
        Err(Busy::Contended { rounds }.into())
    }

    /// A session in which no conversation has begun.
    fn unopened(&self, id: SessionId, now: DateTime<Utc>, epoch: Option<Epoch>) -> Session<F> {
        let mut session = Session::begin(id, now, epoch);
        let expires_at = self.settings.expiry.expires_at(None, session.created_at(), session.updated_at());
        session.expire_at(expires_at);
        session
    }
}
