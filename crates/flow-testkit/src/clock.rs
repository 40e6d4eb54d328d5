//! A clock that is turned by hand: [`ManualClock`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use flow_core::Clock;

/// A clock that stands still until it is turned. Its clones share one time.
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::Clock;
/// use flow_testkit::ManualClock;
///
/// let clock = ManualClock::new();
/// let before = clock.now();
/// clock.clone().advance(Duration::from_secs(60));
/// assert_eq!((clock.now() - before).num_minutes(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl ManualClock {
    /// A clock that shows the first second of 2026.
    pub fn new() -> Self {
        Self::at(DateTime::from_timestamp(1_767_225_600, 0).expect("a second that chrono knows"))
    }

    /// A clock that shows `now`.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { now: Arc::new(Mutex::new(now)) }
    }

    /// Turns the clock forward.
    ///
    /// Panics where chrono's time ends, in the year 262142.
    pub fn advance(&self, by: Duration) {
        let mut now = self.lock();
        *now += by;
    }

    /// Turns the clock to `now`, which may well be earlier.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.lock() = now;
    }

    fn lock(&self) -> MutexGuard<'_, DateTime<Utc>> {
        // A panic under this lock cannot leave half a time, so a poisoned lock is used all the same.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_stands_still_until_it_is_turned() {
        let clock = ManualClock::new();
        assert_eq!(clock.now().to_rfc3339(), "2026-01-01T00:00:00+00:00");
        assert_eq!(clock.now(), clock.now());
    }

    #[test]
    fn clones_share_one_time() {
        let clock = ManualClock::new();
        let other = clock.clone();
        other.advance(Duration::from_millis(1_500));
        assert_eq!(clock.now().to_rfc3339(), "2026-01-01T00:00:01.500+00:00");
    }

    #[test]
    fn a_clock_can_be_turned_back() {
        let clock = ManualClock::new();
        let earlier = clock.now() - Duration::from_secs(3_600);
        clock.set(earlier);
        assert_eq!(clock.now(), earlier);
    }
}
