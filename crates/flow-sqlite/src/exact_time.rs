//! Times as the archive gives them back: [`ExactTime`].

use chrono::{DateTime, Utc};
use flow_core::StoreError;
use rusqlite::Row;

use crate::{millis, sqlite_failure::unreadable_row};

/// A time in two columns: milliseconds, as everywhere in the file, and the nanoseconds of its second.
///
/// Two numbers and not a text: any SQL can compare and subtract them, and they hold every time that chrono can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExactTime {
    pub(crate) millis: i64,
    pub(crate) nanos: u32,
}

impl ExactTime {
    /// The time in this column of the row and in the next.
    pub(crate) fn read(row: &Row<'_>, column: usize) -> Result<DateTime<Utc>, StoreError> {
        let time = Self {
            millis: row.get(column).map_err(unreadable_row)?,
            nanos: row.get(column + 1).map_err(unreadable_row)?,
        };
        time.time().ok_or(()).map_err(unreadable_row)
    }

    /// The time; none if the columns do not belong together.
    fn time(self) -> Option<DateTime<Utc>> {
        let whole = self.millis.checked_sub(i64::from(self.nanos / 1_000_000))?;
        DateTime::from_timestamp(whole.div_euclid(1_000), self.nanos).filter(|time| Self::from(*time) == self)
    }
}

impl From<DateTime<Utc>> for ExactTime {
    fn from(time: DateTime<Utc>) -> Self {
        Self { millis: millis::floor(time), nanos: time.timestamp_subsec_nanos() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_that_chrono_knows_reads_back() {
        for text in ["1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999999Z", "2026-06-30T23:59:60.123456789Z"] {
            let time = text.parse::<DateTime<Utc>>().expect("a time");
            assert_eq!(ExactTime::from(time).time(), Some(time));
        }
        for time in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert_eq!(ExactTime::from(time).time(), Some(time));
        }
    }

    #[test]
    fn columns_that_do_not_belong_together_are_no_time() {
        for (millis, nanos) in [(0, 1_000_000), (i64::MAX, 0), (i64::MIN, 7_000_000), (0, u32::MAX)] {
            assert_eq!(ExactTime { millis, nanos }.time(), None);
        }
    }
}
