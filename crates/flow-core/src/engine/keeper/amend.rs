//! Changes to a record that are no turn: of its to-do list.

use chrono::{DateTime, Utc};

use super::{Backing, Committed, Keeper, Known, Oversize};
use crate::{
    Flow, Session, SessionId,
    clock::after,
    engine::error::{Busy, EngineError},
    store::Expect,
};

/// What became of an amendment.
#[derive(Debug)]
pub(in crate::engine) enum Amended<F: Flow> {
    /// It is stored, and this is the session now.
    Changed(Known<F>),
    /// There was nothing to change, and this is the session.
    Unchanged(Known<F>),
    /// There is no session.
    Gone,
}

impl<F: Flow> Amended<F> {
    /// The session as it is now, changed or not.
    pub(in crate::engine) fn known(self) -> Option<Known<F>> {
        match self {
            Self::Changed(known) | Self::Unchanged(known) => Some(known),
            Self::Gone => None,
        }
    }

    pub(in crate::engine) fn has_changed(&self) -> bool {
        matches!(self, Self::Changed(_))
    }
}

impl<F: Flow> Keeper<F> {
    /// Reads the session, and writes it as `change` leaves it, unless that says that there is nothing to change.
    ///
    /// `change` is told what time it is, and may be called again, with what another writer left.
    pub(in crate::engine) async fn amend(
        &self,
        id: SessionId,
        change: impl FnMut(&mut Session<F>, DateTime<Utc>) -> bool,
    ) -> Result<Amended<F>, EngineError> {
        let _lock = self.lock(id).await;
        self.hand_back(id).await?;
        let stored = self.read(id).await?.known;
        self.amend_rounds(stored, change).await
    }

    /// The same, without reading what was known a moment ago: if it is out of date, the conflict says so.
    pub(in crate::engine) async fn amend_known(
        &self,
        known: Known<F>,
        change: impl FnMut(&mut Session<F>, DateTime<Utc>) -> bool,
    ) -> Result<Amended<F>, EngineError> {
        let id = known.session.id();
        let _lock = self.lock(id).await;
        self.hand_back(id).await?;
        self.amend_rounds(Some(known), change).await
    }

    async fn amend_rounds(
        &self,
        mut stored: Option<Known<F>>,
        mut change: impl FnMut(&mut Session<F>, DateTime<Utc>) -> bool,
    ) -> Result<Amended<F>, EngineError> {
        let rounds = self.settings.limits.rounds;
        for _ in 0..=rounds {
            let Some(known) = stored else { return Ok(Amended::Gone) };
            let now = self.now(&known);
            let Known { mut session, record, heard } = known;
            // Taken before the change, which may go beyond the version of another lineage.
            let expect = Expect::At(session.prefix());
            if self.archives || session.is_archived() {
                session.archive_by(after(now, self.settings.archival.interval));
            }
            if !change(&mut session, now) {
                return Ok(Amended::Unchanged(Known::open(session.id(), record, heard)?));
            }
            session.succeed();
            let (commit, given_up) = self.commit_with_room(&mut session, expect, now, Oversize::Refused)?;
            let (id, record) = (session.id(), commit.record.clone());
            match self.commit(commit, Backing::Store).await? {
                Committed::Done { .. } => {
                    self.is_stored(&session, given_up);
                    if session.archive_at().is_none() {
                        self.unarchived.remove(id);
                    }
                    return Ok(Amended::Changed(Known { session, record, heard }));
                }
                Committed::Conflict(current) => stored = self.open(id, *current).await?.known,
            }
        }
        Err(Busy::Contended { rounds }.into())
    }
}
