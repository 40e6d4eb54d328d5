//! Whether a turn may begin: [`Gate`], open to a bounded number at a time, until shutdown.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::error::{Busy, EngineError};

/// Counts the turns in flight, and keeps new ones out once it is closed.
#[derive(Debug, Default)]
pub(super) struct Gate {
    closed: AtomicBool,
    inside: AtomicUsize,
    workers: AtomicUsize,
    changed: Notify,
}

impl Gate {
    /// Lets a turn in until the pass is dropped.
    ///
    /// Fails once the gate is closed, and while `limit` turns are inside.
    pub(super) fn enter(&self, limit: usize) -> Result<Pass<'_>, EngineError> {
        // Counted before asking: a shutdown that closes the gate and then sees no turn inside can be sure of it.
        let inside = self.inside.fetch_add(1, Ordering::SeqCst);
        let pass = Pass(self);
        if self.closed.load(Ordering::SeqCst) {
            return Err(EngineError::ShuttingDown);
        }
        if inside >= limit { Err(Busy::Crowded { limit }.into()) } else { Ok(pass) }
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    pub(super) fn inside(&self) -> usize {
        self.inside.load(Ordering::SeqCst)
    }

    /// Lets a worker begin, for which shutdown waits until the pass is dropped.
    pub(super) fn begin_work(&self) -> AtWork<'_> {
        self.workers.fetch_add(1, Ordering::SeqCst);
        AtWork(self)
    }

    /// Waits until the gate is closed.
    pub(super) async fn closed(&self) {
        self.until(|| self.closed.load(Ordering::SeqCst)).await;
    }

    /// Waits until no turn is inside, and no worker at work.
    pub(super) async fn emptied(&self) {
        self.until(|| self.inside() == 0 && self.workers.load(Ordering::SeqCst) == 0).await;
    }

    async fn until(&self, is_so: impl Fn() -> bool) {
        loop {
            let changed = self.changed.notified();
            if is_so() {
                return;
            }
            changed.await;
        }
    }
}

/// A turn in flight.
#[derive(Debug)]
pub(super) struct Pass<'g>(&'g Gate);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::SeqCst);
        self.0.changed.notify_waiters();
    }
}

/// A worker that works.
#[derive(Debug)]
pub(super) struct AtWork<'g>(&'g Gate);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.workers.fetch_sub(1, Ordering::SeqCst);
        self.0.changed.notify_waiters();
    }
}
