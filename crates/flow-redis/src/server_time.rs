//! What time it is on the server, or on the nodes of a cluster: [`read`] off their answers, and [`ServerTime`], which goes on from
//! the last of them.

use std::{
    iter,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use chrono::{DateTime, TimeDelta, Utc};
use redis::Value;

use crate::{connection::Link, keys::Keys, redis_failure::RedisFailure, server_call::ServerCall};

/// What time it is on the server, as far as this process can tell. It is a hint of what to look for; what is due, the server
/// judges.
///
/// The nodes of a cluster have a clock each, and what is due on one of them is due by its own. So each part of the wake index has a
/// time, that of the node which has the part: by the time of another, what is due on the node that is furthest ahead would be found
/// as much too late as the two differ.
#[derive(Default)]
pub(crate) struct ServerTime(Mutex<Option<(Vec<DateTime<Utc>>, Instant)>>);

/// Clocks that are no further apart than this are taken for one.
const AGREEING: TimeDelta = TimeDelta::seconds(1);

impl ServerTime {
    /// The slots whose masters are asked for the time, together with what is looked for in all parts.
    pub(crate) fn slots(link: &Link) -> Vec<u16> {
        // Of one server, any.
        let clocks = if link.is_to_a_cluster() { usize::MAX } else { 1 };
        Keys::slots().take(clocks).collect()
    }

    /// Takes note of what these slots have just told, and gives the time of each part.
    pub(crate) fn hear(&self, told: &[Value]) -> Result<Vec<DateTime<Utc>>, RedisFailure> {
        let told = told.iter().map(|time| read(time).ok_or(RedisFailure::Unexpected));
        let told = told.collect::<Result<Vec<_>, _>>()?;
        let last = *told.last().ok_or(RedisFailure::Unexpected)?;
        let times: Vec<_> = told.into_iter().chain(iter::repeat(last)).take(Keys::slots().count()).collect();
        *self.last() = Some((times.clone(), Instant::now()));
        Ok(times)
    }

    /// For each part what its server told last, and what has passed since. If nothing was told yet, all are asked.
    pub(crate) async fn of_all_parts(&self, link: &Link) -> Result<Vec<DateTime<Utc>>, RedisFailure> {
        if let Some((told, at)) = &*self.last() {
            return Ok(told.iter().map(|told| *told + at.elapsed()).collect());
        }
        self.ask(link).await
    }

    /// The time of each part, as its server tells it now.
    pub(crate) async fn ask(&self, link: &Link) -> Result<Vec<DateTime<Utc>>, RedisFailure> {
        let call = ServerCall::timed(&Self::slots(link), iter::empty::<[&str; 0]>());
        let Value::Array(told) = link.ask(&call).await? else { return Err(RedisFailure::Unexpected) };
        self.hear(&told)
    }

    /// By how much the clock of each part is ahead of the slowest.
    ///
    /// Clocks that tell no more apart than a second are taken for one: they are asked one after the other, and what fell due first on
    /// any of the nodes is to come first.
    pub(crate) fn ahead(times: &[DateTime<Utc>]) -> Vec<TimeDelta> {
        let slowest = times.iter().min().copied().unwrap_or_default();
        let fastest = times.iter().max().copied().unwrap_or_default();
        let are_one = fastest - slowest < AGREEING;
        times.iter().map(|time| if are_one { TimeDelta::zero() } else { *time - slowest }).collect()
    }

    fn last(&self) -> MutexGuard<'_, Option<(Vec<DateTime<Utc>>, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The time as `TIME` gives it: seconds, and microseconds.
pub(crate) fn read(answer: &Value) -> Option<DateTime<Utc>> {
    let Value::Array(parts) = answer else { return None };
    let [seconds, microseconds] = &parts[..] else { return None };
    time_of(seconds, microseconds)
}

/// The time of which these are the seconds and the microseconds.
pub(crate) fn time_of(seconds: &Value, microseconds: &Value) -> Option<DateTime<Utc>> {
    let number = |value: &Value| match value {
        Value::BulkString(digits) => str::from_utf8(digits).ok()?.parse::<i64>().ok(),
        _ => None,
    };
    DateTime::from_timestamp_micros(number(seconds)?.checked_mul(1_000_000)?.checked_add(number(microseconds)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_tell_next_to_the_same_are_one() {
        let times = |milliseconds: &[i64]| {
            let time = |milliseconds: &i64| DateTime::UNIX_EPOCH + TimeDelta::milliseconds(*milliseconds);
            milliseconds.iter().map(time).collect::<Vec<_>>()
        };
        let ahead = |milliseconds: &[i64]| {
            let ahead = ServerTime::ahead(&times(milliseconds));
            ahead.iter().map(TimeDelta::num_milliseconds).collect::<Vec<_>>()
        };
        assert_eq!(ahead(&[7_000, 7_999, 7_500]), [0, 0, 0]);
        assert_eq!(ahead(&[7_000, 8_000, 7_500]), [0, 1_000, 500]);
    }

    #[test]
    fn the_time_is_read_to_the_microsecond() {
        let part = |digits: &str| Value::BulkString(digits.into());
        let time = read(&Value::Array(vec![part("1767225600"), part("250001")]));
        assert_eq!(time.map(|time| time.to_rfc3339()).as_deref(), Some("2026-01-01T00:00:00.250001+00:00"));
        assert_eq!(read(&Value::Array(vec![part("now"), part("0")])), None);
    }
}
