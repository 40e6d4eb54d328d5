//! Stores that break one promise each: [`Broken`].

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use flow_core::{
    Clock, Record, SessionId, Store, StoreError,
    store::{Claim, Commit, Cursor, Due, Expect, Loaded, Page, Post, Posted, Verdict},
};
use flow_memory::MemoryStore;

/// What a store does wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Defect {
    /// Says that a write is in place, and has not written it.
    DropsWrites,
    /// Takes a write whatever it expects.
    LetsStaleStampsThrough,
    /// Gives the record before the last.
    GivesOldRecords,
}

/// A store that does it now and then.
#[derive(Debug)]
pub(crate) struct Broken {
    store: MemoryStore,
    defect: Defect,
    calls: AtomicUsize,
    before: Mutex<Option<Record>>,
}

impl Broken {
    pub(crate) fn new(defect: Defect, clock: impl Clock + 'static) -> Self {
        let store = MemoryStore::builder().clock(clock).build();
        Self { store, defect, calls: AtomicUsize::new(0), before: Mutex::default() }
    }

    fn now_and_then(&self) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed) % 7 == 6
    }
}

#[async_trait]
impl Store for Broken {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        let mut loaded = self.store.load(id, letters).await?;
        let before = self.before.lock().expect("a lock").clone();
        if matches!(self.defect, Defect::GivesOldRecords) && self.now_and_then() && before.is_some() {
            loaded.record = before;
        }
        Ok(loaded)
    }

    async fn commit(&self, mut commit: Commit) -> Result<Verdict, StoreError> {
        let stored = self.store.load(commit.id, 0).await?.record;
        match self.defect {
            Defect::DropsWrites if self.now_and_then() => return Ok(Verdict::Done { waiting: 0 }),
            // With its loads this store is stale, and with its writes too: nothing stops them.
            Defect::LetsStaleStampsThrough | Defect::GivesOldRecords => {
                commit.expect = stored.as_ref().map_or(Expect::Absent, |record| Expect::At(record.prefix()));
            }
            Defect::DropsWrites => {}
        }
        *self.before.lock().expect("a lock") = stored;
        self.store.commit(commit).await
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.store.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.store.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.store.due(claim).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.store.browse(after, limit).await
    }
}
