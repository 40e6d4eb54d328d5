//! Calls to the archive, each with a deadline: [`PatientArchive`].

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use thiserror::Error;
use tokio::time::{Instant, timeout_at};

use crate::{
    Archive, Moment, SessionId, StoreError, Utterance,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Kept, Latest},
    engine::{
        observer::{CallEnded, Verb},
        observers::Observers,
    },
    resilience::deadline,
};

/// An archive that is never waited for too long, and of whose calls the observers hear.
pub(super) struct PatientArchive {
    archive: Arc<dyn Archive>,
    deadline: Duration,
    flow: &'static str,
    observers: Arc<Observers>,
    /// Until when visitors do not wait for it, because it has just failed.
    rests_until: Mutex<Option<Instant>>,
}

/// How long visitors do not wait for an archive that has failed.
const REST: Duration = Duration::from_secs(1);

/// The archive took too long.
#[derive(Debug, Error)]
#[error("it did not answer within {0:?}")]
struct ArchiveLate(Duration);

/// The archive has just failed, and was not asked.
#[derive(Debug, Error)]
#[error("it failed a moment ago")]
struct JustFailed;

impl PatientArchive {
    pub(super) fn over(
        archive: Arc<dyn Archive>,
        deadline: Duration,
        flow: &'static str,
        observers: Arc<Observers>,
    ) -> Self {
        Self { archive, deadline, flow, observers, rests_until: Mutex::new(None) }
    }

    /// See [`Archive::put`].
    pub(super) async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
        self.call(Verb::ArchivePut, None, self.archive.put(entries)).await
    }

    /// See [`Archive::latest`].
    pub(super) async fn latest(&self, id: SessionId) -> Result<Latest, StoreError> {
        self.call(Verb::ArchiveLatest, Some(id), self.archive.latest(id)).await
    }

    /// The same in a turn, for which a visitor waits: if the archive has just failed, it is not asked.
    pub(super) async fn latest_at_once(&self, id: SessionId) -> Result<Latest, StoreError> {
        let rests_until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        if rests_until.is_some_and(|until| until > Instant::now()) {
            let error = StoreError::Unavailable(Box::new(JustFailed));
            self.tell(Verb::ArchiveLatest, Some(id), Duration::ZERO, Some(&error));
            return Err(error);
        }
        self.latest(id).await
    }

    /// See [`Archive::history`].
    pub(super) async fn history(
        &self,
        id: SessionId,
        from: u64,
        limit: usize,
    ) -> Result<Vec<ArchivedStep>, StoreError> {
        self.call(Verb::ArchiveHistory, Some(id), self.archive.history(id, from, limit)).await
    }

    /// See [`Archive::checkpoints`].
    pub(super) async fn checkpoints(&self, id: SessionId) -> Result<Vec<ArchivedCheckpoint>, StoreError> {
        self.call(Verb::ArchiveCheckpoints, Some(id), self.archive.checkpoints(id)).await
    }

    /// See [`Archive::purge_before`].
    pub(super) async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        self.call(Verb::ArchivePurge, None, self.archive.purge_before(time, limit)).await
    }

    /// See [`Archive::erase`].
    pub(super) async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        self.call(Verb::ArchiveErase, Some(id), self.archive.erase(id, at)).await
    }

    /// Whether it keeps what was said.
    pub(super) fn keeps_said(&self) -> bool {
        self.archive.transcripts().is_some()
    }

    /// See [`Transcripts::transcript`](crate::archive::Transcripts::transcript); nothing of an archive that has none.
    pub(super) async fn transcript(
        &self,
        id: SessionId,
        after: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Utterance>, StoreError> {
        let Some(transcripts) = self.archive.transcripts() else { return Ok(Vec::new()) };
        self.call(Verb::ArchiveTranscript, Some(id), transcripts.transcript(id, after, limit)).await
    }

    /// See [`Transcripts::forget_said_before`](crate::archive::Transcripts::forget_said_before).
    pub(super) async fn forget_said_before(
        &self,
        flow: &str,
        time: DateTime<Utc>,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let Some(transcripts) = self.archive.transcripts() else { return Ok(0) };
        self.call(Verb::ArchiveForgetSaid, None, transcripts.forget_said_before(flow, time, limit)).await
    }

    async fn call<T>(
        &self,
        verb: Verb,
        session: Option<SessionId>,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let began = Instant::now();
        let until = deadline::end_of(self.deadline);
        let patience = until.saturating_duration_since(began);
        let answer = timeout_at(until, call).await;
        let answer = answer.unwrap_or_else(|_| Err(StoreError::Unavailable(Box::new(ArchiveLate(patience)))));
        let rests_until = answer.is_err().then(|| Instant::now() + REST);
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = rests_until;
        self.tell(verb, session, began.elapsed(), answer.as_ref().err());
        answer
    }

    fn tell(&self, verb: Verb, session: Option<SessionId>, took: Duration, error: Option<&StoreError>) {
        self.observers.call_ended(&CallEnded { flow: self.flow, verb, session, bytes: None, took, error });
    }
}
