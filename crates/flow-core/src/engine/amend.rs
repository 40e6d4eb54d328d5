//! Changes to a record that are no turn: of its to-do list.

use super::{
    Inner,
    error::{Busy, EngineError},
    plan::commit_of,
    report::Unread,
};
use crate::{
    Flow, Session, SessionId,
    store::{Expect, Verdict},
};

impl<F: Flow> Inner<F> {
    /// Changes what is stored, and gives the session as it then is; none if there is none, or `change` says that there is
    /// nothing to change. It may be called again, with what another writer left.
    pub(super) async fn amend(
        &self,
        id: SessionId,
        change: impl FnMut(&mut Session<F>) -> bool,
    ) -> Result<Option<Session<F>>, EngineError> {
        let _lock = self.locks.async_lock(id).await;
        if let Some(shelter) = &self.shelter {
            self.hand_back(shelter, id).await?;
        }
        let stored = self.look_up(id).await?.map(|written| written.session);
        self.amend_rounds(stored, change).await
    }

    /// The same, where it is known what was stored a moment ago: if that still is so, it needs not be read.
    pub(super) async fn amend_known(
        &self,
        known: Session<F>,
        change: impl FnMut(&mut Session<F>) -> bool,
    ) -> Result<Option<Session<F>>, EngineError> {
        let _lock = self.locks.async_lock(known.id).await;
        if let Some(shelter) = &self.shelter {
            self.hand_back(shelter, known.id).await?;
        }
        self.amend_rounds(Some(known), change).await
    }

    async fn amend_rounds(
        &self,
        mut stored: Option<Session<F>>,
        mut change: impl FnMut(&mut Session<F>) -> bool,
    ) -> Result<Option<Session<F>>, EngineError> {
        for _ in 0..=self.settings.rounds {
            let Some(mut session) = stored else { return Ok(None) };
            let now = self.clock.now();
            if self.archive.is_some() || session.is_archived() {
                session.wants_archiving(now, self.settings.archive_interval);
            }
            let expect = Expect::At(session.stamp);
            if !change(&mut session) {
                return Ok(None);
            }
            session.stamp = session.stamp.next();
            let commit = commit_of(&session, expect, now, &self.settings)?;
            match self.commit(commit).await? {
                Verdict::Done => return Ok(Some(session)),
                Verdict::Conflict(current) => {
                    let current = current.map(|record| Session::from_record(session.id, &record));
                    stored = current.transpose().unread()?;
                }
            }
        }
        Err(Busy::Contended { rounds: self.settings.rounds }.into())
    }
}
