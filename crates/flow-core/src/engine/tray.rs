//! Where a turn lays what a worker of the same process is to deliver at once: [`Tray`].

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::Instant,
};

use super::keeper::Known;
use crate::{Clock, Flow, session::Claim};

/// A bounded queue between the turns and one worker of this process, if one has taken it.
pub(super) struct Tray<F: Flow>(Mutex<Option<Sender<Laid<F>>>>);

/// What is to be delivered, and the session that has it pending.
pub(super) struct Laid<F: Flow> {
    pub(super) known: Known<F>,
    /// What of it the record says that this process delivers.
    pub(super) claims: Vec<Claim>,
    at: DateTime<Utc>,
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
    /// Makes the caller the worker that empties the tray; none if there is one.
    pub(super) fn take(&self) -> Option<Receiver<Laid<F>>> {
        let mut sender = self.sender();
        if sender.as_ref().is_some_and(|sender| !sender.is_closed()) {
            return None;
        }
        let (taken, receiver) = channel(CAPACITY);
        *sender = Some(taken);
        Some(receiver)
    }

    /// Whether a worker would take something at once.
    pub(super) fn has_room(&self) -> bool {
        self.sender().as_ref().is_some_and(|sender| !sender.is_closed() && sender.capacity() > 0)
    }

    /// Has what is claimed delivered.
    pub(super) fn lay(&self, laid: Laid<F>) {
        if let Some(sender) = &*self.sender() {
            // Where there is no room any more, it is delivered when the claim in the record ends.
            let _ = sender.try_send(laid);
        }
    }

    fn sender(&self) -> MutexGuard<'_, Option<Sender<Laid<F>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Flow> Laid<F> {
    /// What was claimed by a commit of just now.
    pub(super) fn now(known: Known<F>, claims: Vec<Claim>, clock: &dyn Clock) -> Self {
        Self { known, claims, at: clock.now(), since: Instant::now() }
    }

    /// How long it has lain here, by the clock that has gone further: one may have stood still with the machine.
    pub(super) fn waited(&self, clock: &dyn Clock) -> Duration {
        let by_clock = (clock.now() - self.at).to_std().unwrap_or_default();
        by_clock.max(self.since.elapsed())
    }
}
