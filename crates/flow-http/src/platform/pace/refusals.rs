//! That a platform said to wait: [`Refusals`].

use std::time::Duration;

/// How long something is left alone because the platform said so. Times are counted from when the pace began.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Refusals {
    until: Duration,
    /// How often in a row the platform named no time.
    unnamed: u32,
}

/// The first wait where a platform names none.
const FIRST: Duration = Duration::from_secs(1);

/// The longest of those. A platform that refuses for longer is asked once in so long.
const LONGEST: Duration = Duration::from_secs(300);

/// The longest wait that a platform may name. The engine asks again after so long, too; and what is far beyond it is a mistake, of a
/// platform that tells a time where it means a span.
const LONGEST_NAMED: Duration = Duration::from_secs(30 * 86_400);

/// How long it is remembered that there were refusals, if nothing is sent: the next one counts as the first then.
const REMEMBERED: Duration = Duration::from_secs(600);

impl Refusals {
    /// How long it is to be left alone yet.
    pub(super) fn wait(self, now: Duration) -> Duration {
        self.until.saturating_sub(now)
    }

    /// The platform has refused a message, and named this time: it is obeyed as it stands, up to a month. If that is zero it named none,
    /// and each refusal in a row has the next one wait `growth` times as long. Tells how long.
    pub(super) fn refused(&mut self, named: Duration, growth: u32, now: Duration) -> Duration {
        let time = if !named.is_zero() {
            named.min(LONGEST_NAMED)
        } else if now < self.until {
            // One of several that were under way together: they are one refusal.
            self.wait(now)
        } else {
            let factor = growth.checked_pow(self.unnamed).unwrap_or(u32::MAX);
            self.unnamed = self.unnamed.saturating_add(1);
            FIRST.saturating_mul(factor).min(LONGEST)
        };
        self.until = self.until.max(now.saturating_add(time));
        time
    }

    /// The platform takes messages again.
    pub(super) fn passed(&mut self) {
        self.unnamed = 0;
    }

    /// Whether it remembers nothing that a new one does not.
    pub(super) fn is_empty(self, now: Duration) -> bool {
        let remembered = if self.unnamed == 0 { Duration::ZERO } else { REMEMBERED };
        self.until.saturating_add(remembered) <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_time_is_obeyed_and_where_none_is_named_the_waits_grow() {
        let mut refusals = Refusals::default();
        assert_eq!(refusals.refused(Duration::from_secs(34), 4, Duration::ZERO), Duration::from_secs(34));
        assert_eq!(refusals.wait(Duration::from_secs(30)), Duration::from_secs(4));
        let mut now = Duration::from_secs(34);
        let mut grow = || {
            let time = refusals.refused(Duration::ZERO, 4, now);
            now += time;
            time.as_secs()
        };
        assert_eq!([grow(), grow(), grow(), grow(), grow(), grow()], [1, 4, 16, 64, 256, 300]);
        assert_eq!([(); 60].map(|()| grow()), [300; 60], "however often");
        refusals.passed();
        assert_eq!(refusals.refused(Duration::ZERO, 4, now), Duration::from_secs(1));
        assert_eq!(refusals.refused(Duration::ZERO, 4, now), Duration::from_secs(1), "under way with it");
        now += Duration::from_secs(1);
        assert_eq!(refusals.refused(Duration::ZERO, 4, now), Duration::from_secs(4));
    }

    #[test]
    fn what_was_refused_is_forgotten_when_it_is_long_ago() {
        let mut refusals = Refusals::default();
        assert!(refusals.is_empty(Duration::ZERO));
        refusals.refused(Duration::ZERO, 2, Duration::ZERO);
        assert!(!refusals.is_empty(Duration::from_secs(600)) && refusals.is_empty(Duration::from_secs(601)));
    }
}
