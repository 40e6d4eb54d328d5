//! A store that can be away.

use std::{
    future,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use async_trait::async_trait;
use flow_core::{
    SessionId, Store, StoreError,
    store::{Changes, Claim, Commit, Cursor, Due, Heartbeat, Loaded, Page, Post, Posted, Verdict},
};
use flow_memory::MemoryStore;

/// What can be away, or leave its callers without an answer.
#[derive(Debug, Default)]
pub struct Mood {
    is_away: AtomicBool,
    is_stuck: AtomicBool,
    is_broken: AtomicBool,
    asked: AtomicU32,
}

impl Mood {
    pub fn goes_away(&self) {
        self.is_away.store(true, Ordering::SeqCst);
    }

    pub fn comes_back(&self) {
        self.is_away.store(false, Ordering::SeqCst);
        self.is_stuck.store(false, Ordering::SeqCst);
        self.is_broken.store(false, Ordering::SeqCst);
    }

    /// From now on it answers what nobody understands.
    pub fn breaks(&self) {
        self.is_broken.store(true, Ordering::SeqCst);
    }

    /// From now on it answers nobody.
    pub fn gets_stuck(&self) {
        self.is_stuck.store(true, Ordering::SeqCst);
    }

    /// How often it was asked so far.
    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    async fn answers(&self) -> Result<(), StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.is_stuck.load(Ordering::SeqCst) {
            future::pending::<()>().await;
        }
        if self.is_broken.load(Ordering::SeqCst) {
            return Err(StoreError::Corrupt("it is broken".into()));
        }
        let is_away = self.is_away.load(Ordering::SeqCst);
        if is_away { Err(StoreError::Unavailable("it is away".into())) } else { Ok(()) }
    }
}

/// A store in memory that is away when it is told to be.
#[derive(Debug, Default)]
pub struct Fickle {
    store: MemoryStore,
    pub mood: Mood,
}

impl Fickle {
    pub fn goes_away(&self) {
        self.mood.goes_away();
    }

    pub fn comes_back(&self) {
        self.mood.comes_back();
    }
}

#[async_trait]
impl Store for Fickle {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.mood.answers().await?;
        self.store.load(id, letters).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.mood.answers().await?;
        self.store.commit(commit).await
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.mood.answers().await?;
        self.store.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.mood.answers().await?;
        self.store.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.mood.answers().await?;
        self.store.due(claim).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.mood.answers().await?;
        self.store.browse(after, limit).await
    }

    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        self.store.heartbeat()
    }

    fn changes(&self) -> Option<&dyn Changes> {
        self.store.changes()
    }
}
