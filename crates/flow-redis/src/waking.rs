//! The wake index, and the leases that are taken on it: [`Waking`].

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    SessionId, StoreError,
    store::{Claim, Due},
};
use futures_util::future::join_all;
use redis::Value;

use crate::{
    connection::Link,
    keys::Keys,
    redis_failure::RedisFailure,
    scripts::CLAIM,
    server_call::ServerCall,
    server_time::{ServerTime, time_of},
};

/// A claim of sessions of a flow that are due, which is a lease on them.
///
/// The index is in 256 parts, because in a cluster a session's part must lie beside its record. So a claim first looks at
/// all parts, at once, and then claims from those that hold the sessions which are due the longest. The look is for what
/// should be due by what the time of its server was a while ago and what has passed since; what is due is judged where it is
/// claimed, by the time of that server.
pub(crate) struct Waking<'a> {
    pub(crate) link: &'a Link,
    pub(crate) keys: &'a Keys,
    pub(crate) time: &'a ServerTime,
    pub(crate) claim: &'a Claim,
}

/// What the index holds, part by part, and when it was looked at, by the slowest of the clocks.
struct Look {
    now: DateTime<Utc>,
    parts: Vec<Vec<DueSession>>,
}

/// The last wake time that counts in each part, if there is one: what the slowest clock told, as the part's own clock tells it.
type Bounds = Vec<Option<DateTime<Utc>>>;

/// A session that is due, as the index has it.
struct DueSession {
    /// For how many milliseconds it has been due by the clock of its server; less than nothing if it is not.
    for_so_long: f64,
    id: SessionId,
}

/// What came of the claim of one part.
struct ClaimedPart {
    now: DateTime<Utc>,
    forgotten: u64,
    ids: Vec<SessionId>,
}

/// So much further than its hint a look reaches: what has fallen due by the time of the claim is claimed.
const AHEAD: TimeDelta = TimeDelta::milliseconds(100);

