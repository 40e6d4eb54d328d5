//! What time it is: a [`Clock`] is injected wherever time matters, so that a test can turn it.

use std::{sync::Arc, time::Duration};

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

/// The time that much later; none beyond the end of the calendar.
pub(crate) fn after(time: DateTime<Utc>, duration: Duration) -> Option<DateTime<Utc>> {
    time.checked_add_signed(TimeDelta::from_std(duration).ok()?)
}
