//! From the store to the archive: what was written is put there in batches, some time after.

use chrono::TimeDelta;
use tokio::time::Instant;
use tracing::{Instrument, debug_span};

use super::{
    Inner, deliver::LONGEST_ERROR, error::EngineError, report::Unread, settings::after, shelves::Shelves, stats::Event,
};
use crate::{
    Flow, Record, Session, SessionId,
    archive::{Archived, ArchivedCheckpoint, Entry, Kept, Status, Step, Summary},
    encoding::StateData,
    graph::Role,
    store::StoreFailure,
    todo::{Pending, What},
};

/// A session, and the record that it was read from.
pub(super) struct Written<F: Flow> {
    pub(super) session: Session<F>,
    pub(super) record: Record,
}

impl<F: Flow> Inner<F> {
    /// The session as the archive has it, for a visitor whose session is not in the store; none if there is none.
    ///
    /// An archive that is away holds nobody up, unless that is wished: the session then begins anew, and is joined to what
    /// is archived later.
    pub(super) async fn find_archived(&self, id: SessionId) -> Result<Option<Session<F>>, EngineError> {
        let Some(shelves) = &self.archive else { return Ok(None) };
        match shelves.latest(id).instrument(debug_span!("find archived")).await {
            Ok(Some(Archived { record, steps })) => {
                let mut session = Session::from_record(id, &record).unread()?;
                let archiving = &mut session.todo.archiving;
                archiving.hold(Some(record.stamp()));
                archiving.steps = steps;
                archiving.checkpoints.clear();
                Ok(Some(session))
            }
            Ok(None) => Ok(None),
            Err(error) => {
                self.counters.count(Event::ArchiveFailed);
                if self.settings.insist_on_archive {
                    return Err(EngineError::Archive(error));
                }
                tracing::warn!(session = %id, %error, "the archive cannot be asked, and the session begins anew");
                Ok(None)
            }
        }
    }

    /// Archives these sessions, and says so in their records.
    pub(super) async fn archive(&self, batch: Vec<Written<F>>) {
        let Some(shelves) = &self.archive else { return };
        let began = Instant::now();
        let lag = batch.iter().filter_map(|written| written.session.todo.archiving.due_at).min();
        let lag = lag.and_then(|due_at| (self.clock.now() - due_at).to_std().ok()).unwrap_or_default();
        self.counters.begins_run(batch.len(), lag);
        let entries: Vec<Entry> = batch.iter().filter_map(|written| Self::entry_of(written)).collect();
        let kept = shelves.ask(|archive| archive.put(&entries)).instrument(debug_span!("archive")).await;
        match kept {
            Ok(kept) => {
                for (entry, kept) in entries.iter().zip(kept) {
                    if let Err(error) = self.note_kept(shelves, entry, kept).await {
                        tracing::warn!(session = %entry.id, %error, "that a session is archived could not be noted");
                    }
                }
            }
            // Their leases end, and then they are tried again.
            Err(error) => {
                self.counters.count(Event::ArchiveFailed);
                tracing::warn!(%error, sessions = entries.len(), "sessions could not be archived, and will be later");
            }
        }
        self.counters.ends_run(batch.len(), began.elapsed());
    }

    fn entry_of(written: &Written<F>) -> Option<Entry> {
        written
            .entry()
            .inspect_err(|_| {
                tracing::error!(session = %written.session.id, "a session cannot be written for the archive");
            })
            .ok()
    }

    async fn note_kept(&self, shelves: &Shelves, entry: &Entry, kept: Kept) -> Result<(), EngineError> {
        match kept {
            Kept::Done => {
                self.counters.count(Event::Archived);
                self.note_archived(entry).await
            }
            Kept::Moved(_) => self.join(shelves, entry.id).await,
            Kept::Refused(reason) => self.note_refused(entry, &reason).await,
            Kept::Erased => {
                tracing::info!(session = %entry.id, "a session was erased, and is removed");
                self.remove_erased(entry).await
            }
        }
    }

