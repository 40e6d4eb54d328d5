//! A store, and an archive, that can be away: [`Fickle`], [`FickleArchive`].

use std::{
    future,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Archive, SessionId, Store, StoreError,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Kept, Latest},
    store::{Changes, Claim, Commit, Cursor, Due, Heartbeat, Loaded, Page, Post, Posted, Verdict},
};
use flow_memory::{MemoryArchive, MemoryStore};

/// What can be away, or leave its callers without an answer.
#[derive(Debug, Default)]
pub struct Mood {
    is_away: AtomicBool,
    is_stuck: AtomicBool,
    is_broken: AtomicBool,
    is_contended: AtomicBool,
    asked: AtomicU32,
}

impl Mood {
    /// From now on it cannot be reached.
    pub fn goes_away(&self) {
        self.is_away.store(true, Ordering::SeqCst);
    }

    /// It is as it should be again.
    pub fn comes_back(&self) {
        self.is_away.store(false, Ordering::SeqCst);
        self.is_stuck.store(false, Ordering::SeqCst);
        self.is_broken.store(false, Ordering::SeqCst);
        self.is_contended.store(false, Ordering::SeqCst);
    }

    /// From now on it answers what nobody understands.
    pub fn breaks(&self) {
        self.is_broken.store(true, Ordering::SeqCst);
    }

    /// From now on it answers nobody.
    pub fn gets_stuck(&self) {
        self.is_stuck.store(true, Ordering::SeqCst);
    }

    /// From now on another writer always comes first.
    pub fn prefers_others(&self) {
        self.is_contended.store(true, Ordering::SeqCst);
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
    /// How it is.
    pub mood: Mood,
}

#[async_trait]
impl Store for Fickle {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.mood.answers().await?;
        self.store.load(id, letters).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.mood.answers().await?;
        if self.mood.is_contended.load(Ordering::SeqCst) {
            return Ok(Verdict::Conflict(self.store.load(commit.id, 0).await?));
        }
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

/// An archive in memory that is away when it is told to be.
#[derive(Debug, Default)]
pub struct FickleArchive {
    archive: MemoryArchive,
    /// How it is.
    pub mood: Mood,
}

#[async_trait]
impl Archive for FickleArchive {
    async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
        self.mood.answers().await?;
        self.archive.put(entries).await
    }

    async fn latest(&self, id: SessionId) -> Result<Latest, StoreError> {
        self.mood.answers().await?;
        self.archive.latest(id).await
    }

    async fn history(&self, id: SessionId, from: u64, limit: usize) -> Result<Vec<ArchivedStep>, StoreError> {
        self.archive.history(id, from, limit).await
    }

    async fn checkpoints(&self, id: SessionId) -> Result<Vec<ArchivedCheckpoint>, StoreError> {
        self.archive.checkpoints(id).await
    }

    async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        self.archive.purge_before(time, limit).await
    }

    async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.archive.erase(id, at).await
    }
}
