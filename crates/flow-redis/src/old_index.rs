//! Migration of the wake index of older releases, which knew no flows: [`OldIndex`].

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use flow_core::SessionId;
use futures_util::future::try_join_all;
use redis::Value;
use tokio::time::Instant;

use crate::{
    connection::Link, keys::Keys, redis_failure::RedisFailure, scripts::ADOPT, server_call::ServerCall, waking::session,
};

/// Moves what an older release has left in its index to the indexes of the flows.
///
/// Each claim moves some until there is nothing left. Then it is looked at once a minute, because a process of an older
/// release may still run beside this one.
#[derive(Default)]
pub(crate) struct OldIndex {
    next_look: Mutex<Option<Instant>>,
}

/// How long to wait after a look that found nothing.
const PAUSE: Duration = Duration::from_secs(60);

/// How many sessions are moved at once from each of the 256 parts.
const DEPTH: &str = "8";

/// How much of a record is read to find its flow, which stands next to its header.
const LAST_OF_HEAD: &str = "511";

impl OldIndex {
    /// Moves some sessions, if there are any. One whose record tells no flow goes to `asking`, the flow that is asked for.
    pub(crate) async fn adopt(&self, link: &Link, keys: &Keys, asking: &str) -> Result<(), RedisFailure> {
        if self.next_look().is_some_and(|next_look| next_look > Instant::now()) {
            return Ok(());
        }
        let ids = look(link, keys).await?;
        if ids.is_empty() {
            *self.next_look.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + PAUSE);
            return Ok(());
        }
        let flows = flows(link, keys, &ids).await?;
        let mut moves = BTreeMap::<_, Vec<_>>::new();
        for (id, flow) in ids.into_iter().zip(flows) {
            let flow = flow.unwrap_or_else(|| asking.to_owned());
            moves.entry((keys.old_wake(id), flow)).or_default().push(id);
        }
        try_join_all(moves.into_iter().map(|((_, flow), ids)| adopt_part(link, keys, flow, ids))).await.map(drop)
    }

    fn next_look(&self) -> Option<Instant> {
        *self.next_look.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Some sessions of each part, those first that are due first.
async fn look(link: &Link, keys: &Keys) -> Result<Vec<SessionId>, RedisFailure> {
    let wakes: Vec<_> = keys.old_wakes().collect();
    let words = wakes.iter().map(|wake| ["ZRANGEBYSCORE", wake, "-inf", "+inf", "LIMIT", "0", DEPTH]);
    let Value::Array(parts) = link.ask(&ServerCall::commands(words)).await? else {
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

async fn adopt_part(link: &Link, keys: &Keys, flow: String, ids: Vec<SessionId>) -> Result<(), RedisFailure> {
    let Some(first) = ids.first() else { return Ok(()) };
    let indexes = [keys.old_wake(*first), keys.wake(&flow, *first), keys.flows(*first)];
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