    async fn note_archived(&self, entry: &Entry) -> Result<(), EngineError> {
        let noted = self.amend(entry.id, |session| {
            if !session.follows(entry) {
                // Its store has lost it meanwhile, and it is another: the next archiving finds the two apart, and joins them.
                return false;
            }
            let now = self.clock.now();
            let is_last = session.stamp == entry.record.stamp();
            let archiving = &mut session.todo.archiving;
            archiving.hold(Some(entry.record.stamp()));
            archiving.steps = entry.steps.last().map_or(archiving.steps, |step| archiving.steps.max(step.number + 1));
            archiving
                .checkpoints
                .retain(|pending| !entry.checkpoints.iter().any(|kept| kept.key == pending.key(entry.id)));
            archiving.tries = 0;
            // What came meanwhile waits its own time.
            let interval = self.settings.archive_interval;
            archiving.due_at = if is_last { None } else { Some(after(now, interval).unwrap_or(now)) };
            session.cut_history(self.settings.history_limit, true);
            true
        });
        noted.await.map(drop)
    }

    async fn note_refused(&self, entry: &Entry, reason: &StoreFailure) -> Result<(), EngineError> {
        self.counters.count(Event::ArchiveRefused);
        // The reason's text may quote the row, and is for whoever asks for the record.
        tracing::error!(session = %entry.id, "the archive refuses a session, which is set aside until it changes");
        let noted = self.amend(entry.id, |session| {
            if session.stamp != entry.record.stamp() {
                // It has changed already, and may be taken now.
                return false;
            }
            session.todo.archiving.refused = Some(reason.to_string().chars().take(LONGEST_ERROR).collect());
            session.todo.archiving.due_at = None;
            true
        });
        noted.await.map(drop)
    }

    async fn remove_erased(&self, entry: &Entry) -> Result<(), EngineError> {
        let _lock = self.locks.async_lock(entry.id).await;
        let Some(record) = self.load(entry.id).await? else { return Ok(()) };
        // Whoever has begun anew since then is not removed.
        if Session::<F>::from_record(entry.id, &record)?.created_at == entry.summary.created_at {
            self.remove(entry.id).await?;
        }
        Ok(())
    }

    /// Joins a session to what the archive has of it, where that is not what its record says.
    ///
    /// Either the last archiving was not noted, or the two are of different lineages: then the steps that are not archived
    /// follow those that are, and the version goes on from the higher one.
    async fn join(&self, shelves: &Shelves, id: SessionId) -> Result<(), EngineError> {
        let archived = shelves.ask(|archive| archive.latest(id)).await.map_err(EngineError::Archive)?;
        let Some(archived) = archived else { return self.archive_from_the_start(id).await };
        let Some(session) = self.look_up_session(id).await? else { return Ok(()) };
        let history = |from, limit| async move {
            shelves.ask(|archive| archive.history(id, from, limit)).await.map_err(EngineError::Archive)
        };
        let first = session.first_unarchived();
        let theirs = history(first, LONGEST_HISTORY).await?;
        let last = history(archived.steps.saturating_sub(1), 1).await?;
        let mut is_repaired = false;
        let joined = self.amend(id, |session| {
            if session.first_unarchived() != first {
                // Somebody has noted more meanwhile: next time.
                return false;
            }
            let ours = session.unarchived_steps();
            let common = ours.iter().zip(&theirs).take_while(|(our, their)| is_same(our, their)).count();
            let stamp = archived.record.stamp();
            is_repaired = common < theirs.len() || stamp.version > session.stamp.version;
            if common < theirs.len() {
                let known = first + common as u64;
                let conversation = last.first().map_or(0, |step| step.conversation);
                session.past.conversations += conversation.saturating_sub(session.conversation_at(known));
                session.past.steps += archived.steps.saturating_sub(known);
            }
            session.stamp.version = session.stamp.version.max(stamp.version);
            session.todo.archiving.steps = archived.steps;
            session.todo.archiving.hold(Some(stamp));
            session.todo.archiving.due_at = Some(self.clock.now());
            true
        });
        if joined.await?.is_some() && is_repaired {
            self.counters.count(Event::ArchiveRepaired);
            tracing::warn!(session = %id, "the archive had another lineage of a session: the two are joined");
        }
        Ok(())
    }

    async fn look_up_session(&self, id: SessionId) -> Result<Option<Session<F>>, EngineError> {
        let record = self.load(id).await?;
        Ok(record.map(|record| Session::from_record(id, &record)).transpose().unread()?)
    }