impl Waking<'_> {
    /// Claims up to as many sessions as are wanted, the longest due first.
    pub(crate) async fn claim(&self) -> Result<Due, StoreError> {
        let hints = self.time.of_all_parts(self.link).await.map_err(RedisFailure::of_reading)?;
        // Taken as they were when the bound was told: the looks since then have asked the same clocks.
        let ahead = ServerTime::ahead(&hints).into_iter();
        let bounds: Bounds = ahead
            .map(|ahead| self.claim.not_after.map(|time| time.checked_add_signed(ahead).unwrap_or(time)))
            .collect();
        let (now, chosen) =
            self.longest_due(self.claim.limit, &hints, &bounds).await.map_err(RedisFailure::of_reading)?;
        let mut parts = BTreeMap::<_, Vec<_>>::new();
        for id in &chosen {
            parts.entry(Keys::part(*id)).or_default().push(*id);
        }
        let (mut claimed, mut forgotten) = (BTreeSet::new(), 0);
        let (mut now, mut failure) = (now, None);
        let claims = parts.into_iter().map(|(part, ids)| self.claim_part(ids, bounds[usize::from(part)]));
        for part in join_all(claims).await {
            match part {
                Ok(part) => {
                    claimed.extend(part.ids);
                    forgotten += part.forgotten;
                    now = now.min(part.now);
                }
                Err(error) => failure = Some(error),
            }
        }
        if let Some(failure) = failure {
            if claimed.is_empty() {
                return Err(failure.of_reading());
            }
            // What the other parts gave is handed out in spite of it: withheld, it would wait for the end of its lease.
            tracing::warn!(%failure, "not all that is due could be claimed");
        }
        let ids = chosen.into_iter().filter(|id| claimed.contains(id)).collect();
        Ok(Due::new(ids, now).forgotten(forgotten))
    }

    /// The time, and the sessions that seem to be due.
    async fn longest_due(
        &self,
        limit: usize,
        hints: &[DateTime<Utc>],
        bounds: &Bounds,
    ) -> Result<(DateTime<Utc>, Vec<SessionId>), RedisFailure> {
        // The fair share of a part and some more: reading up to the limit in every part would read 256 times too much.
        let depth = limit.min(limit / 64 + 8);
        let look = self.look(depth, hints, bounds).await?;
        let (mut waiting, mut seen_up_to) = (Vec::new(), f64::NEG_INFINITY);
        for part in look.parts {
            if let Some(last) = part.last().filter(|_| part.len() == depth) {
                // What this part did not show is due later than its last, and may still be due before what other parts show.
                seen_up_to = seen_up_to.max(last.for_so_long);
            }
            waiting.extend(part);
        }
        waiting.retain(|waiting| waiting.for_so_long >= seen_up_to);
        waiting.sort_by(|one, other| other.for_so_long.total_cmp(&one.for_so_long).then(one.id.cmp(&other.id)));
        waiting.truncate(limit);
        Ok((look.now, waiting.into_iter().map(|waiting| waiting.id).collect()))
    }

    /// The sessions of each part that seem to be due, the longest first, up to `depth`.
    async fn look(&self, depth: usize, hints: &[DateTime<Utc>], bounds: &Bounds) -> Result<Look, RedisFailure> {
        let hints = hints.iter().map(|hint| *hint + AHEAD);
        let until = hints.zip(bounds).map(|(hint, bound)| bound.map_or(hint, |bound| bound.min(hint)));
        let until: Vec<_> = until.map(|until| until.timestamp_millis().to_string()).collect();
        let (wakes, depth) = (self.keys.wakes(&self.claim.flow).collect::<Vec<_>>(), depth.to_string());
        let words = wakes.iter().zip(&until).map(|(wake, until)| {
            ["ZRANGEBYSCORE", wake.as_str(), "-inf", until.as_str(), "WITHSCORES", "LIMIT", "0", depth.as_str()]
        });
        let slots = ServerTime::slots(self.link);
        let Value::Array(answers) = self.link.ask(&ServerCall::timed(&slots, words)).await? else {
            return Err(RedisFailure::Unexpected);
        };
        let (times, parts) = answers.split_at_checked(slots.len()).ok_or(RedisFailure::Unexpected)?;
        let times = self.time.hear(times)?;
        // The nodes of a cluster have a clock each: what was due by the slowest was due by all.
        let now = times.iter().min().copied().unwrap_or_default();
        let clocks = ServerTime::ahead(&times).into_iter().map(|ahead| now + ahead);
        let parts = parts.iter().zip(clocks).map(|(part, now)| waiting(part, now).ok_or(RedisFailure::Unexpected));
        Ok(Look { now, parts: parts.collect::<Result<_, _>>()? })
    }

    /// Claims these sessions, which are of one part.
    async fn claim_part(&self, ids: Vec<SessionId>, bound: Option<DateTime<Utc>>) -> Result<ClaimedPart, RedisFailure> {
        let wake = ids.first().map(|id| self.keys.wake(&self.claim.flow, *id));
        let kept = ids.iter().flat_map(|id| [self.keys.record(*id), self.keys.inbox(*id)]);
        let keys: Vec<_> = wake.into_iter().chain(kept).collect();
        let lease = whole(self.claim.lease);
        let not_after = bound.map_or(String::new(), |time| time.timestamp_millis().to_string());
        let mut call = ServerCall::script(&CLAIM, &keys).with(lease).with(not_after).only_once();
        for id in ids {
            call = call.with(id.to_string());
        }
        claimed(&self.link.ask(&call).await?).ok_or(RedisFailure::Unexpected)
    }
}

/// So many milliseconds, and not one too few.
pub(crate) fn whole(lease: Duration) -> i64 {
    i64::try_from(lease.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}

fn claimed(answer: &Value) -> Option<ClaimedPart> {
    let Value::Array(answers) = answer else { return None };
    let [seconds, microseconds, Value::Int(forgotten), Value::Array(ids)] = &answers[..] else { return None };
    let (now, forgotten) = (time_of(seconds, microseconds)?, u64::try_from(*forgotten).ok()?);
    Some(ClaimedPart { now, forgotten, ids: ids.iter().filter_map(session).collect() })
}

#[allow(clippy::cast_precision_loss, reason = "a score is of this type, and exact for as long as anybody waits")]
fn waiting(part: &Value, now: DateTime<Utc>) -> Option<Vec<DueSession>> {
    let Value::Array(values) = part else { return None };
    let waiting = values.chunks_exact(2).filter_map(|pair| {
        let [id, Value::BulkString(since)] = pair else { return None };
        let since: f64 = str::from_utf8(since).ok()?.parse().ok()?;
        Some(DueSession { for_so_long: now.timestamp_millis() as f64 - since, id: session(id)? })
    });
    Some(waiting.collect())
}

pub(crate) fn session(value: &Value) -> Option<SessionId> {
    let Value::BulkString(id) = value else { return None };
    str::from_utf8(id).ok()?.parse().ok()
}
