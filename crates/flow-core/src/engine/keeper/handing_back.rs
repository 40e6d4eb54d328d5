//! What went on in memory comes back to its store.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::time::sleep;
use tracing::Instrument;

use super::{Backing, Committed, Keeper, Reading, in_memory::InMemory};
use crate::{
    Flow, Prefix, Record, SessionId,
    engine::{error::EngineError, observer::Event},
    store::{Commit, Expect, StoreError},
};

/// How long to wait before the store is asked again whether it takes back what is its own.
const PAUSE: Duration = Duration::from_millis(500);

impl<F: Flow> Keeper<F> {
    /// Whether a session goes on in memory while the store is away.
    pub(in crate::engine) fn goes_on_in_memory(&self) -> bool {
        self.in_memory.is_some()
    }

    /// How many sessions are only in memory.
    pub(in crate::engine) fn in_memory(&self) -> usize {
        self.in_memory.as_ref().map_or(0, InMemory::len)
    }

    /// The last write of the session that may have arrived in the store, told once: only the turn that made it, or the one that
    /// follows what made it, has all that it has.
    pub(in crate::engine) fn take_doubt(&self, id: SessionId) -> Option<Prefix> {
        self.in_memory.as_ref()?.take_doubt(id)
    }

    /// How many turns of a session were lost with what it became in memory, told once.
    pub(in crate::engine) fn tell_lost(&self, id: SessionId) -> u32 {
        self.in_memory.as_ref().map_or(0, |in_memory| in_memory.tell_lost(id))
    }

    /// Whether the session is ahead of its store, in memory.
    pub(in crate::engine) fn is_ahead_of_store(&self, id: SessionId) -> bool {
        self.in_memory.as_ref().is_some_and(|in_memory| in_memory.is_ahead(id))
    }

    /// The record of a session that is ahead of its store, in memory.
    pub(super) fn ahead_of_store(&self, id: SessionId) -> Option<Record> {
        Some(self.in_memory.as_ref()?.ahead(id)?.commit.record)
    }

    /// Begins a task that hands back what is in memory, if there is none yet.
    pub(in crate::engine) fn hand_back_later(self: &Arc<Self>) {
        if self.in_memory.as_ref().is_some_and(InMemory::begins_handing_back) {
            let keeper = Arc::clone(self);
            tokio::spawn(async move { keeper.hand_back_all().await }.instrument(tracing::info_span!("hand back")));
        }
    }

    /// Hands everything back, as soon as the store takes it.
    pub(in crate::engine) async fn hand_back_all(&self) {
        let Some(in_memory) = &self.in_memory else { return };
        while !in_memory.ends_handing_back() {
            for id in in_memory.ids() {
                let _lock = self.lock(id).await;
                if self.hand_back(id).await.is_err() {
                    break;
                }
            }
            if in_memory.len() > 0 {
                sleep(PAUSE).await;
            }
        }
    }

    /// Hands one session back, if it is in memory, while its lock is held. If another instance has moved on with it, what it
    /// became here is lost, which a later outcome tells.
    ///
    /// Fails if the store is still away; the session then goes on here.
    pub(in crate::engine) async fn hand_back(&self, id: SessionId) -> Result<(), StoreError> {
        let Some(in_memory) = &self.in_memory else { return Ok(()) };
        let Some(ahead) = in_memory.ahead(id) else { return Ok(()) };
        let mut bases = VecDeque::from(ahead.bases);
        while let Some(base) = bases.pop_front() {
            match self
                .commit(
                    Commit { expect: base, told: self.settings.shelf.is_used(), ..ahead.commit.clone() },
                    Backing::Store,
                )
                .await
            {
                Ok(Committed::Done { .. }) => {
                    in_memory.release(id);
                    self.observers.happened(Event::HandedBack);
                    tracing::info!(session = %id, turns = ahead.turns, "a session is in its store again");
                    return Ok(());
                }
                Ok(Committed::Conflict(told)) => match self.open(id, *told).await {
                    // What was stored was damaged, and is in quarantine: what is here is all that is left of it.
                    Ok(Reading { known: None, damage: Some(_), .. }) => bases.push_front(Expect::Absent),
                    Err(EngineError::Store(error)) if error.is_outage() => return Err(error),
                    Ok(_) | Err(_) => {}
                },
                Err(error) if error.is_outage() => return Err(error),
                Err(error) => {
                    tracing::error!(session = %id, %error, "a session cannot be handed back");
                    break;
                }
            }
        }
        in_memory.lose(id);
        self.observers.happened(Event::Lost);
        tracing::error!(
            session = %id,
            turns = ahead.turns,
            "a session had moved on elsewhere while its store was away: what it became in memory is lost"
        );
        Ok(())
    }
}
