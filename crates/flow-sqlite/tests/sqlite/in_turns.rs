//! Two stores on one file, as of two processes, are one archive.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Archive, SessionId, StoreError,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Kept, Latest},
};
use flow_sqlite::SqliteStore;
use flow_testkit::{ArchiveSubject, archive_conformance};

use crate::writes::fresh_path;

/// An archive whose every call is for the other store than the call before.
#[derive(Debug)]
struct InTurns {
    stores: [SqliteStore; 2],
    calls: AtomicUsize,
}

impl InTurns {
    fn store(&self) -> &SqliteStore {
        &self.stores[self.calls.fetch_add(1, Ordering::Relaxed) % 2]
    }
}

#[async_trait]
impl Archive for InTurns {
    async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
        self.store().put(entries).await
    }

    async fn latest(&self, id: SessionId) -> Result<Latest, StoreError> {
        self.store().latest(id).await
    }

    async fn history(&self, id: SessionId, from: u64, limit: usize) -> Result<Vec<ArchivedStep>, StoreError> {
        self.store().history(id, from, limit).await
    }

    async fn checkpoints(&self, id: SessionId) -> Result<Vec<ArchivedCheckpoint>, StoreError> {
        self.store().checkpoints(id).await
    }

    async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        self.store().purge_before(time, limit).await
    }

    async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.store().erase(id, at).await
    }
}

async fn fresh_archive() -> ArchiveSubject {
    let (folder, path) = fresh_path();
    let stores = [(); 2].map(|()| SqliteStore::open(&path).expect("a store"));
    ArchiveSubject::new(InTurns { stores, calls: AtomicUsize::new(0) }).keeping(folder)
}

archive_conformance!(fresh_archive);
