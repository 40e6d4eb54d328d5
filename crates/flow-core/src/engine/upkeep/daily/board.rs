//! Which day's work is done, and who is at it, as the store keeps it for the whole fleet: [`Board`].

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Daily;
use crate::{Secret, SessionId, engine::keeper::Beside};

/// What the fleet knows of what is done once a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Board {
    /// The last day whose work is done.
    done: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claim: Option<Claim>,
}

/// Until when the work is left to one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Claim {
    /// None if nobody is at it: what failed rests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<Uuid>,
    until: DateTime<Utc>,
}

/// What a worker does next about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// There is nothing to do until then.
    Wait(DateTime<Utc>),
    /// The fleet has begun just now: the days before are not its own.
    Begin(NaiveDate),
    /// The work of this day is to be done.
    Do(NaiveDate),
}

/// How long a process may be gone that has begun, before another one does the work. What is done twice does no harm.
const LEASE: TimeDelta = TimeDelta::hours(1);

/// How long what failed rests.
const REST: TimeDelta = TimeDelta::minutes(10);

impl Beside for Board {
    const KIND: &str = "daily";
    const STATE: &str = "DAILY";
    const LIFE: Duration = Duration::from_secs(40 * 86_400);
}

impl Board {
    /// Under which id it lies.
    pub(super) fn id(flow: &str) -> SessionId {
        // It keeps nothing secret: whoever reads the store may know which record this is.
        let names = Secret::new("flow: what is done once a day").expect("it is long enough");
        SessionId::derived(&names, "daily", flow)
    }

    pub(super) fn begun(day: NaiveDate) -> Self {
        Self { done: day, claim: None }
    }

    pub(super) fn next(board: Option<&Self>, daily: &Daily, flow: &str, me: Uuid, now: DateTime<Utc>) -> Next {
        let day = daily.last_due(flow, now);
        let Some(Self { done, claim }) = board else { return Next::Begin(day) };
        // After a clock was set back, a day may be done that has not come yet.
        if *done >= day {
            return Next::Wait(done.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, |next| daily.due(flow, next)));
        }
        match claim {
            Some(claim) if claim.until > now && claim.by != Some(me) => Next::Wait(claim.until),
            _ => Next::Do(day),
        }
    }

    /// The same, left to this process.
    pub(super) fn claimed(self, me: Uuid, now: DateTime<Utc>) -> Self {
        Self { claim: Some(Claim { by: Some(me), until: now + LEASE }), ..self }
    }

    /// The same, with the work of this day done.
    pub(super) fn done(self, day: NaiveDate) -> Self {
        Self { done: day.max(self.done), claim: None }
    }

    /// The same, with the work left to whoever comes by when it has rested.
    pub(super) fn failed(self, now: DateTime<Utc>) -> Self {
        Self { claim: Some(Claim { by: None, until: now + REST }), ..self }
    }

    /// The same, with the work left to whoever comes by.
    pub(super) fn left(self) -> Self {
        Self { claim: None, ..self }
    }

    /// Whether the work is left to this process.
    pub(super) fn is_of(&self, me: Uuid) -> bool {
        self.claim.is_some_and(|claim| claim.by == Some(me))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Record, Stamp};

    const FLOW: &str = "booking";

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn one_process_does_the_work_of_a_day_and_the_others_wait() {
        let daily = Daily::at(3, 0).spread(Duration::ZERO);
        let (me, other) = (Uuid::new_v4(), Uuid::new_v4());
        let next = |board: &Board, who, now| Board::next(Some(board), &daily, FLOW, who, time(now));
        let now = "2026-03-02T03:00:00Z";
        assert_eq!(Board::next(None, &daily, FLOW, me, time(now)), Next::Begin(day("2026-03-02")));
        let begun = Board::begun(day("2026-03-01"));
        assert_eq!(next(&begun, me, "2026-03-02T02:59:59Z"), Next::Wait(time(now)));
        assert_eq!(next(&begun, me, now), Next::Do(day("2026-03-02")));
        let claimed = begun.clone().claimed(me, time(now));
        assert_eq!(next(&claimed, other, now), Next::Wait(time("2026-03-02T04:00:00Z")));
        assert_eq!(next(&claimed, me, now), Next::Do(day("2026-03-02")), "what it has begun it may go on with");
        assert_eq!(next(&claimed, other, "2026-03-02T04:00:00Z"), Next::Do(day("2026-03-02")), "after a crash");
        assert_eq!(next(&claimed.clone().left(), other, now), Next::Do(day("2026-03-02")), "after an end in order");
        for who in [me, other] {
            let failed = claimed.clone().failed(time(now));
            assert_eq!(next(&failed, who, now), Next::Wait(time("2026-03-02T03:10:00Z")));
        }
        let done = claimed.done(day("2026-03-02"));
        assert_eq!(next(&done, other, now), Next::Wait(time("2026-03-03T03:00:00Z")));
        assert_eq!(
            next(&done, other, "2026-03-09T12:00:00Z"),
            Next::Do(day("2026-03-09")),
            "a week off is made up for once"
        );
        assert_eq!(
            next(&done, other, "2026-02-01T12:00:00Z"),
            Next::Wait(time("2026-03-03T03:00:00Z")),
            "clocks go back"
        );
    }

    #[test]
    fn a_board_reads_back_and_anything_else_is_none() {
        let board = Board::begun(day("2026-03-01")).claimed(Uuid::new_v4(), time("2026-03-02T03:00:00Z"));
        assert_eq!(Board::read(&board.record(FLOW, Stamp::first())), Some(board));
        assert_eq!(Board::read(&Record::compose(Stamp::first(), b"{\"flow\":\"booking\"}")), None);
    }
}
