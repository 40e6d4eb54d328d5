//! The store that a behaviour is shown on: [`Subject`].

use std::{any::Any, collections::BTreeSet, fmt, sync::Arc, time::Duration};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use flow_core::{
    Clock, Record, SessionId, Stamp, Store,
    store::{Commit, Cursor, Expect, Verdict},
};

use crate::ManualClock;

/// A fresh, empty store, and the way its time passes.
pub struct Subject {
    store: Arc<dyn Store>,
    time: Time,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

enum Time {
    Turned(ManualClock),
    Real { moment: Duration },
}

impl Subject {
    /// A store that tells the time by `clock`, which the suite turns.
    pub fn on_clock(store: impl Store + 'static, clock: ManualClock) -> Self {
        Self { store: Arc::new(store), time: Time::Turned(clock), kept: Vec::new() }
    }

    /// A store whose time cannot be turned, because a server keeps it. The suite waits instead.
    ///
    /// It never waits for less than `moment`, and some behaviours take eight of them. A moment is at least twice as
    /// long as what the store takes for a few calls, and what its clock may differ from this machine's: 300 ms suit a
    /// server nearby.
    pub fn in_real_time(store: impl Store + 'static, moment: Duration) -> Self {
        Self { store: Arc::new(store), time: Time::Real { moment }, kept: Vec::new() }
    }

    /// Keeps `thing` until the behaviour was shown: a temporary folder, a server that stops when it is dropped.
    #[must_use]
    pub fn keeping(mut self, thing: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(thing));
        self
    }

    /// A handle of the store; all handles reach the same one.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// The time now, to the millisecond, as coarse as a store may keep it.
    pub(super) fn now(&self) -> DateTime<Utc> {
        let now = match &self.time {
            Time::Turned(clock) => clock.now(),
            Time::Real { .. } => Utc::now(),
        };
        now.duration_trunc(TimeDelta::milliseconds(1)).expect("a time that chrono can truncate")
    }

    /// So many moments.
    pub(super) fn moments(&self, count: u32) -> Duration {
        match &self.time {
            Time::Turned(_) => Duration::from_secs(60) * count,
            Time::Real { moment } => *moment * count,
        }
    }

    /// Lets so many moments pass.
    pub(super) async fn pass(&self, count: u32) {
        let duration = self.moments(count);
        match &self.time {
            Time::Turned(clock) => clock.advance(duration),
            Time::Real { .. } => tokio::time::sleep(duration).await,
        }
    }

    pub(super) async fn load(&self, id: SessionId) -> Option<Record> {
        self.store.load(id).await.expect("the store loads")
    }

    pub(super) async fn commit(&self, commit: Commit) -> Verdict {
        self.store.commit(commit).await.expect("the store takes the commit")
    }

    /// Commits what nothing stands against, and gives its record.
    pub(super) async fn write(&self, commit: Commit) -> Record {
        let record = commit.record.clone();
        assert_eq!(self.commit(commit).await, Verdict::Done, "nothing stood against this commit");
        record
    }

    pub(super) async fn remove(&self, id: SessionId) -> bool {
        self.store.remove(id).await.expect("the store removes")
    }

    /// Claims for one moment.
    pub(super) async fn due(&self, now: DateTime<Utc>, limit: usize) -> Vec<SessionId> {
        self.due_of(FLOW, now, limit).await
    }

    /// Claims sessions of another flow, for one moment.
    pub(super) async fn due_of(&self, flow: &str, now: DateTime<Utc>, limit: usize) -> Vec<SessionId> {
        self.store.due(flow, now, self.moments(1), limit).await.expect("the store tells what is due")
    }

    /// Browses to the end, in pages of `limit`.
    pub(super) async fn browse(&self, limit: usize) -> Vec<SessionId> {
        let (mut ids, mut after) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let page = self.page(after, limit).await;
            ids.extend(page.0);
            after = page.1;
            if after.is_none() {
                return ids;
            }
        }
        panic!("no end of browsing after {MOST_PAGES} pages");
    }

    pub(super) async fn page(&self, after: Option<Cursor>, limit: usize) -> (Vec<SessionId>, Option<Cursor>) {
        let page = self.store.browse(after, limit).await.expect("the store gives a page");
        (page.ids, page.next)
    }

    /// Creates so many sessions.
    pub(super) async fn fill(&self, count: usize) -> BTreeSet<SessionId> {
        let mut ids = BTreeSet::new();
        for _ in 0..count {
            let id = SessionId::random();
            self.write(create(id, b"body")).await;
            ids.insert(id);
        }
        ids
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = match &self.time {
            Time::Turned(clock) => format!("turned by hand, at {}", clock.now()),
            Time::Real { moment } => format!("real, in moments of {moment:?}"),
        };
        f.debug_struct("Subject").field("time", &time).field("kept", &self.kept.len()).finish_non_exhaustive()
    }
}

/// The flow of every session that is not said to be of another.
pub(super) const FLOW: &str = "booking";

/// The first write of a session, to be kept, and not to be woken.
pub(super) fn create(id: SessionId, body: &[u8]) -> Commit {
    let record = Record::compose(Stamp::first(), body);
    Commit::new(id, Expect::Absent, record, FLOW, "WELCOME")
}

/// The write after `record`.
pub(super) fn follow(id: SessionId, record: &Record, body: &[u8]) -> Commit {
    at(id, record.stamp(), Record::compose(record.stamp().next(), body))
}

/// A write of `record` where `stamp` is expected.
pub(super) fn at(id: SessionId, stamp: Stamp, record: Record) -> Commit {
    Commit::new(id, Expect::At(stamp), record, FLOW, "WELCOME")
}

const MOST_PAGES: usize = 10_000;
