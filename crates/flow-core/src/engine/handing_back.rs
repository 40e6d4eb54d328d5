//! What went on in memory comes back to its store.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;
use tracing::Instrument;

use super::{Inner, shelter::Shelter, stats::Event};
use crate::{
    Flow, SessionId,
    store::{Commit, StoreError, Verdict},
};

/// How long to wait before the store is asked again whether it takes back what is its own.
const PAUSE: Duration = Duration::from_millis(500);

impl<F: Flow> Inner<F> {
    /// Has what is in memory handed back, in its own time, if nobody does so yet.
    pub(super) fn hand_back_later(self: &Arc<Self>) {
        if self.shelter.as_ref().is_some_and(Shelter::begins_handing_back) {
            let inner = Arc::clone(self);
            tokio::spawn(async move { inner.hand_back_all().await }.instrument(tracing::info_span!("hand back")));
        }
    }

    /// Hands everything back, as soon as the store takes it.
    pub(super) async fn hand_back_all(&self) {
        let Some(shelter) = &self.shelter else { return };
        while !shelter.ends_handing_back() {
            for id in shelter.ids() {
                let _lock = self.locks.async_lock(id).await;
                if self.hand_back(shelter, id).await.is_err() {
                    break;
                }
            }
            if shelter.len() > 0 {
                sleep(PAUSE).await;
            }
        }
    }

    /// Hands one session back, if it is here, and its lock is held. What has moved on elsewhere is lost, and told.
    ///
    /// Fails if the store is still away; the session then goes on here.
    pub(super) async fn hand_back(&self, shelter: &Shelter, id: SessionId) -> Result<(), StoreError> {
        let Some(sheltered) = shelter.sheltered(id) else { return Ok(()) };
        for base in &sheltered.bases {
            match self.commit(Commit { expect: *base, ..sheltered.commit.clone() }).await {
                Ok(Verdict::Done) => {
                    shelter.release(id);
                    self.counters.count(Event::HandedBack);
                    tracing::info!(session = %id, turns = sheltered.turns, "a session is in its store again");
                    return Ok(());
                }
                Ok(Verdict::Conflict(_)) => {}
                Err(error) if error.is_outage() => return Err(error),
                Err(error) => {
                    tracing::error!(session = %id, %error, "a session cannot be handed back");
                    break;
                }
            }
        }
        shelter.lose(id);
        self.counters.count(Event::Lost);
        tracing::error!(
            session = %id,
            turns = sheltered.turns,
            "a session had moved on elsewhere while its store was away: what it became in memory is lost"
        );
        Ok(())
    }
}
