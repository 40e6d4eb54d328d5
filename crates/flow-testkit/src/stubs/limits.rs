//! How much a platform takes: a [`Limit`].

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// One in so long for each name, and some at once where a name was quiet before.
pub(super) struct Limit {
    each: Duration,
    burst: f64,
    buckets: HashMap<String, Bucket>,
}

struct Bucket {
    left: f64,
    at: Instant,
}

/// So many names are remembered until those are forgotten that have all they may have.
const REMEMBERED: usize = 10_000;

impl Limit {
    /// This many in this time, and this many at once.
    pub(super) fn of(count: u32, time: Duration, burst: u32) -> Self {
        Self { each: time / count, burst: f64::from(burst), buckets: HashMap::new() }
    }

    /// How long this one has to wait; none if it may now. Takes nothing.
    pub(super) fn wait(&mut self, name: &str) -> Option<Duration> {
        let each = self.each;
        let left = self.bucket(name).left;
        (left < 1.0).then(|| each.mul_f64(1.0 - left))
    }

    /// One was taken.
    pub(super) fn take(&mut self, name: &str) {
        self.bucket(name).left -= 1.0;
    }

    fn bucket(&mut self, name: &str) -> &mut Bucket {
        let (each, burst, now) = (self.each, self.burst, Instant::now());
        let refilled = move |bucket: &Bucket| (bucket.left + (now - bucket.at).div_duration_f64(each)).min(burst);
        if self.buckets.len() > REMEMBERED {
            self.buckets.retain(|_, bucket| refilled(bucket) < burst);
        }
        let bucket = self.buckets.entry(name.to_owned()).or_insert(Bucket { left: burst, at: now });
        bucket.left = refilled(bucket);
        bucket.at = now;
        bucket
    }
}
