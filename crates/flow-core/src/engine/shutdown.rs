//! The end of an engine: [`Engine::shutdown`], and what it leaves undone: [`Shutdown`].

use std::{fmt, time::Duration};

use tokio::time::timeout;

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
            // One that hangs keeps nothing that others have said from the archive.
            let _ = timeout(patience / 2, rooms.gate.turns_ended()).await;
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
        let _ = timeout(patience, rest).await;
        let (turns, deliveries) =
            if is_complete { (0, 0) } else { (rooms.gate.inside(), rooms.upkeep.ledger.delivering()) };
        let (only_in_memory, unarchived) = (rooms.keeper.in_memory(), rooms.keeper.unarchived.len());
        if turns + deliveries > 0 {
            tracing::warn!(
                turns,
                deliveries,
                "turns and deliveries are not at their end, and are left to the next process"
            );
        }
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
        Shutdown { is_complete, turns, deliveries, only_in_memory, unarchived }
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
/// println!("{shutdown}"); // "everything was done", or "left to the next process: 1 turn, 3 conversations to be archived"
/// if shutdown.only_in_memory() > 0 {
///     eprintln!("the store is away, and {} conversations are lost", shutdown.only_in_memory());
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "what is only in memory is lost with the process"]
pub struct Shutdown {
    is_complete: bool,
    turns: usize,
    deliveries: usize,
    only_in_memory: usize,
    unarchived: usize,
}

impl Shutdown {
    /// Whether no turn and no worker is under way any more, and nothing is left in memory.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How many turns were under way, or waited, when the patience was at its end. They are cut off if the process ends now: what
    /// was accepted is stored, and has its turn when another process comes by, once the lease has passed.
    pub fn turns(&self) -> usize {
        self.turns
    }

    /// For how many sessions something was being delivered then. If it is cut off, another worker delivers it, under its key, when
    /// the claim has passed.
    pub fn deliveries(&self) -> usize {
        self.deliveries
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

/// One line for an operator: that everything was done, or how much of what was left.
impl fmt::Display for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { is_complete, turns, deliveries, only_in_memory, unarchived } = *self;
        let left = [
            counted(turns, "turn", "turns"),
            counted(deliveries, "conversation being delivered to", "conversations being delivered to"),
            counted(unarchived, "conversation to be archived", "conversations to be archived"),
        ];
        let left: Vec<_> = left.into_iter().flatten().collect();
        let lost = counted(
            only_in_memory,
            "conversation, which was only in memory",
            "conversations, which were only in memory",
        );
        match (lost, left.is_empty()) {
            (None, true) if is_complete => f.write_str("everything was done"),
            (None, true) => f.write_str("left to the next process: what was under way"),
            (None, false) => write!(f, "left to the next process: {}", left.join(", ")),
            (Some(lost), true) => write!(f, "lost: {lost}"),
            (Some(lost), false) => write!(f, "lost: {lost}; left to the next process: {}", left.join(", ")),
        }
    }
}

/// So many of them; none if there are none.
fn counted(count: usize, one: &str, many: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_in_one_line() {
        let all = Shutdown { is_complete: true, turns: 0, deliveries: 0, only_in_memory: 0, unarchived: 0 };
        let late = Shutdown { is_complete: false, ..all };
        for (shutdown, told) in [
            (all, "everything was done"),
            (late, "left to the next process: what was under way"),
            (
                Shutdown { turns: 1, deliveries: 2, unarchived: 3, ..late },
                "left to the next process: 1 turn, 2 conversations being delivered to, 3 conversations to be archived",
            ),
            (Shutdown { only_in_memory: 1, ..late }, "lost: 1 conversation, which was only in memory"),
            (
                Shutdown { only_in_memory: 2, turns: 2, ..late },
                "lost: 2 conversations, which were only in memory; left to the next process: 2 turns",
            ),
        ] {
            assert_eq!(shutdown.to_string(), told);
        }
    }
}