    /// The archive has nothing of a session that it should have: everything that the record has is archived again.
    async fn archive_from_the_start(&self, id: SessionId) -> Result<(), EngineError> {
        let noted = self.amend(id, |session| {
            session.todo.archiving.hold(None);
            session.todo.archiving.steps = 0;
            session.todo.archiving.due_at = Some(self.clock.now());
            true
        });
        noted.await.map(drop)
    }
}

/// Whether the archive has this step. It may keep a time to the microsecond only.
fn is_same(our: &Step, their: &Step) -> bool {
    let (our, their) = (&our.transition, &their.transition);
    let apart = (our.at - their.at).abs();
    (&our.from, &our.to, our.by) == (&their.from, &their.to, their.by) && apart <= TimeDelta::microseconds(1)
}

/// So many steps of a session are compared at most.
const LONGEST_HISTORY: usize = 10_000;

impl<F: Flow> Written<F> {
    /// What the archive is to keep of it.
    ///
    /// Fails if the state cannot be written as JSON.
    fn entry(&self) -> Result<Entry, serde_json::Error> {
        let session = &self.session;
        let status = match session.state.node().role {
            Role::End => Status::Ended,
            _ if session.lapsed_at.is_some() => Status::Lapsed,
            _ => Status::Open,
        };
        let summary = Summary {
            flow: F::GRAPH.name.to_owned(),
            flow_version: F::GRAPH.version,
            state: session.state.name().to_owned(),
            data: serde_json::to_value(StateData(&session.state))?,
            status,
            language: session.language.clone(),
            created_at: session.created_at,
            updated_at: session.updated_at,
            expires_at: session.expires_at,
        };
        let checkpoints = session.todo.archiving.checkpoints.iter();
        Ok(Entry {
            id: session.id,
            expect: session.todo.archiving.expect(),
            record: self.record.clone(),
            summary,
            steps: session.unarchived_steps(),
            checkpoints: checkpoints.filter_map(|pending| archived_checkpoint(pending, session.id)).collect(),
        })
    }
}

fn archived_checkpoint(pending: &Pending, session: SessionId) -> Option<ArchivedCheckpoint> {
    let What::Checkpoint(snapshot) = &pending.what else { return None };
    Some(ArchivedCheckpoint {
        key: pending.key(session),
        state: snapshot.current.clone(),
        data: snapshot.data.clone(),
        shared: snapshot.shared.clone(),
        at: pending.at,
    })
}

impl<F: Flow> Session<F> {
    /// The steps that the archive does not have, as far as this record knows.
    fn unarchived_steps(&self) -> Vec<Step> {
        let mut conversation = self.past.conversations;
        let steps = self.history.iter().zip(self.past.steps..).map(|(transition, number)| {
            conversation += u64::from(transition.by.begins());
            let state = F::GRAPH.find(&transition.to);
            Step {
                number,
                conversation,
                transition: transition.clone(),
                place: state.and_then(|state| u32::try_from(state).ok()),
                is_end: state.is_some_and(|state| F::GRAPH.states[state].role == Role::End),
            }
        });
        steps.filter(|step| step.number >= self.todo.archiving.steps).collect()
    }

    /// Whether this may be the session that the entry is of, or what became of it: it is no older, and took its last step.
    fn follows(&self, entry: &Entry) -> bool {
        let (stamp, kept) = (self.stamp, entry.record.stamp());
        let has_step = entry.steps.last().is_none_or(|step| match step.number.checked_sub(self.past.steps) {
            Some(place) => {
                let place = usize::try_from(place).unwrap_or(usize::MAX);
                self.history.get(place).is_some_and(|transition| *transition == step.transition)
            }
            // Nothing is cut that is not archived; so it was, by somebody else.
            None => true,
        });
        stamp == kept || (stamp.version > kept.version && has_step)
    }

    /// The number of the first step that is in this record and not in the archive.
    fn first_unarchived(&self) -> u64 {
        self.todo.archiving.steps.max(self.past.steps)
    }

    /// In which conversation the session is before the step with this number.
    fn conversation_at(&self, number: u64) -> u64 {
        let steps = usize::try_from(number.saturating_sub(self.past.steps)).unwrap_or(usize::MAX);
        self.past.conversations + self.history.iter().take(steps).filter(|step| step.by.begins()).count() as u64
    }
}
