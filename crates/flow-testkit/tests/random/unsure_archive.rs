//! An archive that is away now and then, before it has done what it was asked, or after: [`UnsureArchive`].

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Archive, SessionId, StoreError,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Kept, Latest},
};
use flow_memory::MemoryArchive;

use crate::conversation::Dice;

#[derive(Debug)]
pub(crate) struct UnsureArchive {
    pub(crate) archive: MemoryArchive,
    dice: Arc<Dice>,
}

impl UnsureArchive {
    pub(crate) fn new(dice: &Arc<Dice>) -> Self {
        Self { archive: MemoryArchive::default(), dice: Arc::clone(dice) }
    }

    /// Fails one time in ten.
    fn is_here(&self) -> Result<(), StoreError> {
        let is_away = self.dice.below(10) == 0;
        if is_away { Err(StoreError::Unavailable("the connection was refused".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl Archive for UnsureArchive {
    async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
        self.is_here()?;
        self.dice.pauses().await;
        let kept = self.archive.put(entries).await;
        self.dice.pauses().await;
        self.is_here()?;
        kept
    }

    async fn latest(&self, id: SessionId) -> Result<Latest, StoreError> {
        self.is_here()?;
        self.archive.latest(id).await
    }

    async fn history(&self, id: SessionId, from: u64, limit: usize) -> Result<Vec<ArchivedStep>, StoreError> {
        self.is_here()?;
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
