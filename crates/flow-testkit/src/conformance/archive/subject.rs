//! The archive that a behaviour is shown on: [`ArchiveSubject`].

use std::{any::Any, fmt, sync::Arc};

use chrono::{DateTime, Utc};
use flow_core::{
    Archive, SessionId, Stamp,
    archive::{Archived, ArchivedCheckpoint, ArchivedStep, Entry, Kept},
};

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
        let verdicts = self.archive.put(entries).await.expect("the archive takes the entries");
        assert_eq!(verdicts.len(), entries.len(), "a verdict for each entry");
        verdicts
    }

    pub(super) async fn put(&self, entry: &Entry) -> Kept {
        self.put_all(std::slice::from_ref(entry)).await.remove(0)
    }

    /// Puts what nothing stands against.
    pub(super) async fn keep(&self, entry: Entry) -> Entry {
        assert_done(&self.put(&entry).await);
        entry
    }

    pub(super) async fn latest(&self, id: SessionId) -> Option<Archived> {
        self.archive.latest(id).await.expect("the archive tells what it last kept")
    }

    pub(super) async fn steps(&self, id: SessionId, from: u64, limit: usize) -> Vec<ArchivedStep> {
        self.archive.history(id, from, limit).await.expect("the archive tells the history")
    }

    pub(super) async fn history(&self, id: SessionId) -> Vec<ArchivedStep> {
        self.steps(id, 0, 10_000).await
    }

    pub(super) async fn checkpoints(&self, id: SessionId) -> Vec<ArchivedCheckpoint> {
        self.archive.checkpoints(id).await.expect("the archive tells the checkpoints")
    }

    pub(super) async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> usize {
        self.archive.purge_before(time, limit).await.expect("the archive purges")
    }

    pub(super) async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> bool {
        self.archive.erase(id, at).await.expect("the archive erases")
    }

    /// Of the session there is what `entries` brought, the last record among it, and nothing else.
    pub(super) async fn assert_holds(&self, entries: &[&Entry]) {
        let last = entries.last().expect("an entry");
        let latest = self.latest(last.id).await.expect("a session that is kept");
        assert_eq!(latest.record, last.record);
        let steps: Vec<_> = entries.iter().flat_map(|entry| entry.steps.clone()).collect();
        assert_eq!(latest.steps, steps.last().map_or(0, |step| step.number + 1));
        assert_eq!(self.history(last.id).await, steps);
        let checkpoints: Vec<_> = entries.iter().flat_map(|entry| entry.checkpoints.clone()).collect();
        assert_eq!(self.checkpoints(last.id).await, checkpoints);
    }

    /// There is nothing of the session.
    pub(super) async fn assert_holds_nothing_of(&self, id: SessionId) {
        assert_eq!(self.latest(id).await, None);
        assert_eq!(self.history(id).await, []);
        assert_eq!(self.checkpoints(id).await, []);
    }
}

impl fmt::Debug for ArchiveSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveSubject").field("kept", &self.kept.len()).finish_non_exhaustive()
    }
}

pub(super) fn assert_done(kept: &Kept) {
    assert!(matches!(kept, Kept::Done), "{kept:?} instead of done");
}

pub(super) fn assert_moved(kept: &Kept, stored: Option<Stamp>) {
    assert!(matches!(kept, Kept::Moved(told) if *told == stored), "{kept:?} instead of moved to {stored:?}");
}

pub(super) fn assert_erased(kept: &Kept) {
    assert!(matches!(kept, Kept::Erased), "{kept:?} instead of erased");
}
