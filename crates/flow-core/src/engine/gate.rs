//! Who may begin a turn: [`Gate`], open to so many at a time, until shutdown.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::{EngineError, error::Busy};

/// Counts the turns in flight, and keeps new ones out once it is closed.
#[derive(Debug, Default)]
pub(super) struct Gate {
    closed: AtomicBool,
    inside: AtomicUsize,
    left: Notify,
}

impl Gate {
    /// Lets a turn in until the pass is dropped.
    ///
    /// Fails once the gate is closed, and while `limit` turns are inside.
    pub(super) fn enter(&self, limit: usize) -> Result<Pass<'_>, EngineError> {
        // Counted before asking: whoever closes the gate and then sees nobody inside can be sure of it.
        let inside = self.inside.fetch_add(1, Ordering::SeqCst);
        let pass = Pass(self);
        if self.closed.load(Ordering::SeqCst) {
            return Err(EngineError::ShuttingDown);
        }
        if inside >= limit { Err(Busy::Crowded { limit }.into()) } else { Ok(pass) }
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    pub(super) fn inside(&self) -> usize {
        self.inside.load(Ordering::SeqCst)
    }

    /// Waits until nobody is inside.
    pub(super) async fn emptied(&self) {
        loop {
            let left = self.left.notified();
            if self.inside() == 0 {
                return;
            }
            left.await;
        }
    }
}

/// A turn in flight.
#[derive(Debug)]
pub(super) struct Pass<'g>(&'g Gate);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::SeqCst);
        self.0.left.notify_waiters();
    }
}
