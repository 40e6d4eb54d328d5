//! What stands between an engine and a store that may fail: deadlines, retries, and a circuit breaker.

mod breaker;
mod counts;
pub(crate) mod deadline;
mod powers;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use backon::{BackoffBuilder, ExponentialBuilder};
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout_at};

use crate::{
    SessionId,
    store::{
        Changes, Claim, Commit, Confirming, Cursor, Due, Heartbeat, Loaded, Page, Post, Posted, Quarantine, Roster,
        Store, StoreError, Verdict,
    },
};

pub use counts::StoreCounts;

use breaker::Breaker;
use counts::StoreCounters;

/// Any store, with a deadline on every call, retries with backoff where they are safe, and a circuit breaker.
///
/// A call that found the store away is tried again, after growing and jittered pauses, until its deadline. So is a commit
/// whose answer was lost: a store that has it says so. A removal whose answer was lost is not: the second answer would
/// be another. When the store has been away for a while, calls fail at once, and one now and then finds out whether it
/// is back.
///
/// An engine puts this around its store by itself.
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::{SessionId, Store, StoreError, resilience::Resilient};
/// use flow_memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let store = Resilient::over(MemoryStore::new()).deadline(Duration::from_secs(1));
/// assert_eq!(store.load(SessionId::random(), 0).await?.record, None);
/// assert_eq!(store.counts().failures, 0);
/// # Ok(())
/// # }
/// ```
pub struct Resilient {
    store: Box<dyn Store>,
    deadline: Duration,
    breaker: Breaker,
    counters: StoreCounters,
}

/// The pauses between two tries.
const PAUSES: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(5))
    .with_max_delay(Duration::from_millis(250))
    .without_max_times()
    .with_jitter();

/// The pauses of one call. Without a seed of its own each call, of every process, would have the same.
fn pauses() -> impl Iterator<Item = Duration> {
    PAUSES.with_jitter_seed(fastrand::u64(..)).build()
}

/// A store took longer than a call may.
#[derive(Clone, Copy, Debug, Error)]
#[error("the store did not answer within {0:?}")]
struct NoAnswer(Duration);

/// What is not known after the answer to a call was lost.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AfterLostAnswer {
    /// Nothing that matters: a second answer is as good.
    AsBefore,
    /// Whether the call was carried out, which a second try tells: it is idempotent.
    RetryTells,
    /// Whether the call was carried out, and no second try tells.
    InDoubt,
}

impl Resilient {
    /// How long a call may take with all its tries, if nothing else is said: 2 s.
    pub const DEADLINE: Duration = Duration::from_secs(2);

    /// Puts this around `store`.
    pub fn over(store: impl Store + 'static) -> Self {
        let deadline = Self::DEADLINE;
        Self { store: Box::new(store), deadline, breaker: Breaker::new(deadline), counters: StoreCounters::default() }
    }

    /// How long a call may take with all its tries.
    #[must_use]
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline, breaker: Breaker::new(deadline), ..self }
    }

    /// What the calls have met so far.
    pub fn counts(&self) -> StoreCounts {
        self.counters.snapshot(self.breaker.openings())
    }

    /// Whether the circuit breaker is open: the store is thought to be down, and calls fail at once.
    pub fn is_circuit_open(&self) -> bool {
        self.breaker.is_open()
    }

    async fn call<T, A>(&self, lost: AfterLostAnswer, attempt: impl Fn() -> A) -> Result<T, StoreError>
    where
        A: Future<Output = Result<T, StoreError>>,
    {
        let until = deadline::end_of(self.deadline);
        let (mut pauses, mut doubt) = (pauses(), None);
        loop {
            let error = match self.attempt(lost, until, attempt()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // What goes wrong in a later try says nothing of an earlier one that may have arrived.
            let (error, may_pass) = match (error, doubt.take()) {
                (error @ StoreError::Unknown(_), _) => (error, lost == AfterLostAnswer::RetryTells),
                (_, Some(earlier)) => (earlier, true),
                (error @ StoreError::Unavailable(_), None) => (error, true),
                (error, None) => (error, false),
            };
            let pause = pauses.next().unwrap_or_default();
            if !may_pass || self.breaker.is_open() || Instant::now() + pause >= until {
                return Err(error);
            }
            if matches!(error, StoreError::Unknown(_)) {
                doubt = Some(error);
            }
            self.counters.retried();
            sleep(pause).await;
        }
    }

    async fn attempt<T>(
        &self,
        lost: AfterLostAnswer,
        until: Instant,
        attempt: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let pass = self.breaker.admit().map_err(|open| StoreError::Unavailable(Box::new(open)))?;
        // A store that does not answer one try may answer the next: no try takes all the time there is.
        let until = until.min(deadline::end_of(self.deadline / 2));
        let patience = until.saturating_duration_since(Instant::now());
        let answer = timeout_at(until, attempt).await.unwrap_or_else(|_| {
            let late = Box::new(NoAnswer(patience));
            Err(if lost == AfterLostAnswer::AsBefore {
                StoreError::Unavailable(late)
            } else {
                StoreError::Unknown(late)
            })
        });
        let is_away = matches!(answer, Err(StoreError::Unavailable(_) | StoreError::Unknown(_)));
        pass.close(is_away);
        answer.inspect_err(|error| {
            self.counters.failed(error);
            tracing::warn!(%error, "a call to the store failed");
        })
    }
}

#[async_trait]
impl Store for Resilient {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.call(AfterLostAnswer::AsBefore, || self.store.load(id, letters)).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.call(AfterLostAnswer::RetryTells, || self.store.commit(commit.clone())).await
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        // A letter that a lost answer stored is known to the next try; who was to look after it does so when the lease ends.
        self.call(AfterLostAnswer::RetryTells, || self.store.post(post.clone())).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.call(AfterLostAnswer::InDoubt, || self.store.remove(id)).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        // What a lost answer claimed comes back after its lease.
        self.call(AfterLostAnswer::AsBefore, || self.store.due(claim.clone())).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.call(AfterLostAnswer::AsBefore, || self.store.browse(after.clone(), limit)).await
    }

    fn clock_of(&self, id: SessionId) -> Option<u16> {
        self.store.clock_of(id)
    }

    fn quarantine(&self) -> Option<&dyn Quarantine> {
        self.store.quarantine().map(|_| self as &dyn Quarantine)
    }

    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        self.store.heartbeat().map(|_| self as &dyn Heartbeat)
    }

    fn confirming(&self) -> Option<&dyn Confirming> {
        self.store.confirming().map(|_| self as &dyn Confirming)
    }

    fn roster(&self) -> Option<&dyn Roster> {
        self.store.roster().map(|_| self as &dyn Roster)
    }

    /// As the store behind it has it: to listen is to wait, so that no deadline of a call is put on it, and no call of a turn fails
    /// because nothing is heard.
    fn changes(&self) -> Option<&dyn Changes> {
        self.store.changes()
    }
}

impl fmt::Debug for Resilient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut resilient = f.debug_struct("Resilient");
        resilient
            .field("store", &self.store)
            .field("deadline", &self.deadline)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn calls_that_find_a_store_away_together_are_not_retried_together() {
        let waits: HashSet<Duration> = (0..10).map(|_| pauses().take(5).sum()).collect();
        assert!(waits.len() > 1, "{waits:?}");
    }
}
