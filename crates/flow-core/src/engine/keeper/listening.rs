//! What the store tells of changes in other processes is passed on to who waits.

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval, sleep};
use tracing::Instrument;

use super::Keeper;
use crate::{
    Flow, StoreError,
    engine::collecting::Hub,
    store::{Changed, Listener, Store},
};

/// How long to wait before listening anew to a store that cannot be listened to; twice as long each time, up to the longest.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// How often it is looked whether anybody still waits.
const LOOKED_EACH: Duration = Duration::from_secs(5);

impl<F: Flow> Keeper<F> {
    /// Whether the store tells what other processes write.
    pub(in crate::engine) fn tells_changes(&self) -> bool {
        self.store.changes().is_some()
    }

    /// Has who waits in this process told of what other processes write, if that is not so yet and the store can tell.
    pub(in crate::engine) fn listen_for_changes(self: &Arc<Self>) {
        if self.tells_changes() && self.hub.begins_listening() {
            let keeper = Arc::clone(self);
            tokio::spawn(async move { keeper.listen().await }.instrument(tracing::info_span!("listen")));
        }
    }

    async fn listen(&self) {
        let broken_off = BrokenOff(&self.hub);
        self.listen_while_somebody_waits().await;
        std::mem::forget(broken_off);
    }

    async fn listen_while_somebody_waits(&self) {
        let mut pause = PAUSE;
        while let Some(changes) = self.store.changes() {
            match changes.listen().await {
                Ok(listener) => return pass_on(listener, &self.hub).await,
                // Told once: it may be a right that is missing for good.
                Err(error) if pause == PAUSE => warn(&error),
                Err(_) => {}
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            if self.hub.ends_listening() {
                return;
            }
            // Meanwhile they ask.
            self.hub.all_may_have_changed();
        }
    }
}

/// Has somebody begin again where the listening ends by a panic, or with its runtime.
struct BrokenOff<'h>(&'h Hub);

impl Drop for BrokenOff<'_> {
    fn drop(&mut self) {
        self.0.has_ended_listening();
    }
}

/// Passes on what this listener hears, until nobody waits any more.
async fn pass_on(mut listener: Box<dyn Listener>, hub: &Hub) {
    // Something may have been said before it listened.
    hub.all_may_have_changed();
    let mut looks = interval(LOOKED_EACH);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks.reset();
    loop {
        tokio::select! {
            changed = listener.next() => match changed {
                Ok(Changed::Session(id)) => hub.changed(id),
                Ok(_) => hub.all_may_have_changed(),
                // It goes on by itself, and tells when it hears again.
                Err(error) => warn(&error),
            },
            _ = looks.tick() => if hub.ends_listening() {
                return;
            },
        }
    }
}

fn warn(error: &StoreError) {
    tracing::warn!(%error, "the store does not tell of changes: what other processes say is heard late");
}
