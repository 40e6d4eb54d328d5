//! What this machine heard of the store's time: [`Heard`].

use chrono::{DateTime, TimeDelta, Utc};

use crate::Clock;

/// An instant as heard of the store: what time it was there, and what the clock of this machine showed.
///
/// That clock is only ever subtracted from itself, so that it does not matter how far it is off.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Heard {
    time: DateTime<Utc>,
    shown: DateTime<Utc>,
}

impl Heard {
    /// The store has just told this time.
    pub(super) fn just_now(time: DateTime<Utc>, clock: &dyn Clock) -> Self {
        Self { time, shown: clock.now() }
    }

    /// What time it is in the store, as far as this machine can tell: what it was, and what has passed since.
    pub(super) fn now(&self, clock: &dyn Clock) -> DateTime<Utc> {
        let passed = (clock.now() - self.shown).max(TimeDelta::zero());
        self.time.checked_add_signed(passed).unwrap_or(self.time)
    }

    /// By how much the store was ahead of this machine; less than nothing if it was behind.
    pub(super) fn skew(&self) -> TimeDelta {
        self.time - self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that shows this.
    struct Shows(DateTime<Utc>);

    impl Clock for Shows {
        fn now(&self) -> DateTime<Utc> {
            self.0
        }
    }

    #[test]
    fn the_time_of_the_store_goes_on_by_what_passes_here_and_never_back() {
        let here = DateTime::UNIX_EPOCH;
        let store = here + TimeDelta::minutes(10);
        let heard = Heard::just_now(store, &Shows(here));
        assert_eq!((heard.now(&Shows(here)), heard.skew()), (store, TimeDelta::minutes(10)));
        assert_eq!(heard.now(&Shows(here + TimeDelta::seconds(5))), store + TimeDelta::seconds(5));
        assert_eq!(heard.now(&Shows(here - TimeDelta::hours(1))), store);
    }
}
