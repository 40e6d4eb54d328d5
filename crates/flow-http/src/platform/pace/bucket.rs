//! What has passed lately, as far as it counts: a [`Bucket`].

use std::time::Duration;

use super::Rate;

/// What one limit remembers: until when what has passed fills the rate. Times are counted from when the pace began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bucket {
    filled_until: Duration,
}

impl Bucket {
    /// How long the next message has to wait.
    pub(super) fn wait(self, rate: &Rate, now: Duration) -> Duration {
        self.filled_until.saturating_sub(rate.slack()).saturating_sub(now)
    }

    /// How long the first of so many messages has to wait so that the last one passes within this time; less if that cannot be, and a
    /// rest no longer helps.
    pub(super) fn wait_for_all(self, rate: &Rate, count: u32, within: Duration, now: Duration) -> Duration {
        let others = rate.step().saturating_mul(count.saturating_sub(1));
        let last = self.filled_until.max(now).saturating_add(others).saturating_sub(rate.slack()).saturating_sub(now);
        last.saturating_sub(within).min(self.filled_until.saturating_sub(now))
    }

    /// One message passes, as soon as it may.
    pub(super) fn take(&mut self, rate: &Rate, now: Duration) {
        self.filled_until = self.filled_until.max(now).saturating_add(rate.step());
    }

    /// One that was to pass does not.
    pub(super) fn give_back(&mut self, rate: &Rate) {
        self.filled_until = self.filled_until.saturating_sub(rate.step());
    }

    /// When it is empty.
    pub(super) fn end(self) -> Duration {
        self.filled_until
    }

    /// Whether it remembers nothing that a new one does not.
    pub(super) fn is_empty(self, now: Duration) -> bool {
        self.filled_until <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When so many messages that all wait pass.
    fn passed(rate: &Rate, count: usize) -> Vec<Duration> {
        let mut bucket = Bucket::default();
        let one = |_| {
            let wait = bucket.wait(rate, Duration::ZERO);
            bucket.take(rate, Duration::ZERO);
            wait
        };
        (0..count).map(one).collect()
    }

    /// The most that passed in any half-open window of this length.
    fn most_in(window: Duration, passed: &[Duration]) -> usize {
        let from = |begin: &Duration| passed.iter().filter(|at| (*begin..*begin + window).contains(at)).count();
        passed.iter().map(from).max().unwrap_or_default()
    }

    #[test]
    fn no_window_has_more_than_the_rate() {
        let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
        for (rate, window, most) in [
            (Rate::per_second(30), second, 30),
            (Rate::per_second(30).at_once(10), second, 30),
            (Rate::per_minute(20).at_once(5), minute, 20),
            (Rate::per_minute(20).at_once(20), minute, 20),
            (Rate::per_second(1).burst(3), second, 3),
            (Rate::of(1, Duration::from_secs(6)).burst(45), Duration::from_secs(6), 45),
        ] {
            let passed = passed(&rate, 200);
            assert_eq!(most_in(window, &passed), most, "{rate:?}");
        }
        // What burst lets pass comes on top, once.
        let passed = passed(&Rate::per_second(1).burst(3), 200);
        assert_eq!(most_in(minute, &passed), 62);
        assert_eq!(passed.last(), Some(&Duration::from_secs(197)));
    }

    #[test]
    fn several_begin_when_the_last_of_them_can_follow_soon() {
        let (rate, mut bucket) = (Rate::per_second(1).burst(3), Bucket::default());
        let wait =
            |bucket: Bucket, count| bucket.wait_for_all(&rate, count, Duration::from_secs(3), Duration::ZERO).as_secs();
        assert_eq!([wait(bucket, 6), wait(bucket, 60)], [0, 0], "it is as good as it gets");
        for _ in 0..3 {
            bucket.take(&rate, Duration::ZERO);
        }
        assert_eq!(
            [wait(bucket, 1), wait(bucket, 3), wait(bucket, 4), wait(bucket, 6), wait(bucket, 60)],
            [0, 0, 1, 3, 3]
        );
    }

    #[test]
    fn what_is_given_back_is_free_for_the_next() {
        let (rate, mut bucket) = (Rate::per_second(1), Bucket::default());
        bucket.take(&rate, Duration::ZERO);
        bucket.take(&rate, Duration::ZERO);
        bucket.give_back(&rate);
        assert_eq!(bucket.wait(&rate, Duration::ZERO), Duration::from_secs(1));
        assert!(!bucket.is_empty(Duration::from_millis(999)) && bucket.is_empty(Duration::from_secs(1)));
    }
}
