//! Changes to a record that are no turn: of its to-do list.

use super::{
    Inner,
    error::{Busy, EngineError},
    plan::commit_of,
    report::Unread,
};
use crate::{
    Flow, Session, SessionId,
    store::{Expect, Outcome},
};

impl<F: Flow> Inner<F> {
    /// Changes what is stored, and gives the session as it then is; none if there is none, or `change` says that there is
    /// nothing to change. It may be called again, with what another writer left.
    pub(super) async fn amend(
        &self,
        id: SessionId,
        mut change: impl FnMut(&mut Session<F>) -> bool,
    ) -> Result<Option<Session<F>>, EngineError> {
        let _lock = self.locks.async_lock(id).await;
        if let Some(shelter) = &self.shelter {
            self.hand_back(shelter, id).await?;
        }
        let mut stored = self.load(id).await?;
        for _ in 0..=self.settings.rounds {
            let Some(record) = stored else { return Ok(None) };
            let mut session = Session::from_record(id, &record).unread()?;
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
                Outcome::Done => return Ok(Some(session)),
                Outcome::Conflict(current) => stored = current,
            }
        }
        Err(Busy::Contended { rounds: self.settings.rounds }.into())
    }
}
