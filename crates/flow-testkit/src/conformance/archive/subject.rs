//! The archive that a behaviour is shown on: [`ArchiveSubject`].

use std::{any::Any, fmt, sync::Arc};

use chrono::{DateTime, Utc};
use flow_core::{
    Archive, SessionId, Stamp,
    archive::{Archived, ArchivedCheckpoint, ArchivedStep, Entry, Epoch, Kept, Latest},
};

use crate::conformance::promise::{broken, kept, succeeded};

/// A fresh, empty archive.
pub struct ArchiveSubject {
    archive: Arc<dyn Archive>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl ArchiveSubject {
    /// The archive to show the behaviour on.
    pub fn new(archive: impl Archive + 'static) -> Self {
        Self { archive: Arc::new(archive), kept: Vec::new() }
    }

    /// Keeps `thing` until the behaviour was shown: a temporary folder, a server that stops when it is dropped.
    #[must_use]
    pub fn keeping(mut self, thing: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(thing));
        self
    }

    /// A handle of the archive; all handles reach the same one.
    pub fn archive(&self) -> Arc<dyn Archive> {
        Arc::clone(&self.archive)
    }

    pub(super) async fn put_all(&self, entries: &[Entry]) -> Vec<Kept> {
        let verdicts = succeeded("entries were put", self.archive.put(entries).await);
        let done = format!("{} entries were put in one call: how many verdicts came?", entries.len());
        kept(&done, "`put` says of each entry what became of it, in their order", &verdicts.len(), &entries.len());
        verdicts
    }

    pub(super) async fn put(&self, entry: &Entry) -> Kept {
        self.put_all(std::slice::from_ref(entry)).await.remove(0)
    }

    /// Puts what nothing stands against.
    pub(super) async fn keep(&self, entry: Entry) -> Entry {
        assert_done(&self.put(&entry).await, "an entry was put where what it expects is kept");
        entry
    }

    pub(super) async fn latest(&self, id: SessionId) -> Option<Archived> {
        self.look(id).await.archived
    }

    pub(super) async fn epoch(&self, id: SessionId) -> Epoch {
        self.look(id).await.epoch
    }

    pub(super) async fn has_tombstone(&self, id: SessionId) -> bool {
        self.look(id).await.has_tombstone
    }

    async fn look(&self, id: SessionId) -> Latest {
        succeeded("the latest record of a session was asked for", self.archive.latest(id).await)
    }

    pub(super) async fn steps(&self, id: SessionId, from: u64, limit: usize) -> Vec<ArchivedStep> {
        succeeded("the history of a session was asked for", self.archive.history(id, from, limit).await)
    }

    pub(super) async fn history(&self, id: SessionId) -> Vec<ArchivedStep> {
        self.steps(id, 0, 10_000).await
    }

    pub(super) async fn checkpoints(&self, id: SessionId) -> Vec<ArchivedCheckpoint> {
        succeeded("the checkpoints of a session were asked for", self.archive.checkpoints(id).await)
    }

    pub(super) async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> usize {
        succeeded("old sessions were purged", self.archive.purge_before(time, limit).await)
    }

    /// A purge tells that it forgot so many sessions, after what was done.
    pub(super) async fn purges(&self, time: DateTime<Utc>, limit: usize, sessions: usize, done: &str) {
        let done = format!("{done}; then up to {limit} sessions from before {time} were purged: how many were there?");
        kept(&done, PURGE, &self.purge_before(time, limit).await, &sessions);
    }

    pub(super) async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> bool {
        succeeded("a session was erased", self.archive.erase(id, at).await)
    }

    /// An erasure tells whether there was anything, after what was done.
    pub(super) async fn erases(&self, id: SessionId, at: DateTime<Utc>, was_there: bool, done: &str) {
        kept(&format!("{done}: was there anything?"), ERASE, &self.erase(id, at).await, &was_there);
    }

