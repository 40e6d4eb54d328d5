//! The store that a behaviour is shown on: [`Subject`].

use std::{any::Any, collections::BTreeSet, fmt, sync::Arc, time::Duration};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use flow_core::{
    Clock, Record, SessionId, Stamp, Store,
    store::{Claim, Commit, Cursor, Due, Expect, Letter, Loaded, Post, Posted, Verdict},
};

use super::promise::{broken, kept, succeeded};
use crate::ManualClock;

/// A fresh, empty store, and the way its time passes.
pub struct Subject {
    store: Arc<dyn Store>,
    another: Option<Arc<dyn Store>>,
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
        Self { store: Arc::new(store), another: None, time: Time::Turned(clock), kept: Vec::new() }
    }

    /// A store whose time cannot be turned, because a server keeps it. The suite waits instead.
    ///
    /// It never waits for less than `moment`, and some behaviours take eight of them. A moment is at least twice as
    /// long as what the store takes for a few calls: 300 ms suit a server nearby. By how much its clock differs from this
    /// machine's does not matter.
    pub fn in_real_time(store: impl Store + 'static, moment: Duration) -> Self {
        Self { store: Arc::new(store), another: None, time: Time::Real { moment }, kept: Vec::new() }
    }

    /// Keeps `thing` until the behaviour was shown: a temporary folder, a server that stops when it is dropped.
    #[must_use]
    pub fn keeping(mut self, thing: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(thing));
        self
    }

    /// Another handle of the same store, opened as another process would: what is written through one is told through the other.
    ///
    /// A store of one process alone has none, and the suite then goes without.
    #[must_use]
    pub fn with_another_handle(mut self, store: impl Store + 'static) -> Self {
        self.another = Some(Arc::new(store));
        self
    }

    /// A handle of the store; all handles reach the same one.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// The other handle, or else the first.
    pub(super) fn another_handle(&self) -> Arc<dyn Store> {
        self.another.clone().unwrap_or_else(|| self.store())
    }

    /// The time of the store, to the millisecond, as coarse as a store may keep it.
    pub(super) async fn now(&self) -> DateTime<Utc> {
        let now = match &self.time {
            Time::Turned(clock) => clock.now(),
            // Of which session it is asked does not matter.
            Time::Real { .. } => self.look(SessionId::random()).await.now,
        };
        now.duration_trunc(TimeDelta::milliseconds(1)).expect("a time that chrono can truncate")
    }

    /// The clock that tells the store the time, if there is one to turn.
    pub(super) fn clock(&self) -> Option<&ManualClock> {
        match &self.time {
            Time::Turned(clock) => Some(clock),
            Time::Real { .. } => None,
        }
    }

    /// Lets the time of the store come to `time`.
    pub(super) async fn reach(&self, time: DateTime<Utc>) {
        match &self.time {
            Time::Turned(clock) => clock.set(time),
            Time::Real { .. } => {
                while let Ok(left) = (time - self.look(SessionId::random()).await.now).to_std() {
                    tokio::time::sleep(left).await;
                }
            }
        }
    }

    /// Lets the time of the store come to shortly before `time`: a quarter of a millisecond where it can be turned, and a
    /// moment where it cannot.
    pub(super) async fn reach_shortly_before(&self, time: DateTime<Utc>) {
        let shortly = match &self.time {
            Time::Turned(_) => Duration::from_micros(250),
            Time::Real { moment } => *moment,
        };
        self.reach(time - shortly).await;
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
        self.look(id).await.record
    }

    /// What a load gives, with the time.
    pub(super) async fn look(&self, id: SessionId) -> Loaded {
        succeeded("a session was loaded", self.store.load(id, 0).await)
    }

    /// The session loads as this, after what was done.
    pub(super) async fn loads(&self, id: SessionId, stored: Option<&Record>, done: &str) {
        kept(done, LOAD, &self.load(id).await.as_ref(), &stored);
    }

    /// Nothing loads of the session, after what was done.
    pub(super) async fn loads_nothing(&self, id: SessionId, done: &str) {
        self.loads(id, None, done).await;
    }

    pub(super) async fn commit(&self, commit: Commit) -> Written {
        succeeded("a record was committed", self.store.commit(commit).await).into()
    }

    /// Commits what nothing stands against, and gives its record.
    pub(super) async fn write(&self, commit: Commit) -> Record {
        let record = commit.record.clone();
        self.commits(commit, "a record was committed where what it expects is stored").await;
        record
    }

    /// The commit is done, after what was done.
    pub(super) async fn commits(&self, commit: Commit, done: &str) {
        kept(done, DONE, &self.commit(commit).await, &Written::Done);
    }

    /// The commit conflicts with what is stored, after what was done.
    pub(super) async fn conflicts(&self, commit: Commit, stored: Option<&Record>, done: &str) {
        kept(done, CONFLICT, &self.commit(commit).await, &Written::Conflict(stored.cloned()));
    }

    /// The commit is not done, after what was done.
    pub(super) async fn refuses(&self, commit: Commit, done: &str) {
        let verdict = self.commit(commit).await;
        if verdict == Written::Done {
            broken(done, CONFLICT, "Conflict(…)", &verdict);
        }
    }

    pub(super) async fn remove(&self, id: SessionId) -> bool {
        succeeded("a session was removed", self.store.remove(id).await)
    }

    /// The removal tells whether there was a live record, after what was done.
    pub(super) async fn removes(&self, id: SessionId, was_there: bool, done: &str) {
        kept(done, REMOVE, &self.remove(id).await, &was_there);
    }

    /// Claims for so long that no behaviour sees the end of it.
    pub(super) async fn due(&self, limit: usize) -> Vec<SessionId> {
        self.due_of(FLOW, limit).await
    }

    /// Claims sessions of another flow.
    pub(super) async fn due_of(&self, flow: &'static str, limit: usize) -> Vec<SessionId> {
        self.claim(Claim::new(flow, self.moments(100), limit)).await.ids
    }

    /// Claims sessions of the flow for one moment.
    pub(super) async fn due_for_a_moment(&self, flow: &'static str, limit: usize) -> Vec<SessionId> {
        self.claim(Claim::new(flow, self.moments(1), limit)).await.ids
    }

    pub(super) async fn claim(&self, claim: Claim) -> Due {
        succeeded("due sessions were claimed", self.store.due(claim).await)
    }

    /// These are due and no others, after what was done.
    pub(super) async fn are_due(&self, limit: usize, ids: &[SessionId], done: &str) {
        self.are_due_of(FLOW, limit, ids, done).await;
    }

    /// Puts a letter into a session's inbox, for a lease of `moments`.
    pub(super) async fn post(&self, id: SessionId, letter: &Letter, moments: u32) -> Posted {
        let post = Post::new(id, FLOW, letter.clone(), self.moments(moments));
        succeeded("a letter was posted", self.store.post(post).await)
    }

    /// The names of the letters that wait, up to `limit`.
    pub(super) async fn names(&self, id: SessionId, limit: usize) -> Vec<[u8; 16]> {
        self.letters(id, limit).await.into_iter().map(|letter| letter.name).collect()
    }

    pub(super) async fn letters(&self, id: SessionId, limit: usize) -> Vec<Letter> {
        succeeded("a session was loaded with its letters", self.store.load(id, limit).await).letters
    }

    /// These letters wait and no others, after what was done.
    pub(super) async fn keeps(&self, id: SessionId, letters: &[&Letter], done: &str) {
        let names: Vec<_> = letters.iter().map(|letter| letter.name).collect();
        kept(done, LETTERS, &self.names(id, ALL_LETTERS).await, &names);
    }

    /// Commits what nothing stands against, and tells how many letters are left.
    pub(super) async fn leaves(&self, commit: Commit) -> usize {
        match succeeded("a record was committed", self.store.commit(commit).await) {
            Verdict::Done { waiting } => waiting,
            Verdict::Conflict(loaded) => {
                broken("a record was committed where it was expected", DONE, "Done { … }", &loaded)
            }
        }
    }

    /// These are due of another flow and no others, after what was done.
    pub(super) async fn are_due_of(&self, flow: &'static str, limit: usize, ids: &[SessionId], done: &str) {
        let done = format!("{done}; then up to {limit} sessions of the flow {flow:?} were claimed that are due");
        kept(&done, DUE, &self.due_of(flow, limit).await.as_slice(), &ids);
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
        broken(&format!("sessions were browsed in pages of {limit}"), BROWSE, "a last page", &"10,000 pages and more");
    }

    /// These are browsed in pages of `limit`, each once and in any order, after what was done.
    pub(super) async fn browses(&self, limit: usize, ids: &BTreeSet<SessionId>, done: &str) {
        let mut browsed = self.browse(limit).await;
        browsed.sort_unstable();
        kept(
            &format!("{done}; then they were browsed in pages of {limit}"),
            BROWSE,
            &browsed,
            &Vec::from_iter(ids.clone()),
        );
    }

    pub(super) async fn page(&self, after: Option<Cursor>, limit: usize) -> (Vec<SessionId>, Option<Cursor>) {
        let page = succeeded("a page of sessions was browsed", self.store.browse(after, limit).await);
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

/// What became of a commit, without the time.
#[derive(Debug, PartialEq)]
pub(super) enum Written {
    Done,
    Conflict(Option<Record>),
}

impl From<Verdict> for Written {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Done { .. } => Self::Done,
            Verdict::Conflict(loaded) => Self::Conflict(loaded.record),
        }
    }
}

