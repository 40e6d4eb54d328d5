//! Migration of the wake index of older releases, which knew no flows: [`OldIndex`].

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use flow_core::SessionId;
use futures_util::future::try_join_all;
use redis::Value;

use crate::{
    connection::Link, keys::Keys, redis_failure::RedisFailure, scripts::ADOPT, server_call::ServerCall, waking::session,
};

/// Moves what an older release has left in its index to the index of the flow that is asked for, before it is due.
///
/// What is of other flows stays: the workers of such a flow may still be of that release, which knows no other index. Each
/// claim looks at some sessions until all were looked at, and then again after a minute, because a process of an older
/// release may still run beside this one.
#[derive(Default)]
pub(crate) struct OldIndex {
    sweeps: Mutex<HashMap<String, Sweep>>,
}

/// How far one flow has gone through the index.
#[derive(Clone, Copy, Default)]
struct Sweep {
    /// How many sessions of each part are passed over, because they are of other flows.
    passed: usize,
    /// When the last sweep came to its end.
    ended_at: Option<i64>,
}

/// How many milliseconds after a sweep the next one begins.
const PAUSE: i64 = 60_000;

/// How many sessions are looked at together in each of the 256 parts.
const DEPTH: usize = 8;

/// How much of a record is read to find its flow, which stands next to its header.
const LAST_OF_HEAD: &str = "511";

impl OldIndex {
    /// Moves some sessions of the flow that is asked for, if there are any. One whose record tells no flow is taken for one.
    pub(crate) async fn adopt(&self, link: &Link, keys: &Keys, asking: &str, now: i64) -> Result<(), RedisFailure> {
        let sweep = self.sweeps().get(asking).copied().unwrap_or_default();
        // By the clock that claims are made by: when that jumps, there is more that is due.
        if sweep.ended_at.is_some_and(|ended_at| ended_at.abs_diff(now) < PAUSE.unsigned_abs()) {
            return Ok(());
        }
        let ids = look(link, keys, now.saturating_add(PAUSE), sweep.passed).await?;
        let next = if ids.is_empty() {
            Sweep { passed: 0, ended_at: Some(now) }
        } else {
            let flows = flows(link, keys, &ids).await?;
            let mut moves = BTreeMap::<_, Vec<_>>::new();
            for (id, _) in
                ids.into_iter().zip(flows).filter(|(_, flow)| flow.as_ref().is_none_or(|flow| flow == asking))
            {
                moves.entry(keys.old_wake(id)).or_default().push(id);
            }
            // Where some were moved, others have come into their places.
            let passed = if moves.is_empty() { sweep.passed + DEPTH } else { sweep.passed };
            try_join_all(moves.into_values().map(|ids| adopt_part(link, keys, asking, ids))).await?;
            Sweep { passed, ended_at: None }
        };
        self.sweeps().insert(asking.to_owned(), next);
        Ok(())
    }

    fn sweeps(&self) -> MutexGuard<'_, HashMap<String, Sweep>> {
        self.sweeps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Some sessions of each part that are due by then, those first that are due first, behind those that are passed over.
async fn look(link: &Link, keys: &Keys, until: i64, passed: usize) -> Result<Vec<SessionId>, RedisFailure> {
    let wakes: Vec<_> = keys.old_wakes().collect();
    let (until, passed, depth) = (until.to_string(), passed.to_string(), DEPTH.to_string());
    let words = |wake| ["ZRANGEBYSCORE", wake, "-inf", &until, "LIMIT", &passed, &depth];
    let Value::Array(parts) = link.ask(&ServerCall::commands(wakes.iter().map(|wake| words(wake)))).await? else {
        return Err(RedisFailure::Unexpected);
    };
    let sessions = parts.iter().map(|part| match part {
        Value::Array(ids) => Ok(ids.iter().filter_map(session)),
        _ => Err(RedisFailure::Unexpected),
    });
    Ok(sessions.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// The flows that the records of these sessions tell.
async fn flows(link: &Link, keys: &Keys, ids: &[SessionId]) -> Result<Vec<Option<String>>, RedisFailure> {
    let records: Vec<_> = ids.iter().map(|id| keys.record(*id)).collect();
    let words = records.iter().map(|record| ["GETRANGE", record, "0", LAST_OF_HEAD]);
    let Value::Array(heads) = link.ask(&ServerCall::commands(words)).await? else {
        return Err(RedisFailure::Unexpected);
    };
    let flow = |head: &Value| match head {
        Value::BulkString(head) => flow_of(head),
        _ => None,
    };
    Ok(heads.iter().map(flow).collect())
}

async fn adopt_part(link: &Link, keys: &Keys, flow: &str, ids: Vec<SessionId>) -> Result<(), RedisFailure> {
    let Some(first) = ids.first() else { return Ok(()) };
    let indexes = [keys.old_wake(*first), keys.wake(flow, *first), keys.flows(*first)];
    let mut call = ServerCall::script(&ADOPT, &indexes).with(flow);
    for id in ids {
        call = call.with(id.to_string());
    }
    link.ask(&call).await.map(drop)
}

/// The flow that a record tells at its beginning.
fn flow_of(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let (_, rest) = head.split_once(",\"flow\":\"")?;
    let (flow, _) = rest.split_once('"')?;
    // Names are plain; one that JSON escapes is left to the flow that asks.
    (!flow.contains('\\')).then(|| flow.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flow_is_read_off_the_beginning_of_a_record() {
        let header = r#"{"version":3,"writeId":"9f1c0000-0000-4000-8000-000000000000""#;
        for (body, flow) in [
            (r#","flow":"booking","flowVersion":1,"#, Some("booking")),
            (r#","held":{"by":"9f1c","until":"2026"},"flow":"größe","flow":"x""#, Some("größe")),
            (r#","flow":"cut of"#, None),
            (r#","flow":7"#, None),
            ("", None),
        ] {
            assert_eq!(flow_of(format!("{header}{body}").as_bytes()).as_deref(), flow, "{body}");
        }
    }
}
