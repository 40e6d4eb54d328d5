//! The statements that erase and purge. Each runs inside a transaction that its caller has begun.

use chrono::{DateTime, Utc};
use flow_core::{SessionId, StoreError};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{exact_time::ExactTime, millis, sqlite_failure::unwritten};

/// Whether a conversation of `id` that began at this time was erased.
pub(crate) fn is_erased(connection: &Connection, id: SessionId, created_at: DateTime<Utc>) -> Result<bool, StoreError> {
    let sql = "SELECT erased_at, erased_nanos FROM tombstones WHERE session = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let row = statement.query_row([id.to_string()], |row| Ok(ExactTime::read(row, 0)));
    let Some(erased_at) = row.optional().map_err(unwritten)? else { return Ok(false) };
    Ok(created_at <= erased_at?)
}

/// Removes everything of `id`, leaves a tombstone, and tells whether there was anything.
pub(crate) fn erase(connection: &Connection, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
    // An erasure that comes late takes nothing back of one that reaches further.
    let sql = "INSERT INTO tombstones (session, erased_at, erased_nanos) VALUES (?1, ?2, ?3)
        ON CONFLICT (session) DO UPDATE SET erased_at = excluded.erased_at, erased_nanos = excluded.erased_nanos
        WHERE (excluded.erased_at, excluded.erased_nanos) > (erased_at, erased_nanos)";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let erased = ExactTime::from(at);
    statement.execute(params![id.to_string(), erased.millis, erased.nanos]).map_err(unwritten)?;
    remove(connection, &id.to_string())
}

/// Removes up to `limit` sessions whose last turn was before `time`, and as many such tombstones; tells how many sessions.
pub(crate) fn purge(connection: &Connection, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
    let (before, limit) = (millis::floor(time), i64::try_from(limit).unwrap_or(i64::MAX));
    let sql = "SELECT session FROM archived_sessions WHERE updated_at < ?1 ORDER BY updated_at LIMIT ?2";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let ids = statement.query_map([before, limit], |row| row.get::<_, String>(0)).map_err(unwritten)?;
    let ids: Vec<_> = ids.collect::<Result<_, _>>().map_err(unwritten)?;
    for id in &ids {
        remove(connection, id)?;
    }
    let sql = "DELETE FROM tombstones WHERE rowid IN
        (SELECT rowid FROM tombstones WHERE erased_at < ?1 ORDER BY erased_at LIMIT ?2)";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    statement.execute([before, limit]).map_err(unwritten)?;
    Ok(ids.len())
}

fn remove(connection: &Connection, id: &str) -> Result<bool, StoreError> {
    let mut removed = 0;
    for sql in [
        "DELETE FROM transitions WHERE session = ?1",
        "DELETE FROM checkpoints WHERE session = ?1",
        "DELETE FROM archived_sessions WHERE session = ?1",
    ] {
        removed +=
            connection.prepare_cached(sql).and_then(|mut statement| statement.execute([id])).map_err(unwritten)?;
    }
    Ok(removed > 0)
}