    /// Of the session there is what `entries` brought, the last record among it, and nothing else, after what was done.
    pub(super) async fn holds(&self, entries: &[&Entry], done: &str) {
        let last = entries.last().expect("an entry");
        let latest = self.latest(last.id).await;
        let record = latest.as_ref().map(|latest| &latest.record);
        kept(done, LATEST, &record, &Some(&last.record));
        let steps: Vec<_> = entries.iter().flat_map(|entry| entry.steps.clone()).collect();
        let next = steps.last().map_or(0, |step| step.number + 1);
        kept(done, NEXT_STEP, &latest.map(|latest| latest.steps), &Some(next));
        kept(done, STEPS, &self.history(last.id).await, &steps);
        let checkpoints: Vec<_> = entries.iter().flat_map(|entry| entry.checkpoints.clone()).collect();
        kept(done, CHECKPOINTS, &Shown(&self.checkpoints(last.id).await), &Shown(&checkpoints));
    }

    /// There is nothing of the session, after what was done.
    pub(super) async fn holds_nothing_of(&self, id: SessionId, done: &str) {
        let promise =
            "of a session that is not kept, or was purged or erased, there is neither record nor step nor checkpoint";
        kept(done, promise, &self.latest(id).await, &None);
        kept(done, promise, &self.history(id).await, &Vec::<ArchivedStep>::new());
        kept(done, promise, &self.checkpoints(id).await, &Vec::<ArchivedCheckpoint>::new());
    }
}

/// Checkpoints with what they know, which their own `Debug` leaves out.
#[derive(PartialEq)]
pub(super) struct Shown<'c>(pub(super) &'c [ArchivedCheckpoint]);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |it: &ArchivedCheckpoint| (it.key, it.state.clone(), it.data.clone(), it.shared.clone(), it.at);
        f.debug_list().entries(self.0.iter().map(shown)).finish()
    }
}

impl fmt::Debug for ArchiveSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveSubject").field("kept", &self.kept.len()).finish_non_exhaustive()
    }
}

pub(super) const LATEST: &str = "`latest` gives the last record that was kept, byte for byte";

pub(super) const STEPS: &str = "`history` gives every step that was kept, as it was put first, in the order of the numbers, from \
    the number that it is asked for and no more than the limit";

pub(super) const NEXT_STEP: &str =
    "`latest` gives the number behind the largest one of a step, and 0 where there is no step";

pub(super) const CHECKPOINTS: &str =
    "`checkpoints` gives every checkpoint that was kept, as it was put first and in the order of the keys";

pub(super) const PURGE: &str = "`purge_before` forgets those sessions first whose last turn is the longest ago, only such as \
    had it before the time, no more than the limit, and tells how many; it forgets as many tombstones, and counts none";

pub(super) const EPOCH: &str =
    "`latest` tells the archive's epoch, which rises with each erasure, and neither rises nor falls by anything else";

pub(super) const TOMBSTONE: &str = "`latest` tells whether the session has a tombstone";

pub(super) const ERASE: &str =
    "`erase` forgets everything of a session, leaves a tombstone, and tells whether there was anything";

#[track_caller]
pub(super) fn assert_done(verdict: &Kept, done: &str) {
    if !matches!(verdict, Kept::Done) {
        let promise = "an entry is kept where what it expects is kept; one that is kept already is `Done` as well";
        broken(done, promise, "Done", verdict);
    }
}

#[track_caller]
pub(super) fn assert_moved(verdict: &Kept, stored: Option<Stamp>, done: &str) {
    if !matches!(verdict, Kept::Moved(told) if *told == stored) {
        let promise =
            "where something else is kept than an entry expects, nothing is written, and `Moved` tells what it is";
        broken(done, promise, &format!("Moved({stored:?})"), verdict);
    }
}

#[track_caller]
pub(super) fn assert_erased(verdict: &Kept, done: &str) {
    if !matches!(verdict, Kept::Erased) {
        let promise = "an entry of an earlier epoch than the last erasure of its session, or of no epoch and reaching back to \
            its time, is `Erased`, whatever else it expects";
        broken(done, promise, "Erased", verdict);
    }
}
