//! Where a turn lays what a worker of the same process is to deliver at once: [`Tray`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::TimeDelta;
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::Instant,
};
use tracing::Span;

use super::{
    keeper::{Known, StoreTime},
    ledger::UnderWay,
    places::Places,
};
use crate::{
    Flow,
    session::{Claim, Destination},
};

/// A bounded queue between the turns and one worker of this process, if one has taken it.
pub(super) struct Tray<F: Flow>(Mutex<Option<Taker<F>>>);

/// The worker that empties the tray.
struct Taker<F: Flow> {
    sender: Sender<Laid<F>>,
    places: Arc<Places>,
}

/// What is to be delivered, and the session that has it pending.
pub(super) struct Laid<F: Flow> {
    pub(super) known: Known<F>,
    /// What of it the record says that this process delivers.
    pub(super) claims: Vec<Claim>,
    /// Says in the ledger that it is being delivered.
    pub(super) under_way: UnderWay<F>,
    /// What was being done when it was laid here: the delivery stands below it in a trace.
    pub(super) span: Span,
    /// How long before the store had told its time.
    heard_before: TimeDelta,
    since: Instant,
}

/// How many sessions wait for the worker at most. One more is left to the next worker that looks.
const CAPACITY: usize = 1024;

impl<F: Flow> Default for Tray<F> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<F: Flow> Tray<F> {
    /// Makes the caller, who has these places, the worker that empties the tray; none if there is one.
    pub(super) fn take(&self, places: Arc<Places>) -> Option<Receiver<Laid<F>>> {
        let mut taker = self.taker();
        if taker.as_ref().is_some_and(|taker| !taker.sender.is_closed()) {
            return None;
        }
        let (sender, receiver) = channel(CAPACITY);
        *taker = Some(Taker { sender, places });
        Some(receiver)
    }

    /// Whether a worker would take something at once.
    pub(super) fn has_room(&self) -> bool {
        self.taker().as_ref().is_some_and(|taker| !taker.sender.is_closed() && taker.sender.capacity() > 0)
    }

    /// Whether the worker has, or soon has, a place for what goes there.
    pub(super) fn takes(&self, to: &Destination) -> bool {
        self.taker().as_ref().is_some_and(|taker| !taker.places.are_full(to))
    }

    /// Has what is claimed delivered.
    pub(super) fn lay(&self, laid: Laid<F>) {
        if let Some(taker) = &*self.taker() {
            // Where there is no room any more, it is delivered when the claim in the record ends.
            let _ = taker.sender.try_send(laid);
        }
    }

    fn taker(&self) -> MutexGuard<'_, Option<Taker<F>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Flow> Laid<F> {
    /// What was claimed by a commit of just now.
    pub(super) fn now(known: Known<F>, claims: Vec<Claim>, time: &StoreTime, under_way: UnderWay<F>) -> Self {
        let (heard_before, since) = (time.longest_since(known.heard), Instant::now());
        Self { known, claims, under_way, span: Span::current(), heard_before, since }
    }

    /// How long it has lain here, by the clock that has gone further: one may have stood still with the machine.
    pub(super) fn waited(&self, time: &StoreTime) -> Duration {
        let by_clock = (time.longest_since(self.known.heard) - self.heard_before).to_std().unwrap_or_default();
        by_clock.max(self.since.elapsed())
    }
}
