//! Whether, and when, a turn may begin: [`Gate`], with a bounded number of places, until shutdown.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use super::{
    error::{Busy, EngineError},
    settings::Limits,
};

/// Counts the turns that are taken and that wait, gives them places in the order of their asking, and keeps new ones out once
/// it is closed.
#[derive(Debug)]
pub(super) struct Gate {
    closed: AtomicBool,
    inside: AtomicUsize,
    most_inside: usize,
    /// How many of those inside are turns of workers, which need no place.
    due: AtomicUsize,
    /// A fair semaphore: the turn that waits the longest is the next.
    places: Semaphore,
    most_places: usize,
    workers: AtomicUsize,
    accepting: AtomicUsize,
    changed: Notify,
}

impl Gate {
    pub(super) fn new(limits: &Limits) -> Self {
        let most_places = limits.turns_at_once.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            closed: AtomicBool::new(false),
            inside: AtomicUsize::new(0),
            due: AtomicUsize::new(0),
            most_inside: most_places.saturating_add(limits.turns_waiting),
            places: Semaphore::new(most_places),
            most_places,
            workers: AtomicUsize::new(0),
            accepting: AtomicUsize::new(0),
            changed: Notify::new(),
        }
    }

    /// Lets a turn in until the pass is dropped: to wait for a place, or for another turn of its session.
    ///
    /// Fails once the gate is closed, and while as many are inside as may be taken and wait.
    pub(super) fn enter(&self) -> Result<Pass<'_>, EngineError> {
        let (pass, before) = self.count(false)?;
        if before >= self.most_inside { Err(Busy::Crowded { limit: self.most_inside }.into()) } else { Ok(pass) }
    }

    /// Lets a turn in that is due. Workers have a bound of their own: no crowd keeps it out, and it needs no place.
    ///
    /// Fails once the gate is closed.
    pub(super) fn enter_when_due(&self) -> Result<Pass<'_>, EngineError> {
        Ok(self.count(true)?.0)
    }

    /// Lets the turn of a message in that was accepted already: no crowd keeps it out.
    ///
    /// Fails once the gate is closed.
    pub(super) fn enter_for_letters(&self) -> Result<Pass<'_>, EngineError> {
        Ok(self.count(false)?.0)
    }

    /// Whether no turn is let in any more.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// How many turns are being taken.
    pub(super) fn taken(&self) -> usize {
        let in_places = self.most_places - self.places.available_permits().min(self.most_places);
        in_places + self.due.load(Ordering::SeqCst)
    }

    /// How many turns wait, for a place or for another turn of their session.
    pub(super) fn waiting(&self) -> usize {
        self.inside().saturating_sub(self.taken())
    }

    /// Lets a worker begin, for which shutdown waits until the pass is dropped.
    pub(super) fn begin_work(&self) -> AtWork<'_> {
        self.workers.fetch_add(1, Ordering::SeqCst);
        AtWork(self)
    }

    /// How many workers work in this process.
    pub(super) fn workers(&self) -> usize {
        self.workers.load(Ordering::SeqCst)
    }

    /// Whether one does.
    pub(super) fn has_workers(&self) -> bool {
        self.workers() > 0
    }

    /// Lets a task begin that takes messages in, for which shutdown waits until the pass is dropped.
    pub(super) fn begin_accepting(&self) -> Accepting<'_> {
        self.accepting.fetch_add(1, Ordering::SeqCst);
        Accepting(self)
    }

    /// Waits until the gate is closed.
    pub(super) async fn closed(&self) {
        self.until(|| self.closed.load(Ordering::SeqCst)).await;
    }

    /// Waits until no turn is inside.
    pub(super) async fn turns_ended(&self) {
        self.until(|| self.inside() == 0).await;
    }

    /// Waits until no turn is inside, no worker at work, and no message being taken in.
    pub(super) async fn emptied(&self) {
        let counts = [&self.inside, &self.workers, &self.accepting];
        self.until(|| counts.iter().all(|count| count.load(Ordering::SeqCst) == 0)).await;
    }

    fn count(&self, is_due: bool) -> Result<(Pass<'_>, usize), EngineError> {
        // Counted before asking: a shutdown that closes the gate and then sees no turn inside can be sure of it.
        let before = self.inside.fetch_add(1, Ordering::SeqCst);
        self.due.fetch_add(usize::from(is_due), Ordering::SeqCst);
        let pass = Pass { gate: self, is_due };
        if self.closed.load(Ordering::SeqCst) { Err(EngineError::ShuttingDown) } else { Ok((pass, before)) }
    }

    /// How many turns are taken, or wait.
    pub(super) fn inside(&self) -> usize {
        self.inside.load(Ordering::SeqCst)
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

/// A turn that waits or is taken.
#[derive(Debug)]
pub(super) struct Pass<'g> {
    gate: &'g Gate,
    is_due: bool,
}

impl<'g> Pass<'g> {
    /// Waits for a place, behind the turns that asked before; it is free again when it is dropped.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'g>> {
        // None only if the semaphore were closed, which it never is: what is inside is brought to its end.
        self.gate.places.acquire().await.ok()
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.gate.due.fetch_sub(usize::from(self.is_due), Ordering::SeqCst);
        self.gate.inside.fetch_sub(1, Ordering::SeqCst);
        self.gate.changed.notify_waiters();
    }
}

/// A task that takes messages in.
#[derive(Debug)]
pub(super) struct Accepting<'g>(&'g Gate);

impl Drop for Accepting<'_> {
    fn drop(&mut self) {
        self.0.accepting.fetch_sub(1, Ordering::SeqCst);
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
