//! What a worker does once a day, for the whole fleet: [`Daily`].

mod board;
mod rounds;

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use twox_hash::XxHash3_64;

/// What is done once a day, by one worker for all that share the store: a scheduled job, as of cron.
///
/// What is overdue is archived, what was said is forgotten once it has outlived its time ([`Said`](crate::Said)), and, if that is
/// declared, archived sessions are forgotten by their age. Which worker does it is settled in the store, by a compare-and-set. A day
/// on which no worker ran is made up for when one runs again, once.
///
/// ```
/// # use std::time::Duration;
/// # use flow_core::{Engine, Flow, engine::Daily};
/// # fn example<F: Flow>(engine: &Engine<F>) {
/// let year = Duration::from_secs(365 * 86_400);
/// engine.worker().daily(Daily::at(3, 30).purge(year)).start();
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Daily {
    at: NaiveTime,
    spread: TimeDelta,
    purge: Option<Duration>,
    archives: bool,
}

impl Daily {
    /// At this time of the day, by the store's clock, in UTC. What is beyond a day's end is the last minute of the day.
    #[must_use]
    pub fn at(hour: u32, minute: u32) -> Self {
        let at = NaiveTime::from_hms_opt(hour.min(23), if hour > 23 { 59 } else { minute.min(59) }, 0);
        Self { at: at.unwrap_or_default(), spread: TimeDelta::minutes(30), purge: None, archives: true }
    }

    /// Up to so much later, each flow at a time of its own, so that bots which share a server do not come together. Half an hour
    /// unless set; at most half a day.
    #[must_use]
    pub fn spread(self, spread: Duration) -> Self {
        let most = TimeDelta::hours(12);
        Self { spread: TimeDelta::from_std(spread).unwrap_or(most).min(most), ..self }
    }

    /// Forgets archived sessions whose last turn is longer ago than `age`, as [`Engine::purge`](crate::Engine::purge) does: of
    /// every flow in the archive. Not at all unless set.
    #[must_use]
    pub fn purge(self, age: Duration) -> Self {
        Self { purge: Some(age), ..self }
    }

    /// Whether what is overdue is archived, as [`Engine::archive_all`](crate::Engine::archive_all) does, for which every session of
    /// the flow is read once. It is, unless this says otherwise: workers archive what is due by themselves, and this finds what
    /// they have missed.
    #[must_use]
    pub fn archive(self, archives: bool) -> Self {
        Self { archives, ..self }
    }

    /// When the work of this day is due, for this flow.
    fn due(&self, flow: &str, day: NaiveDate) -> DateTime<Utc> {
        let seconds = u64::try_from(self.spread.num_seconds()).unwrap_or_default();
        let later = XxHash3_64::oneshot(flow.as_bytes()) % (seconds + 1);
        day.and_time(self.at).and_utc() + TimeDelta::seconds(i64::try_from(later).unwrap_or_default())
    }

    /// The last day whose work is due by now.
    fn last_due(&self, flow: &str, now: DateTime<Utc>) -> NaiveDate {
        let today = now.date_naive();
        let yesterday = today.pred_opt().unwrap_or(today);
        let before = yesterday.pred_opt().unwrap_or(yesterday);
        // What is spread beyond midnight is still the work of the day before.
        let due = [today, yesterday].into_iter().find(|day| self.due(flow, *day) <= now);
        due.unwrap_or(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_day_is_due_at_its_time_and_stays_so_until_the_next_one_is() {
        let daily = Daily::at(3, 30).spread(Duration::ZERO);
        for (now, due) in [
            ("2026-03-02T03:29:59Z", "2026-03-01"),
            ("2026-03-02T03:30:00Z", "2026-03-02"),
            ("2026-03-03T00:00:00Z", "2026-03-02"),
            ("2026-03-03T03:30:00Z", "2026-03-03"),
        ] {
            assert_eq!(daily.last_due("booking", time(now)), day(due), "{now}");
        }
    }

    #[test]
    fn each_flow_has_a_time_of_its_own_within_the_spread_also_beyond_midnight() {
        let daily = Daily::at(23, 59).spread(Duration::from_secs(43_200));
        let today = day("2026-03-02");
        let begin = time("2026-03-02T23:59:00Z");
        let mut all = std::collections::BTreeSet::new();
        for flow in ["booking", "order", "desk", "courier"] {
            let due = daily.due(flow, today);
            assert!((begin..=begin + TimeDelta::hours(12)).contains(&due), "{flow}: {due}");
            assert_eq!(daily.last_due(flow, due), today);
            assert_eq!(daily.last_due(flow, due - TimeDelta::seconds(1)), day("2026-03-01"));
            all.insert(due);
        }
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn what_is_no_time_of_a_day_is_its_end() {
        assert_eq!(Daily::at(24, 0), Daily::at(23, 59));
        assert_eq!(Daily::at(7, 60), Daily::at(7, 59));
    }
}
