//! Until when a process may think that it holds a lease: [`Held`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::title::LEASE;
use crate::Clock;

/// By how much a holder thinks it lost before anybody else may take it: clocks do not run alike.
const MARGIN: TimeDelta = TimeDelta::seconds(1);

/// How often the clock is looked at: it may be set, or stand still while the machine sleeps.
const LOOK: Duration = Duration::from_secs(1);

/// Whether a lease is held, as the holder can tell without asking anybody.
pub(super) struct Held {
    clock: Arc<dyn Clock>,
    /// None once it is lost, for good.
    until: Mutex<Option<Until>>,
    changed: Notify,
}

/// By both of a machine's clocks: one may be set, and the other stands still while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Until {
    instant: Instant,
    time: DateTime<Utc>,
}

impl Until {
    /// Until when a lease is held that is written after this, for as long as any is.
    pub(super) fn from_now(clock: &dyn Clock) -> Self {
        let time = LEASE - MARGIN;
        Self { instant: Instant::now() + time.to_std().unwrap_or_default(), time: clock.now() + time }
    }
}

impl Held {
    pub(super) fn new(clock: Arc<dyn Clock>, until: Until) -> Self {
        Self { clock, until: Mutex::new(Some(until)), changed: Notify::new() }
    }

    /// Whether it is held. What was lost once is never held again.
    pub(super) fn is_held(&self) -> bool {
        let mut until = self.until();
        let is_held = until.is_some_and(|until| Instant::now() < until.instant && self.clock.now() < until.time);
        if !is_held {
            *until = None;
        }
        is_held
    }

    /// Is held until then, unless it was lost meanwhile. Tells whether it is held.
    pub(super) fn renew(&self, until: Until) -> bool {
        let is_held = self.is_held();
        if is_held {
            *self.until() = Some(until);
        }
        is_held
    }

    pub(super) fn lose(&self) {
        *self.until() = None;
        self.changed.notify_waiters();
    }

    /// Waits until it is lost.
    pub(super) async fn lost(&self) {
        while self.is_held() {
            let changed = self.changed.notified();
            let Some(until) = *self.until() else { return };
            tokio::select! {
                biased;
                () = changed => {}
                () = sleep_until(until.instant.min(Instant::now() + LOOK)) => {}
            }
        }
    }

    fn until(&self) -> MutexGuard<'_, Option<Until>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
