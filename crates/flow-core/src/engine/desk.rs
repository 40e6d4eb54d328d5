//! Where turns lay what a worker of the same process is to deliver at once: [`Desk`].

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::{Flow, Session};

/// Holds the tray of the worker that takes things at once, if there is one.
pub(super) struct Desk<F: Flow>(Mutex<Option<Sender<Session<F>>>>);

/// What waits for a worker. One more is left to whoever looks next.
const LARGEST_TRAY: usize = 1024;

impl<F: Flow> Default for Desk<F> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<F: Flow> Desk<F> {
    /// Sits down at the desk; none if another worker does already.
    pub(super) fn take_seat(&self) -> Option<Receiver<Session<F>>> {
        let mut tray = self.tray();
        if tray.as_ref().is_some_and(|tray| !tray.is_closed()) {
            return None;
        }
        let (sender, receiver) = channel(LARGEST_TRAY);
        *tray = Some(sender);
        Some(receiver)
    }

    /// Whether a worker would take something at once.
    pub(super) fn has_room(&self) -> bool {
        self.tray().as_ref().is_some_and(|tray| !tray.is_closed() && tray.capacity() > 0)
    }

    /// Has what the session has pending delivered, which its record already says.
    pub(super) fn hand_over(&self, session: Session<F>) {
        if let Some(tray) = &*self.tray() {
            // Where there is no room any more, it is delivered when the claim in the record ends.
            let _ = tray.try_send(session);
        }
    }

    fn tray(&self) -> MutexGuard<'_, Option<Sender<Session<F>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
