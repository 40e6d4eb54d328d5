//! The archive catches up at once, without waiting for the interval: [`CaughtUp`].
//!
//! Nothing is held up by that, and nothing needs a lease: an entry that another worker has put first is known by its stamp.

use std::{mem::take, sync::Arc};

use tokio::task::JoinSet;
use tracing::Instrument;

use super::{Archivist, Fate};
use crate::{
    Flow, SessionId,
    engine::{
        error::{Busy, EngineError},
        gate::Gate,
        keeper::Known,
    },
};

/// How many sessions are read at once, and archived together.
const BATCH: usize = 100;

/// How often a session is tried that another writer or another lineage was before.
const ROUNDS: u32 = 8;

/// What [`Engine::archive_all`](crate::Engine::archive_all) has come to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct CaughtUp {
    /// How many sessions were archived: those with something new.
    pub archived: usize,
    /// The sessions that could not be archived, and why: their records cannot be read, the archive refuses them.
    pub left: Vec<(SessionId, EngineError)>,
}

impl<F: Flow> Archivist<F> {
    /// Archives what is new of these sessions, and adds what became of them to what `caught_up` has.
    ///
    /// Fails if the store or the archive does: then it would fail for all.
    pub(in crate::engine) async fn catch_up(
        self: &Arc<Self>,
        ids: Vec<SessionId>,
        caught_up: &mut CaughtUp,
    ) -> Result<(), EngineError> {
        for batch in ids.chunks(BATCH) {
            let mut ids = batch.to_vec();
            for _ in 0..ROUNDS {
                let batch = self.read_unarchived(take(&mut ids), caught_up).await?;
                if batch.is_empty() {
                    break;
                }
                for (id, fate) in Arc::clone(self).archive(batch).await.map_err(EngineError::Archive)? {
                    match fate {
                        Ok(Fate::Archived) => caught_up.archived += 1,
                        Ok(Fate::Joined) => ids.push(id),
                        Ok(Fate::Refused) => caught_up.left.push((id, EngineError::ArchiveRefused)),
                        Ok(Fate::Erased) => {}
                        Err(error) => caught_up.left.push((id, error)),
                    }
                }
            }
            let contended = |id| (id, Busy::Contended { rounds: ROUNDS }.into());
            caught_up.left.extend(ids.into_iter().map(contended));
        }
        Ok(())
    }

    /// Archives what is new of every session of the flow, whichever process wrote it.
    ///
    /// Fails if the store or the archive does, and once the gate is closed.
    pub(in crate::engine) async fn catch_up_all(self: &Arc<Self>, gate: &Gate) -> Result<CaughtUp, EngineError> {
        let mut caught_up = CaughtUp::default();
        self.catch_up(self.keeper.ids_in_memory(), &mut caught_up).await?;
        let mut after = None;
        loop {
            // Taken for each page, so that a shutdown does not wait for all of them.
            let _pass = gate.enter_when_due()?;
            let page = self.keeper.browse(after, BATCH).await?;
            self.catch_up(page.ids, &mut caught_up).await?;
            let Some(next) = page.next else { return Ok(caught_up) };
            after = Some(next);
        }
    }

    /// Archives what this process has left to be archived. What is left of single sessions is in the log.
    ///
    /// Fails if the store or the archive does.
    pub(in crate::engine) async fn catch_up_at_the_end(self: &Arc<Self>) -> Result<(), EngineError> {
        let ids = self.keeper.unarchived.ids().into_iter();
        // One whose turn hangs is waited for when the others are done.
        let (at_work, free): (Vec<_>, Vec<_>) = ids.partition(|id| self.keeper.is_locked(*id));
        self.catch_up(free, &mut CaughtUp::default()).await?;
        self.catch_up(at_work, &mut CaughtUp::default()).await
    }

    /// Those of the sessions that are to be archived, as they are stored.
    async fn read_unarchived(
        self: &Arc<Self>,
        ids: Vec<SessionId>,
        caught_up: &mut CaughtUp,
    ) -> Result<Vec<Known<F>>, EngineError> {
        let mut reads = JoinSet::new();
        for id in ids {
            let archivist = Arc::clone(self);
            let read = async move { (id, archivist.keeper.read_handed_back(id).await) };
            reads.spawn(read.in_current_span());
        }
        let mut unarchived = Vec::new();
        while let Some(read) = reads.join_next().await {
            // Only a fault of ours panics here.
            let Ok((id, read)) = read else { continue };
            match read.map(|reading| reading.known) {
                Ok(Some(known)) if known.session.is_unarchived() => unarchived.push(known),
                Ok(_) => {}
                Err(error @ EngineError::Store(_)) => return Err(error),
                Err(error) => caught_up.left.push((id, error)),
            }
        }
        Ok(unarchived)
    }
}
