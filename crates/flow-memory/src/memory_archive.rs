//! The archive: [`MemoryArchive`].

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Archive, Moment, SessionId, StoreError, Utterance,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Kept, Latest, Transcripts},
};

use crate::kept_sessions::KeptSessions;

/// Keeps everything in this process, without a bound: for tests, and for trying things out.
///
/// ```
/// use flow_core::{Archive, SessionId};
/// use flow_memory::MemoryArchive;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let archive = MemoryArchive::new();
/// assert_eq!(archive.latest(SessionId::random()).await?.archived, None);
/// # Ok::<(), flow_core::StoreError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct MemoryArchive {
    // One lock, so that each call is one step. A test has no use for more.
    sessions: Mutex<KeptSessions>,
}

impl MemoryArchive {
    /// An archive in which nothing is kept.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, KeptSessions> {
        // No code but ours runs under the lock.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryArchive").field("sessions", &self.lock().len()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Archive for MemoryArchive {
    async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
        let mut sessions = self.lock();
        Ok(entries.iter().map(|entry| sessions.put(entry)).collect())
    }

    async fn latest(&self, id: SessionId) -> Result<Latest, StoreError> {
        Ok(self.lock().latest(id))
    }

    async fn history(&self, id: SessionId, from: u64, limit: usize) -> Result<Vec<ArchivedStep>, StoreError> {
        Ok(self.lock().history(id, from, limit))
    }

    async fn checkpoints(&self, id: SessionId) -> Result<Vec<ArchivedCheckpoint>, StoreError> {
        Ok(self.lock().checkpoints(id))
    }

    async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        Ok(self.lock().purge_before(time, limit))
    }

    async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(self.lock().erase(id, at))
    }

    fn transcripts(&self) -> Option<&dyn Transcripts> {
        Some(self)
    }
}

#[async_trait]
impl Transcripts for MemoryArchive {
    async fn transcript(
        &self,
        id: SessionId,
        after: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Utterance>, StoreError> {
        Ok(self.lock().transcript(id, after, limit))
    }

    async fn forget_said_before(&self, flow: &str, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        Ok(self.lock().forget_said_before(flow, time, limit))
    }
}
