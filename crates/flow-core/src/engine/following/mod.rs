//! The room that follows the store with the archive: [`Archivist`].
//!
//! What was written is archived some time after, in batches; what the store has lost is found here again.

mod catching_up;
mod entry;
mod forgetting;
mod joining;
mod patient;
mod transcripts;

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::Instant};
use tracing::{Instrument, debug_span};

use super::{
    error::EngineError,
    keeper::{Keeper, Known, open, stays},
    observed::BatchEnded,
    observer::Event,
    observers::Observers,
    settings::Settings,
};
use crate::{
    Archive, Flow, Session, SessionId,
    archive::{Archived, Entry, Epoch, Kept, Latest},
    clock::after,
    store::{StoreError, StoreFailure},
};

pub use catching_up::CaughtUp;
use entry::{entry_of, follows};
use patient::PatientArchive;
use transcripts::LastLook;

/// Keeps the archive of a flow's sessions behind their store.
pub(super) struct Archivist<F: Flow> {
    keeper: Arc<Keeper<F>>,
    archive: PatientArchive,
    settings: Arc<Settings>,
    observers: Arc<Observers>,
    last_look: LastLook,
}

/// Where a session was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Stored,
    /// Not in the store, and in the archive.
    Archived,
    /// Not in the store, and the archive was asked in this epoch and has nothing.
    Nowhere(Epoch),
    /// Not in the store, and the archive was not asked.
    Unasked,
    /// Not in the store, and the archive cannot tell.
    Unknown,
}

impl Found {
    /// The epoch in which a session begins that was not found.
    pub(super) fn epoch(self) -> Option<Epoch> {
        if let Self::Nowhere(epoch) = self { Some(epoch) } else { None }
    }
}

/// What the archive has of a session that is not in the store.
pub(super) struct Sought<F: Flow> {
    pub(super) session: Option<Session<F>>,
    pub(super) found: Found,
    /// Whether it was erased at some time: what was accepted for it before then is to come to nothing.
    pub(super) was_erased: bool,
}

/// What became of a session that was put into the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The archive has it as it was.
    Archived,
    /// It did not know the same as the archive. The two are joined, and it is to be archived again.
    Joined,
    /// The archive can never take it as it is.
    Refused,
    /// It was erased from the archive, and now is from the store.
    Erased,
}

/// A session that was to be archived, and what became of it.
type Put = (SessionId, Result<Fate, EngineError>);

impl<F: Flow> Archivist<F> {
    pub(super) fn new(
        archive: Arc<dyn Archive>,
        keeper: Arc<Keeper<F>>,
        settings: Arc<Settings>,
        observers: Arc<Observers>,
    ) -> Self {
        let deadline = settings.deadlines.archive;
        let archive = PatientArchive::over(archive, deadline, F::GRAPH.name, Arc::clone(&observers));
        Self { keeper, archive, settings, observers, last_look: LastLook::default() }
    }

    /// Asks the archive for a session that there is not, so that it says whether it answers.
    pub(super) async fn answers(&self) -> Result<(), EngineError> {
        self.archive.latest(SessionId::random()).await.map(drop).map_err(EngineError::Archive)
    }

    /// The session as the archive has it, for a visitor whose session is not in the store, and whether it could tell.
    ///
    /// An archive that is away holds no visitor up, unless that is wished: the session then begins anew, and is joined to
    /// what is archived later.
    pub(super) async fn find(&self, id: SessionId) -> Result<Sought<F>, EngineError> {
        match self.archive.latest_at_once(id).instrument(debug_span!("find archived")).await {
            Ok(Latest { archived: Some(Archived { record, steps, .. }), epoch, has_tombstone: was_erased }) => {
                let stamp = record.stamp();
                let mut session = open(id, &record).map_err(stays)?;
                session.taken_from_archive(stamp, steps, epoch);
                Ok(Sought { session: Some(session), found: Found::Archived, was_erased })
            }
            Ok(Latest { archived: None, epoch, has_tombstone: was_erased }) => {
                Ok(Sought { session: None, found: Found::Nowhere(epoch), was_erased })
            }
            Err(error) if self.settings.archival.insist => Err(EngineError::Archive(error)),
            Err(error) => {
                tracing::warn!(session = %id, %error, "the archive cannot be asked, and the session begins anew");
                Ok(Sought { session: None, found: Found::Unknown, was_erased: false })
            }
        }
    }

    /// Whether a session was erased at some time. An archive that is away holds no visitor up here either, unless that is wished.
    pub(super) async fn was_erased(&self, id: SessionId) -> Result<bool, EngineError> {
        match self.archive.latest_at_once(id).instrument(debug_span!("find erased")).await {
            Ok(latest) => Ok(latest.has_tombstone),
            Err(error) if self.settings.archival.insist => Err(EngineError::Archive(error)),
            Err(_) => Ok(false),
        }
    }

