//! Whether workers are there, by what they leave: [`Beats`].

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use redis::Value;

use crate::{connection::Link, keys::Keys, redis_failure::RedisFailure, scripts::BEAT, server_call::ServerCall};

/// The beats of all flows' workers: a key each, which lasts as long as the beat does.
pub(crate) struct Beats<'a> {
    pub(crate) link: &'a Link,
    pub(crate) keys: &'a Keys,
}

/// More milliseconds than any worker lives, and a number that the server's scripts have in full.
const LONGEST: u128 = 1 << 50;

/// For how many milliseconds something may be due before that is worth a warning: bots and their workers start together.
const A_WHILE: i64 = 60_000;

impl Beats<'_> {
    pub(crate) async fn beat(&self, flow: &str, lasts: Duration) -> Result<(), RedisFailure> {
        // Whole milliseconds, and not one too few.
        let lasts = lasts.as_nanos().div_ceil(1_000_000).min(LONGEST);
        if lasts == 0 {
            return Ok(());
        }
        let call = ServerCall::script(&BEAT, &[self.keys.beat(flow)]).with(lasts.to_string());
        self.link.ask(&call).await.map(drop)
    }

    pub(crate) async fn alive_until(&self, flow: &str) -> Result<Option<DateTime<Utc>>, RedisFailure> {
        match self.link.ask(&ServerCall::command(&["GET", &self.keys.beat(flow)])).await? {
            Value::Nil => Ok(None),
            Value::BulkString(digits) => {
                let until = str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok());
                let until = until.and_then(DateTime::from_timestamp_millis);
                Ok(Some(until.ok_or(RedisFailure::Unexpected)?))
            }
            _ => Err(RedisFailure::Unexpected),
        }
    }

    /// The flows that have no worker which is alive, and sessions that have been due for a while, where these are the times of
    /// all parts of the wake index.
    pub(crate) async fn unattended(&self, times: &[DateTime<Utc>]) -> Result<Vec<String>, RedisFailure> {
        let until = times.iter().map(|now| now.timestamp_millis().saturating_sub(A_WHILE).to_string());
        let until: Vec<_> = until.collect();
        let mut unattended = Vec::new();
        for flow in self.flows().await? {
            if self.alive_until(&flow).await?.is_none() && self.has_overdue(&flow, &until).await? {
                unattended.push(flow);
            }
        }
        Ok(unattended)
    }

    /// Every flow that ever had a wake time.
    async fn flows(&self) -> Result<BTreeSet<String>, RedisFailure> {
        let keys: Vec<_> = self.keys.all_flows().collect();
        let words = keys.iter().map(|key| ["ZRANGEBYSCORE", key, "-inf", "+inf"]);
        let mut flows = BTreeSet::new();
        for name in names(&self.link.ask(&ServerCall::commands(words)).await?)? {
            flows.insert(String::from_utf8_lossy(name).into_owned());
        }
        Ok(flows)
    }

    /// Whether there is a session of the flow that was to be looked at by then.
    async fn has_overdue(&self, flow: &str, until: &[String]) -> Result<bool, RedisFailure> {
        let keys: Vec<_> = self.keys.wakes(flow).collect();
        let words = keys.iter().zip(until).map(|(key, until)| ["ZRANGEBYSCORE", key, "-inf", until, "LIMIT", "0", "1"]);
        Ok(!names(&self.link.ask(&ServerCall::commands(words)).await?)?.is_empty())
    }
}

/// What all parts of an answer list.
fn names(answer: &Value) -> Result<Vec<&[u8]>, RedisFailure> {
    let Value::Array(parts) = answer else { return Err(RedisFailure::Unexpected) };
    let mut names = Vec::new();
    for part in parts {
        let Value::Array(part) = part else { return Err(RedisFailure::Unexpected) };
        for name in part {
            let Value::BulkString(name) = name else { return Err(RedisFailure::Unexpected) };
            names.push(&name[..]);
        }
    }
    Ok(names)
}
