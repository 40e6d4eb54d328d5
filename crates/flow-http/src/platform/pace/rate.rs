//! How many messages in how long: a [`Rate`].

use std::time::Duration;

/// So many messages in each so long: a rate limit, as a constant.
///
/// Messages are spaced evenly, unless some [pass at once](Self::at_once) or as a [burst](Self::burst) after a rest. Kept by GCRA, a leaky
/// bucket that remembers one time.
///
/// ```
/// use std::time::Duration;
///
/// use flow_http::platform::Rate;
///
/// // Never more than twenty in a minute, five of them at once.
/// const GROUP: Rate = Rate::per_minute(20).at_once(5);
/// // One each six seconds, and forty-five at once after a rest.
/// const USER: Rate = Rate::of(1, Duration::from_secs(6)).burst(45);
/// # let _ = (GROUP, USER);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    step: Duration,
    count: u32,
    every: Duration,
    /// How many pass at once after a rest.
    depth: u32,
}

impl Rate {
    /// So many in each so long.
    #[must_use]
    pub const fn of(count: u32, every: Duration) -> Self {
        assert!(count > 0, "a rate lets some pass");
        assert!(every.as_secs() > 0 || every.subsec_nanos() > 0, "a rate is of a time");
        assert!(every.as_secs() <= 86_400, "a rate is of a day at most");
        Self { step: step(every, count), count, every, depth: 1 }
    }

    /// So many a second.
    #[must_use]
    pub const fn per_second(count: u32) -> Self {
        Self::of(count, Duration::from_secs(1))
    }

    /// So many a minute.
    #[must_use]
    pub const fn per_minute(count: u32) -> Self {
        Self::of(count, Duration::from_secs(60))
    }

    /// So many at once after a rest, on top of the rate: for a platform that lets bursts pass.
    #[must_use]
    pub const fn burst(self, most: u32) -> Self {
        assert!(most > 0, "one passes at once");
        Self { step: step(self.every, self.count), depth: most, ..self }
    }

    /// So many at once after a rest, and never more than the rate in its time: for a platform that counts what passed. Those that
    /// follow are a little further apart for it.
    #[must_use]
    pub const fn at_once(self, most: u32) -> Self {
        assert!(most > 0 && most <= self.count, "no more pass at once than in all that time");
        Self { step: step(self.every, self.count - most + 1), depth: most, ..self }
    }

    /// How far messages are apart when none is saved up.
    pub(super) const fn step(&self) -> Duration {
        self.step
    }

    /// How much earlier than evenly spaced one may come.
    pub(super) fn slack(&self) -> Duration {
        self.step.saturating_mul(self.depth - 1)
    }
}

/// Rounded up: rounded down, one more would pass in some long time.
const fn step(every: Duration, count: u32) -> Duration {
    let Some(step) = every.checked_div(count) else { return every };
    let is_short = step.saturating_mul(count).as_nanos() < every.as_nanos();
    if is_short { step.saturating_add(Duration::from_nanos(1)) } else { step }
}
