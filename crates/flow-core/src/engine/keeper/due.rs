//! What a worker asks of the store: what is due for sessions, and that it is known to be there.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::debug_span;

use super::Keeper;
use crate::{
    Flow,
    engine::observer::{Event, Verb},
    store::{Claim, Due, Store, StoreError},
};

impl<F: Flow> Keeper<F> {
    /// Claims up to `limit` sessions of this flow for which something is due: no other worker is given them before the lease
    /// ends. What fell due after `not_after` is left.
    pub(in crate::engine) async fn claim_due(
        &self,
        lease: Duration,
        limit: usize,
        not_after: Option<DateTime<Utc>>,
    ) -> Result<Due, StoreError> {
        let claim = Claim::new(F::GRAPH.name, lease, limit).not_after(not_after);
        let due = self.call(Verb::Due, None, self.store.due(claim), debug_span!("due")).await?;
        self.time.hear(None, due.now);
        if due.forgotten > 0 {
            tracing::warn!(sessions = due.forgotten, "the store no longer has sessions for which something was due");
            for _ in 0..due.forgotten {
                self.observers.happened(Event::Forgotten);
            }
        }
        Ok(due)
    }

    /// Whether the store can keep that workers are there.
    pub(in crate::engine) fn has_heartbeat(&self) -> bool {
        self.store.heartbeat().is_some()
    }

    /// Says that a worker of this flow is there, for so long by the store's time.
    pub(in crate::engine) async fn beat(&self, lasts: Duration) -> Result<(), StoreError> {
        let Some(heartbeat) = self.store.heartbeat() else { return Ok(()) };
        self.call(Verb::Beat, None, heartbeat.beat(F::GRAPH.name, lasts), debug_span!("beat")).await
    }

    /// Until when a worker of this flow is taken for alive, in whatever process; none if none is.
    pub(in crate::engine) async fn alive_until(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let Some(heartbeat) = self.store.heartbeat() else { return Ok(None) };
        self.call(Verb::Alive, None, heartbeat.alive_until(F::GRAPH.name), debug_span!("alive")).await
    }
}
