//! Calls to the store: each with a deadline, and a write whose answer was lost is found out about.

use std::time::Duration;

use thiserror::Error;
use tokio::time::{sleep, timeout};
use tracing::{Instrument, debug_span};

use super::{Inner, stats::Event};
use crate::{
    Flow, Record, SessionId,
    store::{Commit, Outcome, StoreError},
};

/// How often a write with a lost answer is sent again before its outcome is reported as unknown.
const RESENDS: u32 = 4;

/// How long to wait before the first of them; each further one waits twice as long.
const PAUSE: Duration = Duration::from_millis(5);

/// A store took longer than the engine waits.
#[derive(Clone, Copy, Debug, Error)]
#[error("the store did not answer within {0:?}")]
struct Late(Duration);

impl<F: Flow> Inner<F> {
    pub(super) async fn load(&self, id: SessionId) -> Result<Option<Record>, StoreError> {
        self.call(self.store.load(id), StoreError::Unavailable).instrument(debug_span!("load")).await
    }

    pub(super) async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.call(self.store.remove(id), StoreError::Unknown).instrument(debug_span!("remove")).await
    }

    /// Commits, and finds out about a lost answer by sending the same write again: a store that has it says so.
    ///
    /// Ends with [`StoreError::Unknown`] if every answer was lost.
    pub(super) async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError> {
        self.commit_until_known(commit).instrument(debug_span!("commit")).await
    }

    async fn commit_until_known(&self, commit: Commit) -> Result<Outcome, StoreError> {
        let mut pause = PAUSE;
        let mut unknown = match self.call(self.store.commit(commit.clone()), StoreError::Unknown).await {
            Err(StoreError::Unknown(cause)) => cause,
            known => return known,
        };
        for _ in 0..RESENDS {
            self.counters.count(Event::Unknown);
            sleep(pause).await;
            pause *= 2;
            match self.call(self.store.commit(commit.clone()), StoreError::Unknown).await {
                Ok(outcome) => return Ok(outcome),
                // That this one failed says nothing of the first.
                Err(StoreError::Unknown(cause) | StoreError::Unavailable(cause)) => unknown = cause,
                Err(_) => {}
            }
        }
        Err(StoreError::Unknown(unknown))
    }

    /// Waits for a call until the deadline; `late` says what it means that no answer came.
    async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
        late: fn(Box<dyn std::error::Error + Send + Sync>) -> StoreError,
    ) -> Result<T, StoreError> {
        let deadline = self.settings.store_deadline;
        let answer = timeout(deadline, call).await.unwrap_or_else(|_| Err(late(Box::new(Late(deadline)))));
        answer.inspect_err(|error| {
            self.counters.count(Event::StoreFailed);
            tracing::warn!(%error, "a call to the store failed");
        })
    }
}
