//! What this machine heard of the store's time: [`Heard`].

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

use crate::Clock;

/// An instant as heard of the store: what time it was there, and what the clock of this machine showed.
///
/// That clock is only ever subtracted from itself, so that it does not matter how far it is off.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Heard {
    time: DateTime<Utc>,
    shown: DateTime<Utc>,
    /// When that was, by what only measures.
    at: Instant,
}

impl Heard {
    /// The store has just told this time.
    pub(super) fn just_now(time: DateTime<Utc>, clock: &dyn Clock) -> Self {
        Self { time, shown: clock.now(), at: Instant::now() }
    }

    /// What time it is in the store, as far as this machine can tell: what it was, and what has passed since.
    ///
    /// Of two that measure what has passed it believes the one that says less, so that what it leads to is late and not early:
    /// the clock may be set forward meanwhile, and the runtime's time stands still with a machine that sleeps.
    pub(super) fn now(&self, clock: &dyn Clock) -> DateTime<Utc> {
        let passed = self.shown_since(clock).min(self.measured_since());
        self.time.checked_add_signed(passed).unwrap_or(self.time)
    }

    /// How long ago that was at the most.
    pub(super) fn longest_since(&self, clock: &dyn Clock) -> TimeDelta {
        self.shown_since(clock).max(self.measured_since())
    }

    /// How long ago that was, by the one that says less and by the one that says more.
    pub(super) fn since(&self, clock: &dyn Clock) -> (TimeDelta, TimeDelta) {
        let (shown, measured) = (self.shown_since(clock), self.measured_since());
        (shown.min(measured), shown.max(measured))
    }

    fn shown_since(&self, clock: &dyn Clock) -> TimeDelta {
        (clock.now() - self.shown).max(TimeDelta::zero())
    }

    fn measured_since(&self) -> TimeDelta {
        TimeDelta::from_std(self.at.elapsed()).unwrap_or(TimeDelta::MAX)
    }

    /// By how much the store was ahead of this machine; less than nothing if it was behind.
    pub(super) fn skew(&self) -> TimeDelta {
        self.time - self.shown
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::*;

    /// A clock that shows this.
    struct Shows(DateTime<Utc>);

    impl Clock for Shows {
        fn now(&self) -> DateTime<Utc> {
            self.0
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_of_the_store_goes_on_by_what_passes_here_and_never_back() {
        let here = DateTime::UNIX_EPOCH;
        let store = here + TimeDelta::minutes(10);
        let heard = Heard::just_now(store, &Shows(here));
        assert_eq!((heard.now(&Shows(here)), heard.skew()), (store, TimeDelta::minutes(10)));
        advance(Duration::from_secs(5)).await;
        assert_eq!(heard.now(&Shows(here + TimeDelta::seconds(5))), store + TimeDelta::seconds(5));
        assert_eq!(heard.now(&Shows(here - TimeDelta::hours(1))), store);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_forward_lets_no_time_pass() {
        let here = DateTime::UNIX_EPOCH;
        let heard = Heard::just_now(here, &Shows(here));
        advance(Duration::from_secs(5)).await;
        let next_year = Shows(here + TimeDelta::days(365));
        assert_eq!(heard.now(&next_year), here + TimeDelta::seconds(5));
        assert_eq!(heard.longest_since(&next_year), TimeDelta::days(365), "it may have slept as long");
    }
}
