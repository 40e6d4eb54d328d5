//! Where a turn lays what a worker of the same process is to deliver at once: [`Tray`].

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::keeper::Known;
use crate::Flow;

/// A bounded queue between the turns and one worker of this process, if one has taken it.
pub(super) struct Tray<F: Flow>(Mutex<Option<Sender<Known<F>>>>);

/// How many sessions wait for the worker at most. One more is left to the next worker that looks.
const CAPACITY: usize = 1024;

impl<F: Flow> Default for Tray<F> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<F: Flow> Tray<F> {
    /// Makes the caller the worker that empties the tray; none if there is one.
    pub(super) fn take(&self) -> Option<Receiver<Known<F>>> {
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

    /// Has what the session has pending delivered, which its record says already.
    pub(super) fn lay(&self, session: Known<F>) {
        if let Some(sender) = &*self.sender() {
            // Where there is no room any more, it is delivered when the claim in the record ends.
            let _ = sender.try_send(session);
        }
    }

    fn sender(&self) -> MutexGuard<'_, Option<Sender<Known<F>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
