//! Times as Postgres keeps them: whole microseconds, of the years that it knows.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// The last whole microsecond that is not after `time`.
pub(crate) fn floor(time: DateTime<Utc>) -> DateTime<Utc> {
    at(time.timestamp_micros())
}

/// The first whole microsecond that is not before `time`, so that nothing is due early.
pub(crate) fn ceil(time: DateTime<Utc>) -> DateTime<Utc> {
    at(time.timestamp_micros() + i64::from(!time.timestamp_subsec_nanos().is_multiple_of(1_000)))
}

/// So many microseconds, rounded up; none if that is for ever.
pub(crate) fn whole(duration: Duration) -> Option<i64> {
    let micros = i64::try_from(duration.as_nanos().div_ceil(1_000)).ok()?;
    // With it any time of ours is still one that the server knows.
    (micros < LAST / 2).then_some(micros)
}

/// The year 200,000, of the 294,276 that the server knows.
const LAST: i64 = 6_249_222_000_000_000_000;

/// The year 4,000 before ours, of 4,713.
const FIRST: i64 = -188_394_000_000_000_000;

fn at(micros: i64) -> DateTime<Utc> {
    // Within those bounds every number is a time.
    DateTime::from_timestamp_micros(micros.clamp(FIRST, LAST)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_between_two_microseconds_rounds_to_either() {
        for (seconds, nanoseconds, expected) in [(0, 0, (0, 0)), (0, 1, (0, 1)), (-1, 999_999_999, (-1, 0))] {
            let time = DateTime::from_timestamp(seconds, nanoseconds).expect("a time");
            assert_eq!((floor(time).timestamp_micros(), ceil(time).timestamp_micros()), expected);
        }
    }

    #[test]
    fn a_time_is_one_that_the_server_knows() {
        assert_eq!(floor(DateTime::<Utc>::MIN_UTC).timestamp_micros(), FIRST);
        assert_eq!(ceil(DateTime::<Utc>::MAX_UTC).timestamp_micros(), LAST);
        assert_eq!((whole(Duration::from_nanos(1)), whole(Duration::MAX)), (Some(1), None));
    }
}
