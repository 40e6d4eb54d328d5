//! A record that is no session: what the processes of a flow share besides.

use chrono::{DateTime, Utc};
use tracing::debug_span;

use super::Keeper;
use crate::{
    Flow, Record, SessionId,
    engine::observer::Verb,
    store::{Commit, Store, StoreError, Verdict},
};

impl<F: Flow> Keeper<F> {
    /// What lies under this id, and what time it is.
    pub(in crate::engine) async fn read_beside(
        &self,
        id: SessionId,
    ) -> Result<(Option<Record>, DateTime<Utc>), StoreError> {
        let told = self.load_with(id, 0).await?;
        Ok((told.record, self.time.now(told.heard)))
    }

    /// Writes it, and tells whether what is stored was still what the commit expects.
    pub(in crate::engine) async fn write_beside(&self, commit: Commit) -> Result<bool, StoreError> {
        let id = commit.id;
        let verdict = self.call(Verb::Commit, Some(id), self.store.commit(commit), debug_span!("commit")).await?;
        Ok(matches!(verdict, Verdict::Done { .. }))
    }
}
