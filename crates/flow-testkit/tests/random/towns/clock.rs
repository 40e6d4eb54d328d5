//! A clock that drifts and is turned: [`TownClock`].

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::Clock;
use tokio::time::Instant;

/// A clock of one machine, or of the store. Its clones share one time, which goes by the runtime's.
#[derive(Clone, Debug)]
pub(crate) struct TownClock {
    began: Instant,
    /// How many milliseconds it gains in a thousand seconds.
    drift: i64,
    ahead: Arc<Mutex<TimeDelta>>,
}

impl TownClock {
    /// A clock that gains so much, and shows the time of a summer's day.
    pub(crate) fn new(drift: i64) -> Self {
        Self { began: Instant::now(), drift, ahead: Arc::default() }
    }

    /// Turns it forward, or back.
    pub(crate) fn turn(&self, by: TimeDelta) {
        *self.ahead.lock().expect("a lock") += by;
    }

    /// Turns it to this time.
    pub(crate) fn set(&self, time: DateTime<Utc>) {
        let by = time - self.now();
        self.turn(by);
    }
}

impl Clock for TownClock {
    fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.began.elapsed()).expect("a test is shorter");
        let gained = TimeDelta::microseconds(passed.num_milliseconds() * self.drift / 1_000);
        SUMMER + passed + gained + *self.ahead.lock().expect("a lock")
    }
}

/// Any day that lies years away from both ends of the calendar.
const SUMMER: DateTime<Utc> = DateTime::from_timestamp(1_782_000_000, 0).expect("a second that chrono knows");
