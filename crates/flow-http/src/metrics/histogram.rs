//! How long, how large, how many: [`Histogram`].

use std::time::Duration;

/// Seconds, from what a store in memory takes to what a visitor does not wait for.
pub(super) const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Seconds that something has waited: from what nobody notices to a day.
pub(super) const WAITS: &[f64] =
    &[0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 21_600.0, 86_400.0];

/// Bytes of a record: up to the most that an engine writes unless that is set.
pub(super) const BYTES: &[f64] = &[
    512.0,
    1_024.0,
    2_048.0,
    4_096.0,
    8_192.0,
    16_384.0,
    32_768.0,
    65_536.0,
    131_072.0,
    262_144.0,
    524_288.0,
    1_048_576.0,
];

/// Things that are done together, or wait one behind the other.
pub(super) const COUNTS: &[f64] = &[0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0];

/// Values, counted by how large they were.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    bounds: &'static [f64],
    /// One for each bound, and the last for what is above all of them.
    buckets: Vec<u64>,
    sum: f64,
}

impl Histogram {
    pub(super) fn by(bounds: &'static [f64]) -> Self {
        Self { bounds, buckets: vec![0; bounds.len() + 1], sum: 0.0 }
    }

    pub(super) fn add(&mut self, value: f64) {
        self.buckets[self.bounds.partition_point(|bound| *bound < value)] += 1;
        self.sum += value;
    }

    pub(super) fn add_time(&mut self, time: Duration) {
        self.add(time.as_secs_f64());
    }

    #[expect(clippy::cast_precision_loss, reason = "what is counted or weighed here is far below 2^52")]
    pub(super) fn add_count(&mut self, count: usize) {
        self.add(count as f64);
    }

    /// For each bound, how many were not above it.
    pub(super) fn up_to(&self) -> impl Iterator<Item = (f64, u64)> {
        let mut below = 0;
        self.bounds.iter().zip(&self.buckets).map(move |(bound, count)| {
            below += count;
            (*bound, below)
        })
    }

    pub(super) fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    pub(super) fn sum(&self) -> f64 {
        self.sum
    }
}
