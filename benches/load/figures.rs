//! Times as they are told: [`Times`].

use std::{fmt, time::Duration};

/// Many times, from the shortest to the longest.
pub struct Times(Vec<Duration>);

impl Times {
    pub fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<_> = times.into_iter().collect();
        times.sort_unstable();
        Self(times)
    }

    /// The time within which so many of a thousand are.
    fn within(&self, of_a_thousand: usize) -> Duration {
        let place = (self.0.len() * of_a_thousand).div_ceil(1_000).saturating_sub(1);
        self.0.get(place).copied().unwrap_or_default()
    }

    /// How many take longer than a second.
    pub fn over_a_second(&self) -> usize {
        self.0.len() - self.0.partition_point(|time| *time <= Duration::from_secs(1))
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |of_a_thousand| self.within(of_a_thousand).as_secs_f64() * 1e3;
        let [half, most, nearly_all, all] = [500, 990, 999, 1_000].map(millis);
        write!(f, "p50 {half:.1} ms, p99 {most:.1} ms, p99.9 {nearly_all:.1} ms, max {all:.1} ms")
    }
}
