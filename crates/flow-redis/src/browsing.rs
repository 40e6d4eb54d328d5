//! All sessions, a page at a time, of one server after the other.

use flow_core::{
    StoreError,
    store::{Cursor, Page},
};
use redis::Value;
use thiserror::Error;

use crate::{connection::Link, keys::Keys, redis_failure::RedisFailure, server_call::ServerCall};

/// How many keys are scanned at a time at least: keys of other applications may lie between ours.
const FEWEST_SCANNED: usize = 16;

/// And at most: the server does nothing else meanwhile, and refuses numbers that it cannot count to.
const MOST_SCANNED: usize = 10_000;

/// Where a page begins.
struct PageStart {
    /// The node that is scanned; of one server there is none.
    node: String,
    /// The server's own cursor.
    scan: u64,
}

/// The page after `after`.
///
/// Fails with [`StoreError::Refused`] if that is no cursor of this store, or if `limit` is 0.
pub(crate) async fn page(link: &Link, keys: &Keys, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
    let start = after.map_or(Some(PageStart { node: String::new(), scan: 0 }), |cursor| PageStart::read(&cursor));
    let (Some(start), true) = (start, limit > 0) else { return Err(StoreError::Refused(Box::new(NoPage))) };
    let masters = link.masters().await.map_err(RedisFailure::of_reading)?;
    // The node that was being scanned, or the next one if it is gone; a single server has no nodes.
    let index = masters.iter().position(|node| node.id >= start.node);
    if index.is_none() && !masters.is_empty() {
        return Ok(Page::default());
    }
    let node = index.map(|index| &masters[index]);
    let scan = if node.is_none_or(|node| node.id == start.node) { start.scan } else { 0 };
    let (scan, count) = (scan.to_string(), limit.clamp(FEWEST_SCANNED, MOST_SCANNED).to_string());
    let call = ServerCall::command(&["SCAN", &scan, "MATCH", &keys.pattern(), "COUNT", &count]).of(node);
    let answer = link.ask(&call).await.map_err(RedisFailure::of_reading)?;
    let (scanned, ids) = read(&answer, keys).ok_or(RedisFailure::Unexpected).map_err(RedisFailure::of_reading)?;
    let next = match (scanned, index) {
        (0, None) => None,
        (0, Some(index)) => masters.get(index + 1).map(|node| PageStart { node: node.id.clone(), scan: 0 }),
        (scan, _) => Some(PageStart { node: node.map(|node| node.id.clone()).unwrap_or_default(), scan }),
    };
    Ok(Page::new(ids, next.map(PageStart::cursor)))
}

impl PageStart {
    fn read(Cursor(text): &Cursor) -> Option<Self> {
        let (node, scan) = text.split_once(':').unwrap_or(("", text));
        Some(Self { node: node.to_owned(), scan: scan.parse().ok()? })
    }

    fn cursor(self) -> Cursor {
        Cursor(if self.node.is_empty() { self.scan.to_string() } else { format!("{}:{}", self.node, self.scan) })
    }
}

fn read(answer: &Value, keys: &Keys) -> Option<(u64, Vec<flow_core::SessionId>)> {
    let Value::Array(parts) = answer else { return None };
    let [Value::BulkString(next), Value::Array(found)] = &parts[..] else { return None };
    let ids = found.iter().filter_map(|key| match key {
        Value::BulkString(key) => keys.session(key),
        _ => None,
    });
    Some((str::from_utf8(next).ok()?.parse().ok()?, ids.collect()))
}

/// What was asked for is no page of this store's.
#[derive(Debug, Error)]
#[error("a page begins at a cursor that a page ended with, and has room for one session at least")]
struct NoPage;
