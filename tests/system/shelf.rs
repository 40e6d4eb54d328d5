//! An archive that a test can have away, have refuse, and hold in the middle of a write.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, Utc};
use flow_core::{
    Archive, Cause, EngineBuilder, Moment, SessionId, StoreError, Utterance,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Kept, Latest, Transcripts},
};
use flow_memory::MemoryArchive;
use tokio::sync::Semaphore;

use crate::{
    flow::Booking,
    stage::{Stage, salon},
};

#[derive(Debug)]
pub(crate) struct Shelf {
    archive: Arc<dyn Archive>,
    is_away: AtomicBool,
    /// Whether it can keep what was said, if the archive behind it can.
    has_transcripts: bool,
    last_entries: Mutex<Vec<Entry>>,
    refused: Mutex<Option<SessionId>>,
    quoted: Mutex<Option<String>>,
    /// How many writes may pass, if they are held.
    held: Mutex<Option<Arc<Semaphore>>>,
    /// How many answers may pass that give what was last kept, if they are held.
    held_answers: Mutex<Option<Arc<Semaphore>>>,
    /// How many answers were held so far.
    waiting_answers: AtomicUsize,
}

impl Default for Shelf {
    fn default() -> Self {
        Self::over(Arc::new(MemoryArchive::new()))
    }
}

impl Shelf {
    pub(crate) fn over(archive: Arc<dyn Archive>) -> Self {
        Self {
            archive,
            is_away: AtomicBool::default(),
            has_transcripts: true,
            last_entries: Mutex::default(),
            refused: Mutex::default(),
            quoted: Mutex::default(),
            held: Mutex::default(),
            held_answers: Mutex::default(),
            waiting_answers: AtomicUsize::default(),
        }
    }

    /// One that cannot keep what was said.
    pub(crate) fn without_transcripts() -> Self {
        Self { has_transcripts: false, ..Self::default() }
    }

    pub(crate) fn is_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }

    pub(crate) fn refuses(&self, id: Option<SessionId>) {
        *self.refused.lock().expect("a lock") = id;
    }

    /// Says this of whatever it refuses.
    pub(crate) fn quotes(&self, row: String) {
        *self.quoted.lock().expect("a lock") = Some(row);
    }

    /// Holds every write from now on, until it is let pass.
    pub(crate) fn holds_writes(&self) -> Arc<Semaphore> {
        let passes = Arc::new(Semaphore::new(0));
        *self.held.lock().expect("a lock") = Some(Arc::clone(&passes));
        passes
    }

    /// Holds no write any more that comes from now on.
    pub(crate) fn lets_writes_pass(&self) {
        *self.held.lock().expect("a lock") = None;
    }

    /// Holds every answer from now on that gives what was last kept, until it is let pass.
    pub(crate) fn holds_answers(&self) -> Arc<Semaphore> {
        let passes = Arc::new(Semaphore::new(0));
        *self.held_answers.lock().expect("a lock") = Some(Arc::clone(&passes));
        passes
    }

    /// How many answers were held so far.
    pub(crate) fn waiting_answers(&self) -> usize {
        self.waiting_answers.load(Ordering::SeqCst)
    }

    /// The steps that are kept, by what they say.
    pub(crate) async fn steps(&self, id: SessionId) -> Vec<String> {
        let steps = self.archive.history(id, 0, 1_000).await.expect("a history");
        assert!(steps.iter().zip(0..).all(|(step, number)| step.number == number), "{steps:?}");
        steps.iter().map(|step| step.transition.to_string()).collect()
    }

    /// What was last put, kept or not.
    pub(crate) fn last_entries(&self) -> Vec<Entry> {
        self.last_entries.lock().expect("a lock").clone()
    }

    /// Which conversation each of the kept beginnings is numbered as.
    pub(crate) async fn beginnings(&self, id: SessionId) -> Vec<(Cause, u64)> {
        let steps = self.archive.history(id, 0, 1_000).await.expect("a history");
        let beginnings = steps.iter().filter(|step| step.transition.by.begins());
        beginnings.map(|step| (step.transition.by, step.conversation)).collect()
    }

    fn here(&self) -> Result<&Arc<dyn Archive>, StoreError> {
        let is_away = self.is_away.load(Ordering::SeqCst);
        if is_away { Err(StoreError::Unavailable("it is away".into())) } else { Ok(&self.archive) }
    }
}

#[async_trait]
impl Archive for Shelf {
    async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
        *self.last_entries.lock().expect("a lock") = entries.to_vec();
        let held = self.held.lock().expect("a lock").clone();
        if let Some(passes) = held {
            passes.acquire().await.expect("it is open").forget();
        }
        let ids: HashSet<_> = entries.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), entries.len(), "no two entries are of one session");
        let refused = *self.refused.lock().expect("a lock");
        let mut kept = Vec::new();
        for entry in entries {
            kept.push(if refused == Some(entry.id) {
                let quoted = self.quoted.lock().expect("a lock").clone();
                Kept::Refused(quoted.unwrap_or_else(|| "a row that can never be kept".into()).into())
            } else {
                self.here()?.put(std::slice::from_ref(entry)).await?.remove(0)
            });
        }
        Ok(kept)
    }

    async fn latest(&self, id: SessionId) -> Result<Latest, StoreError> {
        let latest = self.here()?.latest(id).await;
        let held = self.held_answers.lock().expect("a lock").clone();
        if let Some(passes) = held {
            self.waiting_answers.fetch_add(1, Ordering::SeqCst);
            passes.acquire().await.expect("it is open").forget();
        }
        latest
    }

    async fn history(&self, id: SessionId, from: u64, limit: usize) -> Result<Vec<ArchivedStep>, StoreError> {
        let mut steps = self.here()?.history(id, from, limit).await?;
        // As a database keeps times.
        for step in &mut steps {
            step.transition.at = step.transition.at.trunc_subsecs(6);
        }
        Ok(steps)
    }

    async fn checkpoints(&self, id: SessionId) -> Result<Vec<ArchivedCheckpoint>, StoreError> {
        self.here()?.checkpoints(id).await
    }

    async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        self.here()?.purge_before(time, limit).await
    }

    async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.here()?.erase(id, at).await
    }

    fn transcripts(&self) -> Option<&dyn Transcripts> {
        self.archive.transcripts().filter(|_| self.has_transcripts).map(|_| self as &dyn Transcripts)
    }
}

#[async_trait]
impl Transcripts for Shelf {
    async fn transcript(
        &self,
        id: SessionId,
        after: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Utterance>, StoreError> {
        self.here()?.transcripts().expect("it was asked for").transcript(id, after, limit).await
    }

    async fn forget_said_before(&self, flow: &str, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        self.here()?.transcripts().expect("it was asked for").forget_said_before(flow, time, limit).await
    }
}

/// A stage whose engine archives to a shelf.
pub(crate) fn archiving(
    builder: impl FnOnce(EngineBuilder<Booking>) -> EngineBuilder<Booking>,
) -> (Stage<Booking>, Arc<Shelf>) {
    let shelf = Arc::<Shelf>::default();
    let engine = builder(salon()).archive(Arc::clone(&shelf));
    (Stage::with(engine), shelf)
}