pub(super) const LOAD: &str = "`load` gives the record of the last commit, byte for byte, and none once it is removed or its time to live is over";

pub(super) const DONE: &str = "`commit` writes where what is stored is what it expects, and answers `Done`; to the commit \
    that is stored already it answers `Done` as well, and changes nothing";

pub(super) const CONFLICT: &str =
    "where something else is stored than a commit expects, it writes nothing, and hands back what is stored";

pub(super) const REMOVE: &str = "`remove` takes the record away, and tells whether there was a live one";

pub(super) const LETTERS: &str = "letters wait in the order of their posting, until a commit takes them off in the step in which it \
    writes, or the session is removed";

pub(super) const DUE: &str = "`due` claims the live sessions of the flow whose wake time has come and that no other claim holds, \
    the longest due first, and no more than the limit";

pub(super) const TIME: &str = "each answer that somebody decides by tells what time it is in the store, by its own clock, and never \
    an earlier time than an answer before";

pub(super) const BROWSE: &str = "`browse` comes to an end, and gives every live session of every flow once";

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
    let next = Record::compose(record.stamp().next(), body);
    Commit::new(id, Expect::At(record.prefix()), next, FLOW, "WELCOME")
}

/// A write of `record` where `stamp` is expected.
pub(super) fn at(id: SessionId, stamp: Stamp, record: Record) -> Commit {
    Commit::new(id, Expect::At(stamp.into()), record, FLOW, "WELCOME")
}

/// More than any behaviour posts.
pub(super) const ALL_LETTERS: usize = 1_000;

const MOST_PAGES: usize = 10_000;
