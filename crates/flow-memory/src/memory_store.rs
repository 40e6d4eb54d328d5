//! The store: [`MemoryStore`].

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
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

use crate::{
    MemoryStoreBuilder, Usage,
    room::{Full, Room},
    shard::Shard,
};

/// Keeps live records in this process, bounded in number and in bytes.
///
/// The sessions are spread over shards. The record, wake time and expiry of each are under the one lock of its
/// shard, which is never held while anything is awaited: each call is one atomic step, and drops whole or not at all.
pub struct MemoryStore {
    shards: Box<[Mutex<Shard>]>,
    room: Room,
    clock: Box<dyn Clock>,
}

/// Enough that two threads seldom meet, few enough that a claim can lock them all.
const SHARDS: usize = 64;

/// How many expired records of its shard each commit sweeps. More than it can add, so that they get fewer.
const SWEPT_BY_A_COMMIT: usize = 4;

/// How many expired records of a shard are swept under one lock by who needs room.
const SWEPT_FOR_ROOM: usize = 256;

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
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, room: Room::new(bounds), clock }
    }

    /// How much is kept now.
    pub fn usage(&self) -> Usage {
        self.room.taken()
    }

    fn shard(&self, id: SessionId) -> MutexGuard<'_, Shard> {
        lock(&self.shards[shard_of(id)])
    }

    /// Sweeps expired records, and tells whether there were any.
    fn make_room(&self, now: DateTime<Utc>) -> bool {
        let sweep = |shard: &Mutex<Shard>| lock(shard).sweep(SWEPT_FOR_ROOM, now, &self.room);
        self.shards.iter().map(sweep).sum::<usize>() > 0
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (usage, bounds) = (self.usage(), self.room.bounds());
        f.debug_struct("MemoryStore").field("usage", &usage).field("bounds", &bounds).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(&self, id: SessionId) -> Result<Option<Record>, StoreError> {
        let held = self.shard(id).get(id);
        let lives = |expires_at: &DateTime<Utc>| *expires_at > self.clock.now();
        Ok(held.filter(|(_, expires_at)| expires_at.as_ref().is_none_or(lives)).map(|(record, _)| record))
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        if commit.record.bytes().len() > self.room.bounds().bytes {
            return Err(StoreError::Refused(Box::new(Oversized)));
        }
        // The clock is asked before the lock is taken: it is not our code.
        let now = self.clock.now();
        loop {
            let mut shard = self.shard(commit.id);
            shard.sweep(SWEPT_BY_A_COMMIT, now, &self.room);
            let outcome = shard.commit(&commit, now, &self.room);
            // Making room takes the lock of one shard after the other, this one among them.
            drop(shard);
            match outcome {
                Ok(outcome) => return Ok(outcome),
                Err(Full) if self.make_room(now) => {}
                Err(Full) => return Err(StoreError::Full),
            }
        }
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        let now = self.clock.now();
        Ok(self.shard(id).remove(id, now, &self.room))
    }

    async fn due(&self, due_at: DateTime<Utc>, lease: Duration, limit: usize) -> Result<Vec<SessionId>, StoreError> {
        let now = self.clock.now();
        // All locks, or the longest due would not come first. Always in one order, so that no two claimers wait for
        // each other; everybody else holds a single one.
        let mut shards: Vec<_> = self.shards.iter().map(lock).collect();
        let mut longest = BinaryHeap::new();
        for (index, shard) in shards.iter_mut().enumerate() {
            longest.extend(shard.longest_due(due_at, now, &self.room).map(|due| Reverse((due, index))));
        }
        let mut claimed = Vec::new();
        while claimed.len() < limit
            && let Some(Reverse(((_, id), index))) = longest.pop()
        {
            let shard = &mut shards[index];
            shard.wake_later(id, None);
            longest.extend(shard.longest_due(due_at, now, &self.room).map(|due| Reverse((due, index))));
            claimed.push(id);
        }
        // Leased only now, or a lease of no time at all would be due at once, and claimed for ever.
        let until = TimeDelta::from_std(lease).ok().and_then(|lease| due_at.checked_add_signed(lease));
        for id in &claimed {
            shards[shard_of(*id)].wake_later(*id, Some(until.unwrap_or(DateTime::<Utc>::MAX_UTC)));
        }
        Ok(claimed)
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
        let mut ids = Vec::new();
        let (first, mut after) = (after.map_or(0, shard_of), after);
        for shard in &self.shards[first..] {
            ids.extend(lock(shard).ids(after.take(), limit - ids.len(), now));
            if ids.len() == limit {
                break;
            }
        }
        // A full page may be the last one: then the next one is empty.
        let next = ids.last().filter(|_| ids.len() == limit).map(|id| Cursor(id.to_string()));
        Ok(Page { ids, next })
    }
}

/// Which shard a session is in; ids may come from anywhere, so all of their bits count.
fn shard_of(id: SessionId) -> usize {
    let (high, low) = id.as_uuid().as_u64_pair();
    // Fibonacci hashing: the top bits of the product depend on every bit below them.
    let product = (high ^ low).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::from(product.to_be_bytes()[0]) % SHARDS
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    // No code but ours runs under a lock. If it should panic all the same, going on with this shard is better than
    // losing every session in it.
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The record alone is longer than the whole store may be.
#[derive(Debug, Error)]
#[error("the record is longer than all records together may be")]
struct Oversized;

/// A page of no sessions would be followed by others for ever.
#[derive(Debug, Error)]
#[error("a page has room for one session at least")]
struct NoLimit;
