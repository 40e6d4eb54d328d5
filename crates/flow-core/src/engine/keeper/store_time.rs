//! What time it is, as the store says: [`StoreTime`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::heard::Heard;
use crate::Clock;

/// The time of the store, as its answers tell it, and how far this machine's clock is from it: the skew.
///
/// Where a store has several clocks, each is one for itself: what one of them tells says nothing of the others.
pub(in crate::engine) struct StoreTime {
    clock: Arc<dyn Clock>,
    /// How far a clock of the store and this machine's may be apart for an expiry to be declared.
    bound: TimeDelta,
    told: Mutex<Told>,
}

/// What the store told last.
#[derive(Debug, Default)]
struct Told {
    /// By any of its clocks.
    last: Option<Heard>,
    /// By each of them: first what it tells of no session, or of each if it has one clock.
    by_clock: Vec<Option<Heard>>,
    /// Whether a clock was further from this machine's than the bound.
    is_apart: bool,
}

impl StoreTime {
    pub(super) fn new(clock: Arc<dyn Clock>, bound: Duration) -> Self {
        let bound = TimeDelta::from_std(bound).unwrap_or(TimeDelta::MAX);
        Self { clock, bound, told: Mutex::default() }
    }

    /// The clock of this machine.
    pub(in crate::engine) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Takes note of a time that this clock of the store has just told, and says so in the log when one of them comes to be too far
    /// from this machine's, and when none is any more.
    pub(super) fn hear(&self, clock: Option<u16>, time: DateTime<Utc>) -> Heard {
        let heard = Heard::just_now(time, &*self.clock);
        let is_apart = self.is_apart(&heard);
        let mut told = self.told();
        told.last = Some(heard);
        let place = place_of(clock);
        if told.by_clock.len() <= place {
            told.by_clock.resize(place + 1, None);
        }
        told.by_clock[place] = Some(heard);
        let was_apart = told.is_apart;
        told.is_apart = is_apart || was_apart && told.by_clock.iter().flatten().any(|heard| self.is_apart(heard));
        let still_apart = told.is_apart;
        // What listens to the log may ask for the time.
        drop(told);
        if is_apart && !was_apart {
            tracing::error!(
                store_is_ahead_by_seconds = heard.skew().num_seconds(),
                "the clocks of the store and of this machine are far apart, and no session is declared expired"
            );
        } else if was_apart && !still_apart {
            tracing::info!("the clocks of the store and of this machine agree again");
        }
        heard
    }

    /// What this clock of the store told last, to go on from while it is away. If it has told nothing yet, another one must do, or
    /// the clock of this machine.
    pub(in crate::engine) fn last_heard(&self, clock: Option<u16>) -> Heard {
        let heard = {
            let told = self.told();
            told.by_clock.get(place_of(clock)).copied().flatten().or(told.last)
        };
        heard.unwrap_or_else(|| Heard::just_now(self.clock.now(), &*self.clock))
    }

    /// What time it is now, going on from what was heard.
    pub(in crate::engine) fn now(&self, heard: Heard) -> DateTime<Utc> {
        heard.now(&*self.clock)
    }

    /// How long ago that was heard, at the least and at the most.
    pub(super) fn since(&self, heard: Heard) -> (TimeDelta, TimeDelta) {
        heard.since(&*self.clock)
    }

    /// How long ago that was heard, at the most.
    pub(in crate::engine) fn longest_since(&self, heard: Heard) -> TimeDelta {
        heard.longest_since(&*self.clock)
    }

    /// By how much the store was ahead of this machine when it last told its time; less than nothing if it was behind.
    pub(in crate::engine) fn skew(&self) -> Option<TimeDelta> {
        self.told().last.map(|heard| heard.skew())
    }

    /// Whether this clock of the store and this machine's agree well enough to declare a session expired: if they do not, one of them
    /// is wrong, and it is not known which.
    pub(super) fn declares_expiries(&self, clock: Option<u16>) -> bool {
        let told = self.told();
        !told.is_apart
            || !told.by_clock.get(place_of(clock)).copied().flatten().is_some_and(|heard| self.is_apart(&heard))
    }

    fn is_apart(&self, heard: &Heard) -> bool {
        heard.skew().abs() > self.bound
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place_of(clock: Option<u16>) -> usize {
    clock.map_or(0, |clock| usize::from(clock) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;

    const BOUND: TimeDelta = TimeDelta::minutes(5);

    fn store_time() -> StoreTime {
        StoreTime::new(Arc::new(SystemClock), BOUND.to_std().expect("a time"))
    }

    #[test]
    fn each_clock_of_a_store_is_one_for_itself() {
        let (time, now) = (store_time(), Utc::now());
        let ahead = time.hear(Some(3), now + BOUND * 2);
        let right = time.hear(Some(7), now);
        let told = |clock| time.last_heard(clock).skew();
        assert_eq!([Some(3), Some(7)].map(told), [ahead.skew(), right.skew()]);
        assert_eq!([Some(9), None].map(told), [right.skew(); 2], "what tells nothing has the time of what told last");
        assert_eq!([Some(3), Some(7), Some(9)].map(|clock| time.declares_expiries(clock)), [false, true, true]);
        time.hear(Some(3), now);
        assert!(time.declares_expiries(Some(3)));
    }
}
