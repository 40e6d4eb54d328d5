//! A record that is no session: what the processes of a flow share besides.

use chrono::{DateTime, Utc};
use tracing::debug_span;

use super::Keeper;
use crate::{
    Flow, Record, SessionId, Stamp,
    engine::observer::Verb,
    store::{Commit, Expect, Store, StoreError, Verdict},
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

    /// Writes what `commit` makes of an expectation and the next stamp, and tells whether what is stored was still what was read.
    pub(in crate::engine) async fn write_over(
        &self,
        read: Option<&Record>,
        commit: impl FnOnce(Expect, Stamp) -> Commit,
    ) -> Result<bool, StoreError> {
        let commit = match read {
            Some(record) => commit(Expect::At(record.prefix()), record.stamp().next()),
            None => commit(Expect::Absent, Stamp::first()),
        };
        let id = commit.id;
        let verdict = self.call(Verb::Commit, Some(id), self.store.commit(commit), debug_span!("commit")).await?;
        Ok(matches!(verdict, Verdict::Done { .. }))
    }
}
