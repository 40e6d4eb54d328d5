//! What time it is, as the store says: [`StoreTime`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::heard::Heard;
use crate::Clock;

/// The time of the store, as its answers tell it, and how far this machine's clock is from it: the skew.
pub(in crate::engine) struct StoreTime {
    clock: Arc<dyn Clock>,
    /// How far the two clocks may be apart for an expiry to be declared.
    bound: TimeDelta,
    last: Mutex<Last>,
}

/// What the store told last.
#[derive(Clone, Copy, Debug, Default)]
struct Last {
    heard: Option<Heard>,
    /// Whether the clocks were further apart than the bound.
    is_apart: bool,
}

impl StoreTime {
    pub(super) fn new(clock: Arc<dyn Clock>, bound: Duration) -> Self {
        let bound = TimeDelta::from_std(bound).unwrap_or(TimeDelta::MAX);
        Self { clock, bound, last: Mutex::default() }
    }

    /// Takes note of a time that the store has just told, and says so in the log when the clocks come to be too far apart,
    /// and when they no longer are.
    pub(super) fn hear(&self, time: DateTime<Utc>) -> Heard {
        let heard = Heard::just_now(time, &*self.clock);
        let skew = heard.skew();
        let is_apart = skew.abs() > self.bound;
        let was_apart = std::mem::replace(&mut *self.last(), Last { heard: Some(heard), is_apart }).is_apart;
        if is_apart && !was_apart {
            tracing::error!(
                store_is_ahead_by_seconds = skew.num_seconds(),
                "the clocks of the store and of this machine are far apart, and no session is declared expired"
            );
        } else if was_apart && !is_apart {
            tracing::info!("the clocks of the store and of this machine agree again");
        }
        heard
    }

    /// What the store told last, to go on from while it is away. If it has told nothing yet, the clock of this machine must do.
    pub(in crate::engine) fn last_heard(&self) -> Heard {
        self.last().heard.unwrap_or_else(|| Heard::just_now(self.clock.now(), &*self.clock))
    }

    /// What time it is now, going on from what was heard.
    pub(in crate::engine) fn now(&self, heard: Heard) -> DateTime<Utc> {
        heard.now(&*self.clock)
    }

    /// How long ago that was heard, at the most.
    pub(in crate::engine) fn longest_since(&self, heard: Heard) -> TimeDelta {
        heard.longest_since(&*self.clock)
    }

    /// By how much the store was ahead of this machine when it last told its time; less than nothing if it was behind.
    pub(in crate::engine) fn skew(&self) -> Option<TimeDelta> {
        self.last().heard.map(|heard| heard.skew())
    }

    /// Whether the two clocks agree well enough to declare a session expired: if they do not, one of them is wrong, and it is
    /// not known which.
    pub(super) fn declares_expiries(&self) -> bool {
        !self.last().is_apart
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
