//! What time it is: a [`Clock`] is injected wherever time matters, so that a test can turn it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> DateTime<Utc> {
        (**self).now()
    }
}

impl<C: Clock + ?Sized> Clock for Box<C> {
    fn now(&self) -> DateTime<Utc> {
        (**self).now()
    }
}

/// A clock that never tells an earlier time than it told before: for a store that has no server, whose time must not go back.
///
/// When the clock behind it is set back, this one stands still until that one has caught up. It is of one process: what
/// another one was told, it does not know.
///
/// ```
/// use flow_core::{Clock, ForwardClock, SystemClock};
///
/// let clock = ForwardClock::over(SystemClock);
/// let before = clock.now();
/// assert!(clock.now() >= before);
/// ```
pub struct ForwardClock {
    clock: Box<dyn Clock>,
    told: Mutex<DateTime<Utc>>,
}

impl ForwardClock {
    /// Tells the time of `clock`, but for what would be a step back.
    pub fn over(clock: impl Clock + 'static) -> Self {
        Self { clock: Box::new(clock), told: Mutex::new(DateTime::<Utc>::MIN_UTC) }
    }
}

impl Clock for ForwardClock {
    fn now(&self) -> DateTime<Utc> {
        // Asked before the lock is taken: it is not our code.
        let now = self.clock.now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        *told = now.max(*told);
        *told
    }
}

impl fmt::Debug for ForwardClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ForwardClock")
    }
}

/// The time that much later; none beyond the end of the calendar.
pub(crate) fn after(time: DateTime<Utc>, duration: Duration) -> Option<DateTime<Utc>> {
    time.checked_add_signed(TimeDelta::from_std(duration).ok()?)
}
