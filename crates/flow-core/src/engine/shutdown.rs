//! The end of an engine: [`Engine::shutdown`], and what it leaves undone: [`Shutdown`].

use std::time::Duration;

use super::{Engine, EngineError};
use crate::Flow;

impl<F: Flow> Engine<F> {
    /// Takes no more turns, waits for those in flight, for those that wait for them, and for its workers, hands back what is
    /// in memory, and archives what its turns have left to be archived, but no longer than `patience`. Tells what of that is
    /// left.
    ///
    /// New turns fail with [`EngineError::ShuttingDown`] from now on. An archive that is away
    /// is not waited for: the workers of other processes come for what is left, or those of the next one.
    pub async fn shutdown(&self, patience: Duration) -> Shutdown {
        let rooms = &self.rooms;
        rooms.gate.close();
        let mut is_complete = false;
        let rest = async {
            rooms.gate.turns_ended().await;
            let end = async {
                rooms.gate.emptied().await;
                rooms.keeper.hand_back_all().await;
                is_complete = true;
            };
            // A worker that still waits for a hook keeps nothing from the archive.
            let _ = tokio::join!(self.archive_the_rest(), end);
            // What the worker, and the handing back, left meanwhile; and once more, where the store was away until now.
            if let Err(error) = self.archive_the_rest().await {
                tracing::warn!(%error, "what is to be archived at the end is left to the workers");
            }
        };
        let _ = tokio::time::timeout(patience, rest).await;
        let (only_in_memory, unarchived) = (rooms.keeper.in_memory(), rooms.keeper.unarchived.len());
        if only_in_memory > 0 {
            tracing::error!(
                sessions = only_in_memory,
                "sessions are only in memory, and will be lost with the process"
            );
        }
        if unarchived > 0 {
            tracing::warn!(sessions = unarchived, "sessions are not archived yet, and are left to the workers");
        }
        tracing::info!(is_complete, "the engine has shut down");
        Shutdown { is_complete, only_in_memory, unarchived }
    }

    /// Archives what is left to be archived, if there is an archive.
    async fn archive_the_rest(&self) -> Result<(), EngineError> {
        match &self.rooms.archivist {
            Some(archivist) => archivist.catch_up_at_the_end().await,
            None => Ok(()),
        }
    }
}

/// What a shutdown has left undone.
///
/// ```
/// # use std::time::Duration;
/// # use flow_core::{Engine, Flow};
/// # async fn example<F: Flow>(engine: Engine<F>) {
/// let shutdown = engine.shutdown(Duration::from_secs(5)).await;
/// if shutdown.only_in_memory() > 0 {
///     eprintln!("the store is away, and {} conversations are lost", shutdown.only_in_memory());
/// } else if !shutdown.is_complete() {
///     eprintln!("work was still under way: it goes on elsewhere when its lease ends");
/// } else if shutdown.unarchived() > 0 {
///     eprintln!("the archive is away, and {} conversations are left to the workers", shutdown.unarchived());
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "what is only in memory is lost with the process"]
pub struct Shutdown {
    is_complete: bool,
    only_in_memory: usize,
    unarchived: usize,
}

impl Shutdown {
    /// Whether no turn and no worker is under way any more, and nothing is left in memory.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How many sessions are not in their store, which is away, and are lost with the process.
    pub fn only_in_memory(&self) -> usize {
        self.only_in_memory
    }

    /// How many sessions that had turns here are not archived yet, as far as this process knows, and are left to the workers;
    /// 0 where there is no archive. A process that has had turns of more than 50,000 sessions that others archive may count
    /// some that are.
    pub fn unarchived(&self) -> usize {
        self.unarchived
    }
}
