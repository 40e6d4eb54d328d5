//! Times as the file keeps them: whole milliseconds since 1970.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// The last whole millisecond that is not after `time`.
pub(crate) fn floor(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}

/// The first whole millisecond that is not before `time`, so that nothing is due early.
pub(crate) fn ceil(time: DateTime<Utc>) -> i64 {
    floor(time) + i64::from(!time.timestamp_subsec_nanos().is_multiple_of(1_000_000))
}

/// `duration` after `time`, or none if that is beyond all time.
pub(crate) fn after(time: i64, duration: Duration) -> Option<i64> {
    let duration = i64::try_from(duration.as_millis()).ok()?;
    time.checked_add(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_between_two_milliseconds_rounds_to_either() {
        for (seconds, nanoseconds, expected) in [(0, 0, (0, 0)), (0, 1, (0, 1)), (-1, 999_999_999, (-1, 0))] {
            let time = DateTime::from_timestamp(seconds, nanoseconds).expect("a time");
            assert_eq!((floor(time), ceil(time)), expected);
        }
    }

    #[test]
    fn a_duration_beyond_all_time_has_no_end() {
        assert_eq!(after(1, Duration::from_millis(2)), Some(3));
        assert_eq!(after(1, Duration::MAX), None);
        assert_eq!(after(i64::MAX, Duration::from_millis(1)), None);
    }
}
