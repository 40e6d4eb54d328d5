//! The wake index, and the leases that are taken on it: [`Waking`].

use std::collections::{BTreeMap, BTreeSet};

use flow_core::{SessionId, StoreError};
use futures_util::future::join_all;
use redis::Value;

use crate::{connection::Link, keys::Keys, redis_failure::RedisFailure, scripts::CLAIM, server_call::ServerCall};

/// A claim of sessions of a flow that are due at a time: a lease on them until another time.
///
/// The index is in 256 parts, because in a cluster a session's part must lie beside its record. So a claim first looks at
/// all parts, at once, and then claims from those that hold the sessions which are due the longest.
pub(crate) struct Waking<'a> {
    pub(crate) link: &'a Link,
    pub(crate) keys: &'a Keys,
    pub(crate) flow: &'a str,
    pub(crate) now: i64,
    pub(crate) until: i64,
}

/// A session that is due, as the index has it.
struct DueSession {
    since: f64,
    id: SessionId,
}

impl Waking<'_> {
    /// Claims up to `limit` sessions, the longest due first.
    pub(crate) async fn claim(&self, limit: usize) -> Result<Vec<SessionId>, StoreError> {
        let chosen = self.longest_due(limit).await.map_err(RedisFailure::of_reading)?;
        let mut parts = BTreeMap::<_, Vec<_>>::new();
        for id in &chosen {
            parts.entry(self.keys.wake(self.flow, *id)).or_default().push(*id);
        }
        let mut claimed = BTreeSet::new();
        let mut failure = None;
        for part in join_all(parts.into_iter().map(|(wake, ids)| self.claim_part(wake, ids))).await {
            match part {
                Ok(ids) => claimed.extend(ids),
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            // What the other parts gave is handed out in spite of it: withheld, it would wait for the end of its lease.
            Some(failure) if claimed.is_empty() => Err(failure.of_reading()),
            Some(failure) => {
                tracing::warn!(%failure, "not all that is due could be claimed");
                Ok(claimed.into_iter().collect())
            }
            None => Ok(chosen.into_iter().filter(|id| claimed.contains(id)).collect()),
        }
    }

    async fn longest_due(&self, limit: usize) -> Result<Vec<SessionId>, RedisFailure> {
        // The fair share of a part and some more: reading up to the limit in every part would read 256 times too much.
        let depth = limit.min(limit / 64 + 8);
        if depth == 0 {
            return Ok(Vec::new());
        }
        let (mut waiting, mut seen_up_to) = (Vec::new(), f64::INFINITY);
        for part in self.look(depth).await? {
            if let Some(last) = part.last().filter(|_| part.len() == depth) {
                // What this part did not show is due later than its last, and may still be due before what other parts show.
                seen_up_to = seen_up_to.min(last.since);
            }
            waiting.extend(part);
        }
        waiting.retain(|waiting| waiting.since <= seen_up_to);
        waiting.sort_by(|one, other| one.since.total_cmp(&other.since).then(one.id.cmp(&other.id)));
        waiting.truncate(limit);
        Ok(waiting.into_iter().map(|waiting| waiting.id).collect())
    }

    /// The longest due sessions of each part, up to `depth`.
    async fn look(&self, depth: usize) -> Result<Vec<Vec<DueSession>>, RedisFailure> {
        let (wakes, now, depth) =
            (self.keys.wakes(self.flow).collect::<Vec<_>>(), self.now.to_string(), depth.to_string());
        let words = |wake| ["ZRANGEBYSCORE", wake, "-inf", &now, "WITHSCORES", "LIMIT", "0", &depth];
        match self.link.ask(&ServerCall::commands(wakes.iter().map(|wake| words(wake)))).await? {
            Value::Array(parts) => parts.iter().map(|part| waiting(part).ok_or(RedisFailure::Unexpected)).collect(),
            _ => Err(RedisFailure::Unexpected),
        }
    }

    async fn claim_part(&self, wake: String, ids: Vec<SessionId>) -> Result<Vec<SessionId>, RedisFailure> {
        let records = ids.iter().map(|id| self.keys.record(*id));
        let keys: Vec<_> = [wake].into_iter().chain(records).collect();
        let mut call = ServerCall::script(&CLAIM, &keys).with(self.now).with(self.until).only_once();
        for id in ids {
            call = call.with(id.to_string());
        }
        match self.link.ask(&call).await? {
            Value::Array(claimed) => Ok(claimed.iter().filter_map(session).collect()),
            _ => Err(RedisFailure::Unexpected),
        }
    }
}

fn waiting(part: &Value) -> Option<Vec<DueSession>> {
    let Value::Array(values) = part else { return None };
    let waiting = values.chunks_exact(2).filter_map(|pair| {
        let [id, Value::BulkString(since)] = pair else { return None };
        Some(DueSession { since: str::from_utf8(since).ok()?.parse().ok()?, id: session(id)? })
    });
    Some(waiting.collect())
}

pub(crate) fn session(value: &Value) -> Option<SessionId> {
    let Value::BulkString(id) = value else { return None };
    str::from_utf8(id).ok()?.parse().ok()
}
