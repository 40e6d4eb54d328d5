//! An archive in memory that can hang, and refuse: [`Attic`].

use std::{
    future::pending,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Archive, SessionId, StoreError,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Kept, Latest},
};
use flow_memory::MemoryArchive;

#[derive(Debug, Default)]
pub(crate) struct Attic {
    archive: MemoryArchive,
    hangs: AtomicBool,
    refuses: AtomicBool,
}

impl Attic {
    pub(crate) fn hangs(&self, hangs: bool) {
        self.hangs.store(hangs, SeqCst);
    }

    pub(crate) fn refuses(&self, refuses: bool) {
        self.refuses.store(refuses, SeqCst);
    }

    async fn answers(&self) {
        if self.hangs.load(SeqCst) {
            let () = pending().await;
        }
    }
}

#[async_trait]
impl Archive for Attic {
    async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
        self.answers().await;
        if self.refuses.load(SeqCst) {
            return Ok(entries.iter().map(|_| Kept::Refused("no such column".into())).collect());
        }
        self.archive.put(entries).await
    }

    async fn latest(&self, id: SessionId) -> Result<Latest, StoreError> {
        self.answers().await;
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
