//! From the store to the archive: what was written is put there in batches, some time after.

use std::sync::Arc;

use tokio::{task::JoinSet, time::Instant};
use tracing::{Instrument, debug_span};

use super::{
    Inner, decide::Found, deliver::LONGEST_ERROR, entry::Written, error::EngineError, report::Unread, stats::Event,
};
use crate::{
    Flow, Session, SessionId,
    archive::{Archived, Entry, Kept},
    clock::after,
    store::StoreFailure,
};

impl<F: Flow> Inner<F> {
    /// The session as the archive has it, for a visitor whose session is not in the store, and whether it could tell.
    ///
    /// An archive that is away holds nobody up, unless that is wished: the session then begins anew, and is joined to what
    /// is archived later.
    pub(super) async fn find_archived(&self, id: SessionId) -> Result<(Option<Session<F>>, Found), EngineError> {
        let Some(shelves) = &self.archive else { return Ok((None, Found::Nowhere)) };
        match shelves.latest(id).instrument(debug_span!("find archived")).await {
            Ok(Some(Archived { record, steps })) => {
                let mut session = Session::from_record(id, &record).unread()?;
                let archiving = &mut session.todo.archiving;
                archiving.hold(Some(record.stamp()));
                archiving.steps = steps;
                archiving.checkpoints.clear();
                Ok((Some(session), Found::Archived))
            }
            Ok(None) => Ok((None, Found::Nowhere)),
            Err(error) => {
                self.counters.count(Event::ArchiveFailed);
                if self.settings.insist_on_archive {
                    return Err(EngineError::Archive(error));
                }
                tracing::warn!(session = %id, %error, "the archive cannot be asked, and the session begins anew");
                Ok((None, Found::Unknown))
            }
        }
    }

    /// Archives these sessions, and says so in their records.
    pub(super) async fn archive(self: Arc<Self>, batch: Vec<Written<F>>) {
        let Some(shelves) = &self.archive else { return };
        let began = Instant::now();
        let lag = batch.iter().filter_map(|written| written.session.todo.archiving.due_at).min();
        let lag = lag.and_then(|due_at| (self.clock.now() - due_at).to_std().ok()).unwrap_or_default();
        let run = self.counters.begins_run(batch.len(), lag);
        let (sessions, entries): (Vec<_>, Vec<_>) = batch.into_iter().filter_map(Self::entry_of).unzip();
        let kept = shelves.ask(|archive| archive.put(&entries)).instrument(debug_span!("archive")).await;
        match kept {
            Ok(kept) => {
                let mut notes = JoinSet::new();
                for ((session, entry), kept) in sessions.into_iter().zip(entries).zip(kept) {
                    notes.spawn(Arc::clone(&self).note_kept(session, entry, kept).in_current_span());
                }
                notes.join_all().await;
            }
            // Their leases end, and then they are tried again.
            Err(error) => {
                self.counters.count(Event::ArchiveFailed);
                tracing::warn!(%error, sessions = entries.len(), "sessions could not be archived, and will be later");
            }
        }
        run.ends(began.elapsed());
    }

    fn entry_of(written: Written<F>) -> Option<(Session<F>, Entry)> {
        match written.entry() {
            Ok(entry) => Some((written.session, entry)),
            Err(_) => {
                tracing::error!(session = %written.session.id, "a session cannot be written for the archive");
                None
            }
        }
    }

    async fn note_kept(self: Arc<Self>, session: Session<F>, entry: Entry, kept: Kept) {
        let noted = match kept {
            Kept::Done => {
                self.counters.count(Event::Archived);
                self.note_archived(session, &entry).await
            }
            Kept::Moved(_) => self.join(entry.id).await,
            Kept::Refused(reason) => self.note_refused(&entry, &reason).await,
            Kept::Erased => {
                tracing::info!(session = %entry.id, "a session was erased, and is removed");
                self.remove_erased(&entry).await
            }
        };
        if let Err(error) = noted {
            tracing::warn!(session = %entry.id, %error, "that a session is archived could not be noted");
        }
    }

    async fn note_archived(&self, session: Session<F>, entry: &Entry) -> Result<(), EngineError> {
        let noted = self.amend_known(session, |session| {
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
            // What came meanwhile waits its own time.
            let interval = self.settings.archive_interval;
            archiving.due_at = if is_last { None } else { after(now, interval) };
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
}
