//! A store that can be away.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use flow_core::{
    SessionId, Store, StoreError,
    store::{Changes, Claim, Commit, Cursor, Due, Heartbeat, Loaded, Page, Post, Posted, Verdict},
};
use flow_memory::MemoryStore;

/// A store in memory that is away when it is told to be.
#[derive(Debug, Default)]
pub struct Fickle {
    store: MemoryStore,
    is_away: AtomicBool,
}

impl Fickle {
    pub fn goes_away(&self) {
        self.is_away.store(true, Ordering::SeqCst);
    }

    pub fn comes_back(&self) {
        self.is_away.store(false, Ordering::SeqCst);
    }

    fn answers(&self) -> Result<(), StoreError> {
        let is_away = self.is_away.load(Ordering::SeqCst);
        if is_away { Err(StoreError::Unavailable("it is away".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl Store for Fickle {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.answers()?;
        self.store.load(id, letters).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.answers()?;
        self.store.commit(commit).await
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.answers()?;
        self.store.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.answers()?;
        self.store.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.answers()?;
        self.store.due(claim).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.answers()?;
        self.store.browse(after, limit).await
    }

    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        self.store.heartbeat()
    }

    fn changes(&self) -> Option<&dyn Changes> {
        self.store.changes()
    }
}
