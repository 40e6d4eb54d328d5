//! A session and its archive that do not know the same.

use super::Archivist;
use crate::{
    Flow, SessionId,
    archive::ArchivedStep,
    engine::{error::EngineError, observer::Event},
    session::{Lineage, is_same_step},
};

/// How many steps of a session are compared at most.
const LONGEST_HISTORY: usize = 10_000;

impl<F: Flow> Archivist<F> {
    /// Joins a session to what the archive has of it, where that is not what its record says.
    ///
    /// Either the last archiving was not noted, or the two are of different lineages: then the steps that are not archived
    /// follow those that are, and the version goes on from the higher one.
    pub(super) async fn join(&self, id: SessionId) -> Result<(), EngineError> {
        let latest = self.archive.latest(id).await.map_err(EngineError::Archive)?;
        let Some(archived) = latest.archived else {
            return self.archive_from_the_start(id).await;
        };
        let Some(known) = self.keeper.read(id).await?.known else { return Ok(()) };
        let first = known.session.first_unarchived();
        let theirs = self.history(id, first, LONGEST_HISTORY).await?;
        let last = self.history(id, archived.steps.saturating_sub(1), 1).await?;
        let mut was_another = false;
        let joined = self.keeper.amend_known(known, |session, now| {
            if session.first_unarchived() != first {
                // Another worker has noted more meanwhile: next time.
                return false;
            }
            let both = session.unarchived_steps().zip(&theirs);
            let common = both.take_while(|(our, their)| is_same_step(our.transition, &their.transition)).count();
            let lineage = Lineage {
                stamp: archived.record.stamp(),
                steps: archived.steps,
                conversation: last.first().map_or(0, |step| step.conversation),
                fork: (common < theirs.len()).then_some(first + common as u64),
            };
            was_another = session.join(lineage, now);
            true
        });
        if joined.await?.has_changed() && was_another {
            self.observers.happened(Event::ArchiveRepaired);
            tracing::warn!(session = %id, "the archive had another lineage of a session: the two are joined");
        }
        Ok(())
    }

    async fn history(&self, id: SessionId, from: u64, limit: usize) -> Result<Vec<ArchivedStep>, EngineError> {
        self.archive.history(id, from, limit).await.map_err(EngineError::Archive)
    }

    /// The archive has nothing of a session that it should have: everything that the record has is archived again.
    async fn archive_from_the_start(&self, id: SessionId) -> Result<(), EngineError> {
        let noted = self.keeper.amend(id, |session, now| {
            session.archive_from_the_start(now);
            true
        });
        noted.await.map(drop)
    }
}
