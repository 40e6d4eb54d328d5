//! The store: [`MemoryStore`].

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    Clock, Record, SessionId, Store, StoreError,
    store::{Commit, Cursor, Page, Verdict},
};
use thiserror::Error;

use crate::{MemoryStoreBuilder, Usage, live_sessions::LiveSessions};

/// Keeps live records in this process, bounded in number and in bytes.
///
/// All of them are under one lock, which is never held while anything is awaited: each call is one atomic step.
pub struct MemoryStore {
    sessions: Mutex<LiveSessions>,
    bounds: Usage,
    clock: Box<dyn Clock>,
}

impl MemoryStore {
    /// A store with the default bounds: [`MemoryStoreBuilder::MAX_SESSIONS`], [`MemoryStoreBuilder::MAX_BYTES`].
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Begins a store with other bounds, or another clock.
    pub fn builder() -> MemoryStoreBuilder {
        MemoryStoreBuilder::new()
    }

    pub(crate) fn with(bounds: Usage, clock: Box<dyn Clock>) -> Self {
        Self { sessions: Mutex::default(), bounds, clock }
    }

    /// How much is kept now.
    pub fn usage(&self) -> Usage {
        self.lock().usage()
    }

    fn lock(&self) -> MutexGuard<'_, LiveSessions> {
        // No code but ours runs under the lock. If it should panic all the same, going on is better than losing every
        // session.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut store = f.debug_struct("MemoryStore");
        store.field("usage", &self.usage()).field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

// The clock is always asked before the lock is taken: it is not our code.
#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, id: SessionId) -> Result<Option<Record>, StoreError> {
        let now = self.clock.now();
        Ok(self.lock().live(id, now).cloned())
    }

    /// Fails with [`StoreError::Full`] if there is no room, and with [`StoreError::Refused`] if there never can be.
    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        if commit.record.bytes().len() > self.bounds.bytes {
            return Err(StoreError::Refused(Box::new(Oversized)));
        }
        let now = self.clock.now();
        self.lock().commit(commit, now, self.bounds)
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        let now = self.clock.now();
        Ok(self.lock().remove(id, now))
    }

    async fn due(
        &self,
        flow: &str,
        due_at: DateTime<Utc>,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<SessionId>, StoreError> {
        let now = self.clock.now();
        let until = TimeDelta::from_std(lease).ok().and_then(|lease| due_at.checked_add_signed(lease));
        Ok(self.lock().claim(flow, due_at, until.unwrap_or(DateTime::<Utc>::MAX_UTC), limit, now))
    }

    /// Fails with [`StoreError::Refused`] if the cursor is no session id, or if pages of nothing are asked for.
    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        if limit == 0 {
            return Err(StoreError::Refused(Box::new(NoLimit)));
        }
        let after: Option<SessionId> = match after {
            Some(Cursor(text)) => Some(text.parse().map_err(|error| StoreError::Refused(Box::new(error)))?),
            None => None,
        };
        let now = self.clock.now();
        let ids = self.lock().ids(after, limit, now);
        // A full page may be the last one: then the next one is empty.
        let next = ids.last().filter(|_| ids.len() == limit).map(|id| Cursor(id.to_string()));
        Ok(Page::new(ids, next))
    }
}

/// The record alone is longer than the whole store may be.
#[derive(Debug, Error)]
#[error("the record is longer than all records together may be")]
struct Oversized;

/// A page of no sessions would be followed by others for ever.
#[derive(Debug, Error)]
#[error("a page has room for one session at least")]
struct NoLimit;
