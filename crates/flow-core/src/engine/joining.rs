//! A session and its archive that do not know the same.

use chrono::TimeDelta;

use super::{Inner, entry::Written, error::EngineError, stats::Event};
use crate::{Flow, Session, SessionId, Stamp, archive::ArchivedStep, session::LOST_TURNS};

impl<F: Flow> Inner<F> {
    /// Joins a session to what the archive has of it, where that is not what its record says.
    ///
    /// Either the last archiving was not noted, or the two are of different lineages: then the steps that are not archived
    /// follow those that are, and the version goes on from the higher one.
    pub(super) async fn join(&self, id: SessionId) -> Result<(), EngineError> {
        let Some(shelves) = &self.archive else { return Ok(()) };
        let archived = shelves.ask(|archive| archive.latest(id)).await.map_err(EngineError::Archive)?;
        let Some(archived) = archived else { return self.archive_from_the_start(id).await };
        let Some(Written { session, .. }) = self.look_up(id).await? else { return Ok(()) };
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
            if is_repaired {
                session.leave_behind(stamp);
            }
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

impl<F: Flow> Session<F> {
    /// Goes on with versions that the other lineage cannot have had, and gives what is not archived a key of its own.
    fn leave_behind(&mut self, other: Stamp) {
        self.stamp.version = self.stamp.version.max(other.version) + LOST_TURNS;
        for checkpoint in &mut self.todo.archiving.checkpoints {
            if checkpoint.version <= other.version {
                checkpoint.version += other.version + LOST_TURNS;
            }
        }
    }
}

/// Whether the archive has this step. It may keep a time to the microsecond only.
fn is_same(our: &ArchivedStep, their: &ArchivedStep) -> bool {
    let (our, their) = (&our.transition, &their.transition);
    let apart = (our.at - their.at).abs();
    (&our.from, &our.to, our.by) == (&their.from, &their.to, their.by) && apart <= TimeDelta::microseconds(1)
}

/// So many steps of a session are compared at most.
const LONGEST_HISTORY: usize = 10_000;
