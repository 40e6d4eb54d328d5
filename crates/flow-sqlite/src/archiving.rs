//! The store as an archive: the same file, by the same threads.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Archive, Moment, SessionId, StoreError, Utterance,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Kept, Latest, Transcripts},
};

use crate::{SqliteStore, checkpoints, entries, forgetting, millis, said, steps};

#[async_trait]
impl Archive for SqliteStore {
    async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
        let entries = entries.to_vec();
        self.writer.write(move |connection, now| entries::put(connection, &entries, millis::floor(now))).await
    }

    async fn latest(&self, id: SessionId) -> Result<Latest, StoreError> {
        self.readers.read(move |connection| entries::latest(connection, id)).await
    }

    async fn history(&self, id: SessionId, from: u64, limit: usize) -> Result<Vec<ArchivedStep>, StoreError> {
        self.readers.read(move |connection| steps::read(connection, id, from, limit)).await
    }

    async fn checkpoints(&self, id: SessionId) -> Result<Vec<ArchivedCheckpoint>, StoreError> {
        self.readers.read(move |connection| checkpoints::read(connection, id)).await
    }

    async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        self.writer.write(move |connection, _| forgetting::purge(connection, time, limit)).await
    }

    async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.writer.write(move |connection, _| forgetting::erase(connection, id, at)).await
    }

    fn transcripts(&self) -> Option<&dyn Transcripts> {
        Some(self)
    }
}

#[async_trait]
impl Transcripts for SqliteStore {
    async fn transcript(
        &self,
        id: SessionId,
        after: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Utterance>, StoreError> {
        self.readers.read(move |connection| said::read(connection, id, after, limit)).await
    }

    async fn forget_said_before(&self, flow: &str, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        let flow = flow.to_owned();
        self.writer.write(move |connection, _| said::forget(connection, &flow, time, limit)).await
    }
}
