//! The store of a town, and everything that was done to it, in the order of its doing: [`Truth`].
//!
//! It holds bytes, which mishaps may change, and loses its last write as a failover does.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    Clock, Record, SessionId, Store, StoreError,
    store::{Claim, Commit, Cursor, Due, Expect, Letter, Loaded, Page, Post, Posted, Verdict},
};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    clock::TownClock,
    sight::{Sight, is_place},
};

/// A store that notes what becomes of its records.
#[derive(Debug)]
pub(crate) struct Truth {
    store: Arc<dyn Store>,
    pub(crate) clock: TownClock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    deeds: Vec<Deed>,
    /// The writes of each session since it began, the last in the end.
    writes: BTreeMap<SessionId, Vec<Commit>>,
    /// What is stored instead of the last write: bytes that somebody changed.
    damaged: HashMap<SessionId, Vec<u8>>,
    /// Until when a session is leased.
    leases: HashMap<SessionId, DateTime<Utc>>,
    /// Every letter that was ever posted.
    letters: HashMap<[u8; 16], Letter>,
    /// For how long the clock of the machine that makes a write has been far from the store's.
    apart: HashMap<Uuid, Option<Instant>>,
}

/// Something that was done to a record.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) id: SessionId,
    /// When, by the store's time.
    pub(crate) at: DateTime<Utc>,
    /// Since when the clocks of the store and of the machine that did it were seen to be far apart.
    pub(crate) apart: Option<Instant>,
    /// When, by nobody's clock.
    pub(crate) when: Instant,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Wrote(Box<Sight>),
    /// A letter was put into its inbox: the message with this id.
    Posted(String),
    Removed,
    /// Its time to live had passed.
    Forgotten,
    /// The last write is lost, and what was there before is there again.
    LostTail(Box<Sight>),
    /// A rule of stores was broken.
    Broke(String),
}

impl Deed {
    /// The record that was written; none if it was no write.
    pub(crate) fn sight(&self) -> Option<&Sight> {
        if let What::Wrote(sight) = &self.what { Some(sight) } else { None }
    }
}

impl Truth {
    pub(crate) fn over(store: Arc<dyn Store>, clock: TownClock) -> Self {
        Self { store, clock, state: Mutex::default() }
    }

    /// Everything that was done so far.
    pub(crate) fn deeds(&self) -> Vec<Deed> {
        self.state().deeds.clone()
    }

    /// How much was done so far.
    pub(crate) fn count(&self) -> usize {
        self.state().deeds.len()
    }

    /// What is stored of a session, whatever else is in its place.
    pub(crate) async fn last(&self, id: SessionId) -> Option<Commit> {
        let stored = self.store.load(id, 0).await.ok()?.record?.stamp();
        self.state().writes.get(&id)?.last().filter(|commit| commit.record.stamp() == stored).cloned()
    }

    /// Remembers since when the machine that is about to make this write has seen the clocks apart.
    pub(crate) fn is_written_by(&self, write_id: Uuid, apart: Option<Instant>) {
        self.state().apart.insert(write_id, apart);
    }

    /// Puts these bytes in the place of the record.
    pub(crate) fn damage(&self, id: SessionId, bytes: Vec<u8>) {
        self.state().damaged.insert(id, bytes);
    }

    /// Puts the record back that was damaged.
    pub(crate) fn mend(&self, id: SessionId) {
        self.state().damaged.remove(&id);
    }

    /// The messages that wait in an inbox, by their ids.
    pub(crate) async fn waiting(&self, id: SessionId) -> Vec<String> {
        let loaded = self.store.load(id, usize::MAX).await.expect("a store in memory gives what it has");
        loaded.letters.iter().map(message_of).collect()
    }

    /// Loses the last write of a session, and tells whether there was one before it. The letters that it took wait again.
    pub(crate) async fn lose_tail(&self, id: SessionId) -> bool {
        if self.last(id).await.is_none() {
            return false;
        }
        let mut letters = self.store.load(id, usize::MAX).await.expect("a store in memory gives what it has").letters;
        let before = {
            let mut state = self.state();
            let Some(writes) = state.writes.get_mut(&id).filter(|writes| writes.len() > 1) else { return false };
            let lost = writes.pop().expect("more than one");
            let before = writes.last().cloned().expect("more than one");
            let taken = lost.takes.iter().filter_map(|name| state.letters.get(name).cloned());
            let is_gone = |letter: &Letter| !letters.contains(letter);
            let taken: Vec<_> = taken.filter(is_gone).collect();
            letters.splice(..0, taken);
            state.damaged.remove(&id);
            state.leases.remove(&id);
            before
        };
        let mut commit = before.clone();
        commit.expect = Expect::Absent;
        commit.takes = Vec::new();
        let lost = async { self.store.remove(id).await.is_ok() && self.store.commit(commit).await.is_ok() };
        assert!(lost.await, "a store in memory takes what it had");
        for letter in letters {
            let post = Post::new(id, before.flow.clone(), letter, Duration::ZERO).room(usize::MAX, usize::MAX);
            self.store.post(post).await.expect("a store in memory takes what it had");
        }
        let sight = Sight::of(id, &before.record).expect("it was read before");
        self.note(id, What::LostTail(Box::new(sight)));
        true
    }

