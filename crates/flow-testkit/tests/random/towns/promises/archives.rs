//! What is kept for months is whole, and has nothing that was erased.

use flow_core::{Archive, Record, SessionId, archive::ArchivedStep};
use flow_memory::MemoryArchive;

use crate::towns::{evidence::Evidence, operator::Deed as Ordered, plan::Trouble, sight::Sight};

/// Everything that is archived of a session.
pub(crate) struct Kept {
    steps: Vec<ArchivedStep>,
    /// All of it, written out.
    text: String,
}

impl Kept {
    pub(crate) async fn of(archive: &MemoryArchive, id: SessionId) -> Result<Self, String> {
        let told = |error: flow_core::StoreError| error.to_string();
        let latest = archive.latest(id).await.map_err(told)?;
        let steps = archive.history(id, 0, 10_000).await.map_err(told)?;
        let checkpoints = archive.checkpoints(id).await.map_err(told)?;
        let record = latest.archived.map(|archived| archived.record.readable().to_string()).unwrap_or_default();
        let checkpoints: Vec<_> = checkpoints.iter().map(|checkpoint| checkpoint.shared.to_string()).collect();
        Ok(Self { steps, text: record + &checkpoints.join("\n") })
    }
}

impl Kept {
    /// As an archive that is broken would.
    pub(crate) fn lose_a_step(&mut self) {
        self.steps.drain(..1.min(self.steps.len()));
    }
}

/// The archived steps are numbered without a gap, and end as the record does, if there is one.
pub(crate) fn what_is_archived_is_whole(
    evidence: &Evidence,
    id: SessionId,
    stored: Option<&Record>,
    archived: Option<&Kept>,
) -> Result<(), String> {
    let Some(Kept { steps, .. }) = archived else { return Ok(()) };
    // An erasure that failed may have come to the archive, and not to the store.
    let is_half_erased =
        evidence.orders.iter().any(|order| order.id == id && order.deed == Ordered::Erase && !order.is_done);
    if is_half_erased {
        return Ok(());
    }
    if let Some((step, number)) = steps.iter().zip(0..).find(|(step, number)| step.number != *number) {
        return Err(format!("of {id} the step {} is archived where {number} should be", step.number));
    }
    let Some(stored) = stored else { return Ok(()) };
    let kept = Sight::of(id, stored)?.steps;
    let archived: Vec<_> = steps.iter().map(|step| (step.transition.by.to_string(), &*step.transition.to)).collect();
    let kept: Vec<_> = kept.iter().map(|step| (step.by.clone(), &*step.to)).collect();
    // What two lineages had in common stands there once; and what a store has lost stands there alone, until the next turn.
    let has_forked =
        evidence.plan.has(Trouble::LostTails) || evidence.plan.has(Trouble::Forgetting) || !evidence.plan.insists;
    let has_last = || kept.last().is_none_or(|last| archived.contains(last));
    if archived.ends_with(&kept) || has_forked && has_last() {
        Ok(())
    } else {
        Err(format!("of {id} the steps {archived:?} are archived, and the record has {kept:?}"))
    }
}

/// No word of before an erasure is left when all is over, unless it was said again since. Without an archive there is no tombstone,
/// and a write that was on its way may bring it back.
pub(crate) fn what_was_erased_is_nowhere(
    evidence: &Evidence,
    id: SessionId,
    stored: Option<&Record>,
    archived: Option<&Kept>,
) -> Result<(), String> {
    let Some(Kept { text, .. }) = archived else { return Ok(()) };
    let stored = stored.map(|record| record.readable().to_string()).unwrap_or_default();
    let erasures =
        evidence.orders.iter().filter(|order| order.id == id && order.deed == Ordered::Erase && order.is_done);
    let Some(erased) = erasures.map(|order| order.began).max() else { return Ok(()) };
    let before = evidence.messages.iter().filter(|message| message.id == id && message.ended <= erased);
    for message in before {
        let word = format!("\"{}\"", message.word);
        if stored.contains(&word) || text.contains(&word) {
            return Err(format!("{word} was erased at {erased}, and is still there"));
        }
    }
    Ok(())
}
