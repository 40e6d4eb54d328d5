//! A store in memory that can be away, or slow: [`Fickle`].

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Record, SessionId, Store, StoreError,
    store::{Changes, Claim, Commit, Cursor, Due, Expect, Heartbeat, Loaded, Page, Post, Posted, Quarantine, Verdict},
};
use flow_memory::MemoryStore;
use flow_testkit::ManualClock;

#[derive(Debug)]
pub(crate) struct Fickle {
    store: MemoryStore,
    is_away: AtomicBool,
    /// How many milliseconds a call takes.
    takes: AtomicU64,
}

impl Fickle {
    pub(super) fn at(clock: ManualClock) -> Self {
        let store = MemoryStore::builder().clock(clock).build();
        Self { store, is_away: AtomicBool::new(false), takes: AtomicU64::new(0) }
    }

    pub(crate) fn is_away(&self, is_away: bool) {
        self.is_away.store(is_away, SeqCst);
    }

    pub(crate) fn takes(&self, time: Duration) {
        self.takes.store(time.as_millis().try_into().expect("a short time"), SeqCst);
    }

    /// Puts the record of another session in the place of one.
    pub(crate) async fn damage(&self, id: SessionId, other: SessionId) {
        let record = self.record(id).await;
        let commit = Commit::new(id, Expect::At(record.prefix()), self.record(other).await, "kiosk", "COUNTER");
        assert!(matches!(self.store.commit(commit).await, Ok(Verdict::Done { .. })));
    }

    async fn record(&self, id: SessionId) -> Record {
        self.store.load(id, 0).await.expect("readable").record.expect("there")
    }

    async fn answers(&self) -> Result<(), StoreError> {
        let takes = self.takes.load(SeqCst);
        if takes > 0 {
            tokio::time::sleep(Duration::from_millis(takes)).await;
        }
        if self.is_away.load(SeqCst) { Err(StoreError::Unavailable("it is away".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl Store for Fickle {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.answers().await?;
        self.store.load(id, letters).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.answers().await?;
        self.store.commit(commit).await
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.answers().await?;
        self.store.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.answers().await?;
        self.store.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.answers().await?;
        self.store.due(claim).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.answers().await?;
        self.store.browse(after, limit).await
    }

    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        Some(self)
    }

    fn quarantine(&self) -> Option<&dyn Quarantine> {
        self.store.quarantine()
    }

    fn changes(&self) -> Option<&dyn Changes> {
        self.store.changes()
    }
}

#[async_trait]
impl Heartbeat for Fickle {
    async fn beat(&self, flow: &str, lasts: Duration) -> Result<(), StoreError> {
        self.answers().await?;
        self.store.heartbeat().expect("memory has it").beat(flow, lasts).await
    }

    async fn alive_until(&self, flow: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.answers().await?;
        self.store.heartbeat().expect("memory has it").alive_until(flow).await
    }
}
