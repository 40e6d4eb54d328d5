//! Calls to the store, each in a span of its own. What they tell of it is remembered for when it is away.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::{Instrument, debug_span};

use super::Inner;
use crate::{
    Flow, Record, SessionId,
    store::{Commit, Store, StoreError, Verdict},
};

impl<F: Flow> Inner<F> {
    pub(super) async fn load(&self, id: SessionId) -> Result<Option<Record>, StoreError> {
        let record = self.store.load(id).instrument(debug_span!("load")).await?;
        self.saw(id, record.as_ref());
        Ok(record)
    }

    pub(super) async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        let was_there = self.store.remove(id).instrument(debug_span!("remove")).await?;
        self.saw(id, None);
        Ok(was_there)
    }

    pub(super) async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        let (id, record) = (commit.id, commit.record.clone());
        let outcome = self.store.commit(commit).instrument(debug_span!("commit")).await;
        match &outcome {
            Ok(Verdict::Done) => self.saw(id, Some(&record)),
            Ok(Verdict::Conflict(stored)) => self.saw(id, stored.as_ref()),
            Err(StoreError::Unknown(_)) => {
                if let Some(shelter) = &self.shelter {
                    shelter.doubts(id, record.stamp());
                }
            }
            Err(_) => {}
        }
        outcome
    }

    /// Claims up to `limit` sessions of this flow for which something is due at `now`.
    pub(super) async fn due(
        &self,
        now: DateTime<Utc>,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.store.due(F::GRAPH.name, now, lease, limit).instrument(debug_span!("due")).await
    }

    fn saw(&self, id: SessionId, record: Option<&Record>) {
        if let Some(shelter) = &self.shelter {
            shelter.saw(id, record);
        }
    }
}