    /// Archives these sessions, notes that in their records, and tells what became of each.
    ///
    /// Fails if the archive does.
    pub(super) async fn archive(self: Arc<Self>, batch: Vec<Known<F>>) -> Result<Vec<Put>, StoreError> {
        let began = Instant::now();
        let (size, lag) = (batch.len(), self.lag(&batch));
        let run = self.observers.counters.begin_run(size, lag);
        let tell = |error: Option<&StoreError>| {
            let took = began.elapsed();
            self.observers.batch_ended(&BatchEnded { flow: F::GRAPH.name, sessions: size, lag, took, error });
        };
        let now = batch.iter().map(|known| self.keeper.now(known)).max();
        let (mut sessions, mut entries, mut put) = (Vec::new(), Vec::new(), Vec::new());
        for known in batch {
            match entry_of(&known, self.archive.keeps_said()) {
                Ok(entry) => {
                    sessions.push(known);
                    entries.push(entry);
                }
                Err(_) => {
                    let (id, state) = (known.session.id(), known.session.state().name());
                    tracing::error!(session = %id, "a session cannot be written for the archive");
                    put.push((id, Err(EngineError::Unwritable { state })));
                }
            }
        }
        let kept = self.archive.put(&entries).instrument(debug_span!("archive")).await;
        match kept {
            Ok(kept) => {
                let mut notes = JoinSet::new();
                for ((known, entry), kept) in sessions.into_iter().zip(entries).zip(kept) {
                    notes.spawn(Arc::clone(&self).note(known, entry, kept).in_current_span());
                }
                put.extend(notes.join_all().await);
                if let Some(now) = now {
                    self.forget_some_said(now).await;
                }
            }
            // Their leases end, and then they are tried again.
            Err(error) => {
                tracing::warn!(%error, sessions = entries.len(), "sessions could not be archived, and will be later");
                run.end(began.elapsed());
                tell(Some(&error));
                return Err(error);
            }
        }
        run.end(began.elapsed());
        tell(None);
        Ok(put)
    }

    /// How long the session that waited the longest is overdue.
    fn lag(&self, batch: &[Known<F>]) -> Duration {
        let overdue = |known: &Known<F>| (self.keeper.now(known) - known.session.archive_at()?).to_std().ok();
        batch.iter().filter_map(overdue).max().unwrap_or_default()
    }

    /// Notes in the session's record what became of its entry.
    async fn note(self: Arc<Self>, known: Known<F>, entry: Entry, kept: Kept) -> Put {
        let (noted, fate) = match kept {
            Kept::Done => {
                self.observers.happened(Event::Archived);
                tracing::debug!(session = %entry.id, steps = entry.steps.len(), "a session was archived");
                (self.note_archived(known, &entry).await, Fate::Archived)
            }
            Kept::Moved(_) => (self.join(entry.id).await, Fate::Joined),
            Kept::Refused(reason) => (self.note_refused(known, &entry, &reason).await, Fate::Refused),
            Kept::Erased => {
                tracing::info!(session = %entry.id, "a session was erased, and is removed");
                (self.remove_erased(&entry).await, Fate::Erased)
            }
        };
        match noted {
            Ok(()) => (entry.id, Ok(fate)),
            Err(error) => {
                tracing::warn!(session = %entry.id, %error, "that a session is archived could not be noted");
                // What is not noted is found out when it is archived again; it is there all the same.
                (entry.id, if fate == Fate::Joined { Err(error) } else { Ok(fate) })
            }
        }
    }

    async fn note_archived(&self, known: Known<F>, entry: &Entry) -> Result<(), EngineError> {
        let next_step = entry.steps.last().map(|step| step.number + 1);
        let checkpoints: Vec<_> = entry.checkpoints.iter().map(|checkpoint| checkpoint.key).collect();
        let said: Vec<_> = entry.said.iter().map(|said| said.moment).collect();
        let noted = self.keeper.amend_known(known, |session, now| {
            if !follows(session, entry) {
                // The store has lost that session meanwhile, and has another one: the next archiving joins it to the archive's.
                return false;
            }
            // What came meanwhile waits its own time.
            let due_at = after(now, self.settings.archival.interval);
            session.note_archived(entry.record.stamp(), next_step, &checkpoints, due_at);
            session.said_is_archived(&said);
            session.cut_history(self.settings.limits.history, true);
            true
        });
        noted.await.map(drop)
    }

    async fn note_refused(&self, known: Known<F>, entry: &Entry, reason: &StoreFailure) -> Result<(), EngineError> {
        self.observers.happened(Event::ArchiveRefused);
        // Not logged with its text, which may quote the row: an operator can read it in the record.
        tracing::error!(session = %entry.id, "the archive refuses a session, which is set aside until it changes");
        let noted = self.keeper.amend_known(known, |session, _| {
            if session.stamp() != entry.record.stamp() {
                // It has changed already, and may be taken now.
                return false;
            }
            session.note_refused(&reason.to_string());
            true
        });
        noted.await.map(drop)
    }

    async fn remove_erased(&self, entry: &Entry) -> Result<(), EngineError> {
        let _lock = self.keeper.lock(entry.id).await;
        let Some(known) = self.keeper.read(entry.id).await?.known else { return Ok(()) };
        // A conversation that has begun since then is not removed.
        if known.session.created_at() == entry.summary.created_at {
            self.keeper.remove(entry.id).await?;
        }
        Ok(())
    }
}
