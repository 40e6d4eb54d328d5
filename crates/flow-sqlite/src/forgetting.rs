//! The statements that erase and purge. Each runs inside a transaction that its caller has begun.

use chrono::{DateTime, Utc};
use flow_core::{
    SessionId, StoreError,
    archive::{Entry, Epoch},
};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    exact_time::ExactTime,
    millis,
    sqlite_failure::{unreadable_row, unwritten},
};

/// Whether the entry is of what was erased: of an earlier epoch than the tombstone, or, where one of the two has none, reaching
/// back to the time of the erasure.
pub(crate) fn is_erased(connection: &Connection, entry: &Entry) -> Result<bool, StoreError> {
    let sql = "SELECT erased_at, erased_nanos, epoch FROM tombstones WHERE session = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let row =
        statement.query_row([entry.id.to_string()], |row| Ok((ExactTime::read(row, 0), row.get::<_, Option<i64>>(2)?)));
    let Some((erased_at, buried_in)) = row.optional().map_err(unwritten)? else { return Ok(false) };
    match (entry.epoch, buried_in) {
        (Some(epoch), Some(buried_in)) => Ok(epoch < self::epoch(buried_in)?),
        _ => Ok(entry.since() <= erased_at?),
    }
}

/// The epoch with this number.
pub(crate) fn epoch(number: i64) -> Result<Epoch, StoreError> {
    u32::try_from(number).ok().and_then(Epoch::numbered).ok_or(()).map_err(unreadable_row)
}

/// Removes everything of `id`, leaves a tombstone, and tells whether there was anything.
pub(crate) fn erase(connection: &Connection, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
    let sql = "UPDATE epoch SET number = number + 1 RETURNING number";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let number: i64 = statement.query_row([], |row| row.get(0)).map_err(unwritten)?;
    // An erasure that comes late takes nothing back of one that reaches further.
    let sql = "INSERT INTO tombstones (session, erased_at, erased_nanos, epoch) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (session) DO UPDATE SET epoch = excluded.epoch, erased_at = max(erased_at, excluded.erased_at),
            erased_nanos = CASE WHEN (excluded.erased_at, excluded.erased_nanos) > (erased_at, erased_nanos)
                THEN excluded.erased_nanos ELSE erased_nanos END";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let erased = ExactTime::from(at);
    statement.execute(params![id.to_string(), erased.millis, erased.nanos, number]).map_err(unwritten)?;
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
        "DELETE FROM said WHERE session = ?1",
        "DELETE FROM archived_sessions WHERE session = ?1",
    ] {
        removed +=
            connection.prepare_cached(sql).and_then(|mut statement| statement.execute([id])).map_err(unwritten)?;
    }
    Ok(removed > 0)
}
