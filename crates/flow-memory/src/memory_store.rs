//! The store: [`MemoryStore`].

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Clock, ForwardClock, SessionId, Store, StoreError,
    store::{
        Changed, Changes, Claim, Commit, Cursor, Due, Heartbeat, Listener, Loaded, Page, Post, Posted, Quarantine,
        Quarantined, Raw, Roster, Verdict,
    },
};
use thiserror::Error;
use uuid::Uuid;

use crate::{
    MemoryStoreBuilder, Usage,
    beats::Beats,
    changes::Tellers,
    live_sessions::{LiveSessions, after},
};

/// Keeps live records in this process, bounded in number and in bytes.
///
/// All of them are under one lock, which is never held while anything is awaited: each call is one atomic step.
pub struct MemoryStore {
    sessions: Mutex<LiveSessions>,
    beats: Mutex<Beats>,
    tellers: Tellers,
    bounds: Usage,
    clock: ForwardClock,
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
        let (sessions, beats, tellers) = (Mutex::default(), Mutex::default(), Tellers::default());
        Self { sessions, beats, tellers, bounds, clock: ForwardClock::over(clock) }
    }

    /// How much is kept now.
    pub fn usage(&self) -> Usage {
        self.lock().usage()
    }

    /// The sessions, and what time it is: asked under the lock, so that a later step has no earlier time.
    fn lock_now(&self) -> (MutexGuard<'_, LiveSessions>, DateTime<Utc>) {
        let sessions = self.lock();
        (sessions, self.clock.now())
    }

    fn page(&self, flow: Option<&str>, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        if limit == 0 {
            return Err(StoreError::Refused(Box::new(NoLimit)));
        }
        let after: Option<SessionId> = match after {
            Some(Cursor(text)) => Some(text.parse().map_err(|error| StoreError::Refused(Box::new(error)))?),
            None => None,
        };
        let (mut sessions, now) = self.lock_now();
        let ids = sessions.ids(flow, after, limit, now);
        // A full page may be the last one: then the next one is empty.
        let next = ids.last().filter(|_| ids.len() == limit).map(|id| Cursor(id.to_string()));
        Ok(Page::new(ids, next))
    }

    fn lock(&self) -> MutexGuard<'_, LiveSessions> {
        // Under the lock nothing but the clock is not ours, and it is asked before anything is changed. If something should
        // panic all the same, going on is better than losing every session.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_beats(&self) -> MutexGuard<'_, Beats> {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner)
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

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        let (mut sessions, now) = self.lock_now();
        Ok(sessions.load(id, letters, now))
    }

    /// Fails with [`StoreError::Full`] if there is no room, and with [`StoreError::Refused`] if there never can be.
    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        if commit.record.bytes().len() > self.bounds.bytes {
            return Err(StoreError::Refused(Box::new(Oversized)));
        }
        let told = commit.told.then_some(Changed::Session(commit.id));
        let (mut sessions, now) = self.lock_now();
        let verdict = sessions.commit(commit, now, self.bounds)?;
        // Under the lock, so that changes are told in the order in which they were made.
        if let (Verdict::Done { .. }, Some(changed)) = (&verdict, told) {
            self.tellers.tell(changed);
        }
        Ok(verdict)
    }

    /// Fails with [`StoreError::Full`] if there is no room, and with [`StoreError::Refused`] if there never can be.
    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        if post.letter.body.len() > self.bounds.bytes {
            return Err(StoreError::Refused(Box::new(Oversized)));
        }
        let (mut sessions, now) = self.lock_now();
        sessions.post(post, now, self.bounds)
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        let (mut sessions, now) = self.lock_now();
        let was_there = sessions.remove(id, now);
        if was_there {
            self.tellers.tell(Changed::Session(id));
        }
        Ok(was_there)
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        let (mut sessions, now) = self.lock_now();
        Ok(sessions.claim(&claim, now))
    }

    /// Fails with [`StoreError::Refused`] if the cursor is no session id, or if pages of nothing are asked for.
    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.page(None, after, limit)
    }

    fn quarantine(&self) -> Option<&dyn Quarantine> {
        Some(self)
    }

    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        Some(self)
    }

    fn roster(&self) -> Option<&dyn Roster> {
        Some(self)
    }

    fn changes(&self) -> Option<&dyn Changes> {
        Some(self)
    }
}

#[async_trait]
impl Changes for MemoryStore {
    async fn listen(&self) -> Result<Box<dyn Listener>, StoreError> {
        Ok(self.tellers.listen())
    }
}

#[async_trait]
impl Roster for MemoryStore {
    async fn browse_flow(&self, flow: &str, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.page(Some(flow), after, limit)
    }

    async fn count(&self, flow: &str) -> Result<u64, StoreError> {
        let (sessions, now) = self.lock_now();
        Ok(sessions.count(flow, now) as u64)
    }
}

#[async_trait]
impl Quarantine for MemoryStore {
    async fn raw(&self, id: SessionId) -> Result<Option<Raw>, StoreError> {
        let (sessions, now) = self.lock_now();
        Ok(sessions.raw(id, now))
    }

    async fn put(&self, id: SessionId, raw: &Raw, entry: Uuid, keep: Duration) -> Result<bool, StoreError> {
        let (mut sessions, now) = self.lock_now();
        Ok(sessions.put_in_quarantine(id, raw, entry, after(now, keep), now))
    }

    async fn list(&self, id: SessionId) -> Result<Vec<Quarantined>, StoreError> {
        let (sessions, now) = self.lock_now();
        Ok(sessions.quarantined(id, now))
    }

    async fn forget(&self, id: SessionId) -> Result<bool, StoreError> {
        let (mut sessions, now) = self.lock_now();
        Ok(sessions.forget_quarantined(id, now))
    }
}

#[async_trait]
impl Heartbeat for MemoryStore {
    async fn beat(&self, flow: &str, lasts: Duration) -> Result<(), StoreError> {
        self.lock_beats().beat(flow, lasts, self.clock.now());
        Ok(())
    }

    async fn alive_until(&self, flow: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self.lock_beats().alive_until(flow, self.clock.now()))
    }
}

/// The record, or the letter, alone is longer than the whole store may be.
#[derive(Debug, Error)]
#[error("what is to be stored is longer than all of it together may be")]
struct Oversized;

/// A page of no sessions would be followed by others for ever.
#[derive(Debug, Error)]
#[error("a page has room for one session at least")]
struct NoLimit;
