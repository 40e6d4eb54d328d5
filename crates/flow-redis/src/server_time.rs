//! What time it is on the server: [`read`] off its answers, and [`ServerTime`], which goes on from the last of them.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use chrono::{DateTime, Utc};
use redis::Value;

use crate::{connection::Link, redis_failure::RedisFailure, server_call::ServerCall};

/// What time it is on the server, as far as this process can tell. It is a hint of what to look for; what is due, the server
/// judges.
#[derive(Default)]
pub(crate) struct ServerTime(Mutex<Option<(DateTime<Utc>, Instant)>>);

impl ServerTime {
    /// Takes note of what the server has just told.
    pub(crate) fn hear(&self, now: DateTime<Utc>) {
        *self.last() = Some((now, Instant::now()));
    }

    /// What it told last, and what has passed since. If it has told nothing yet, it is asked.
    pub(crate) async fn now(&self, link: &Link) -> Result<DateTime<Utc>, RedisFailure> {
        if let Some((told, at)) = *self.last() {
            return Ok(told + at.elapsed());
        }
        let answer = link.ask(&ServerCall::command(&["TIME"])).await?;
        let now = read(&answer).ok_or(RedisFailure::Unexpected)?;
        self.hear(now);
        Ok(now)
    }

    fn last(&self) -> MutexGuard<'_, Option<(DateTime<Utc>, Instant)>> {
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
    fn the_time_is_read_to_the_microsecond() {
        let part = |digits: &str| Value::BulkString(digits.into());
        let time = read(&Value::Array(vec![part("1767225600"), part("250001")]));
        assert_eq!(time.map(|time| time.to_rfc3339()).as_deref(), Some("2026-01-01T00:00:00.250001+00:00"));
        assert_eq!(read(&Value::Array(vec![part("now"), part("0")])), None);
    }
}