    fn note(&self, id: SessionId, what: What) {
        let (at, when) = (self.clock.now(), Instant::now());
        self.state().deeds.push(Deed { id, at, apart: None, when, what });
    }

    /// What somebody put in the place of the record, read as stores read.
    fn read_damaged(&self, id: SessionId) -> Option<Result<Record, StoreError>> {
        let bytes = self.state().damaged.get(&id).cloned()?;
        Some(Record::read(bytes).map_err(StoreError::Unreadable))
    }

    /// What becomes of a write where the bytes were changed: they are compared with what it expects, as a store without
    /// columns does.
    fn commit_over_damage(&self, commit: &Commit, now: DateTime<Utc>) -> Option<Result<Verdict, StoreError>> {
        let bytes = self.state().damaged.get(&commit.id).cloned()?;
        if bytes.starts_with(&commit.record.prefix().bytes()) {
            return Some(Ok(Verdict::Done { waiting: 0 }));
        }
        let is_as_expected = matches!(commit.expect, Expect::At(prefix) if bytes.starts_with(&prefix.bytes()));
        if is_as_expected {
            self.mend(commit.id);
            return None;
        }
        let read = Record::read(bytes).map_err(StoreError::Unreadable);
        Some(read.map(|record| Verdict::Conflict(Loaded::new(Some(record), now))))
    }

    /// Notes a write that holds.
    fn wrote(&self, commit: &Commit, now: DateTime<Utc>) {
        let id = commit.id;
        let what = match Sight::of(id, &commit.record) {
            Ok(sight) => What::Wrote(Box::new(sight)),
            Err(error) => What::Broke(format!("what was written is not as documented: {error}")),
        };
        let mut state = self.state();
        let apart = state.apart.get(&commit.record.stamp().write_id).copied().flatten();
        state.leases.remove(&id);
        let writes = state.writes.entry(id).or_default();
        if writes.last().is_some_and(|last| last.record.stamp() == commit.record.stamp()) {
            // The same write again, whose answer was lost.
            return;
        }
        if commit.expect == Expect::Absent {
            writes.clear();
        }
        writes.push(commit.clone());
        if is_place(&commit.record) {
            return;
        }
        state.deeds.push(Deed { id, at: now, apart, when: Instant::now(), what });
    }

    /// Notes that a record is no longer there whose time has passed.
    async fn notice_forgotten(&self, id: SessionId) -> Result<(), StoreError> {
        let is_gone = self.store.load(id, 0).await?.record.is_none();
        if is_gone && self.state().writes.remove(&id).is_some() {
            self.mend(id);
            self.note(id, What::Forgotten);
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a lock")
    }
}

/// The id of the message that a letter is.
fn message_of(letter: &Letter) -> String {
    let json: serde_json::Value = serde_json::from_slice(&letter.body).unwrap_or_default();
    json["turn"].as_str().unwrap_or_default().to_owned()
}

#[async_trait]
impl Store for Truth {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.notice_forgotten(id).await?;
        let mut loaded = self.store.load(id, letters).await?;
        if let Some(read) = self.read_damaged(id) {
            loaded.record = Some(read?);
        }
        Ok(loaded)
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.notice_forgotten(commit.id).await?;
        let now = self.store.load(commit.id, 0).await?.now;
        if let Some(verdict) = self.commit_over_damage(&commit, now) {
            return verdict;
        }
        let verdict = self.store.commit(commit.clone()).await?;
        if matches!(verdict, Verdict::Done { .. }) {
            self.wrote(&commit, now);
        }
        Ok(verdict)
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        let (id, letter) = (post.id, post.letter.clone());
        let posted = self.store.post(post).await?;
        if matches!(posted, Posted::First | Posted::Behind) {
            self.note(id, What::Posted(message_of(&letter)));
            let mut state = self.state();
            state.letters.insert(letter.name, letter);
            if posted == Posted::First {
                // From now on it is left to whoever has posted it.
                state.leases.remove(&id);
            }
        }
        Ok(posted)
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.notice_forgotten(id).await?;
        let had_letters = !self.waiting(id).await.is_empty();
        let was_there = self.store.remove(id).await?;
        let mut state = self.state();
        state.damaged.remove(&id);
        state.leases.remove(&id);
        if state.writes.remove(&id).is_some() || had_letters {
            drop(state);
            self.note(id, What::Removed);
        }
        Ok(was_there)
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        let until = TimeDelta::from_std(claim.lease).expect("a lease is short");
        let due = self.store.due(claim).await?;
        for id in &due.ids {
            let lease = self.state().leases.insert(*id, due.now + until);
            if lease.is_some_and(|lease| lease > due.now) {
                self.note(*id, What::Broke("it was given to a worker while another had it on a lease".into()));
            }
        }
        Ok(due)
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.store.browse(after, limit).await
    }
}
