//! Stores with one defect each, which no other test of one call at a time would find.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Record, SessionId, Store, StoreError,
    store::{Commit, Cursor, Expect, Outcome, Page},
};
use flow_memory::MemoryStore;
use tokio::task::yield_now;

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    /// It says that it has written, and has not.
    DropsAWrite,
    /// It writes an earlier write once more, over later ones.
    AppliesTwice,
    /// It does not look at the stamp.
    LetsAStaleStampThrough,
}

/// A store whose calls overlap, and of which one in so many is wrong.
pub(crate) struct BrokenStore {
    store: MemoryStore,
    bug: Bug,
    commits: AtomicU64,
    earlier: Mutex<Option<Commit>>,
}

const ONE_IN: u64 = 7;

impl BrokenStore {
    pub(crate) fn with(bug: Bug) -> Self {
        Self { store: MemoryStore::new(), bug, commits: AtomicU64::new(0), earlier: Mutex::default() }
    }

    /// Writes whatever is there.
    async fn force(&self, commit: Commit) -> Result<Outcome, StoreError> {
        let stored = self.store.load(commit.id).await?;
        let expect = stored.map_or(Expect::Absent, |record| Expect::At(record.stamp()));
        self.store.commit(Commit { expect, ..commit }).await
    }
}

#[async_trait]
impl Store for BrokenStore {
    async fn load(&self, id: SessionId) -> Result<Option<Record>, StoreError> {
        yield_now().await;
        let record = self.store.load(id).await;
        yield_now().await;
        record
    }

    async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError> {
        yield_now().await;
        if self.bug == Bug::None || self.commits.fetch_add(1, Ordering::Relaxed) % ONE_IN != ONE_IN - 1 {
            let outcome = self.store.commit(commit.clone()).await?;
            if outcome == Outcome::Done {
                self.earlier.lock().expect("a lock").get_or_insert(commit);
            }
            yield_now().await;
            return Ok(outcome);
        }
        match self.bug {
            Bug::DropsAWrite => Ok(Outcome::Done),
            Bug::AppliesTwice => {
                let outcome = self.store.commit(commit).await?;
                let earlier = self.earlier.lock().expect("a lock").take();
                if let Some(earlier) = earlier {
                    self.force(earlier).await?;
                }
                Ok(outcome)
            }
            _ => self.force(commit).await,
        }
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.store.remove(id).await
    }

    async fn due(&self, now: DateTime<Utc>, lease: Duration, limit: usize) -> Result<Vec<SessionId>, StoreError> {
        self.store.due(now, lease, limit).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.store.browse(after, limit).await
    }
}
