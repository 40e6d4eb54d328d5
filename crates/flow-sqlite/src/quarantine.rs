//! The statements on the table `quarantine`. Each runs inside a transaction that its caller has begun.

use std::time::Duration;

use chrono::{DateTime, Utc};
use flow_core::{
    SessionId, StoreError,
    store::{Quarantined, Raw},
};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::{
    millis,
    records::{self, Stored},
    sqlite_failure::{unreadable_row, unwritten},
};

/// What is stored of `id`, if it has not expired.
pub(crate) fn raw(connection: &Connection, id: SessionId, now: DateTime<Utc>) -> Result<Option<Raw>, StoreError> {
    let sql = "SELECT record, version, write_id FROM sessions
        WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let row = statement.query_row(params![id.to_string(), millis::floor(now)], Stored::of);
    Ok(row.optional().map_err(unwritten)?.map(Stored::raw))
}

/// Moves the row of `id` if it still is `judged`, or was moved as this entry.
pub(crate) fn put(
    connection: &Connection,
    id: SessionId,
    judged: &Raw,
    entry: Uuid,
    keep: Duration,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let (id_text, entry) = (id.to_string(), entry.to_string());
    let sql = "SELECT 1 FROM quarantine WHERE session = ?1 AND entry = ?2";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    if statement.exists([&id_text, &entry]).map_err(unwritten)? {
        return Ok(true);
    }
    if raw(connection, id, now)?.as_ref() != Some(judged) {
        return Ok(false);
    }
    let now = millis::floor(now);
    let sql = "INSERT INTO quarantine (session, entry, flow, version, write_id, record, at, expires_at)
        SELECT id, ?2, flow, version, write_id, record, ?3, ?4 FROM sessions WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    statement.execute(params![id_text, entry, now, millis::after(now, keep)]).map_err(unwritten)?;
    let mut statement = connection.prepare_cached("DELETE FROM sessions WHERE id = ?1").map_err(unwritten)?;
    statement.execute([id_text]).map_err(unwritten)?;
    Ok(true)
}

/// What is there of `id` and has not expired, the oldest first.
pub(crate) fn list(connection: &Connection, id: SessionId, now: DateTime<Utc>) -> Result<Vec<Quarantined>, StoreError> {
    let sql = "SELECT record, at, expires_at FROM quarantine
        WHERE session = ?1 AND (expires_at IS NULL OR expires_at > ?2) ORDER BY at, rowid";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let rows = statement.query_map(params![id.to_string(), millis::floor(now)], |row| {
        Ok((records::bytes(row.get_ref(0)?), row.get::<_, i64>(1)?, row.get::<_, Option<i64>>(2)?))
    });
    let quarantined = |(bytes, at, until): (Vec<u8>, i64, Option<i64>)| {
        let at = DateTime::from_timestamp_millis(at).ok_or(()).map_err(unreadable_row)?;
        // Beyond chrono's time it is never.
        Ok(Quarantined::new(bytes, at, until.and_then(DateTime::from_timestamp_millis)))
    };
    rows.map_err(unwritten)?.map(|row| quarantined(row.map_err(unwritten)?)).collect()
}

/// Removes what is there of `id`, and tells whether any of it had not expired.
pub(crate) fn forget(connection: &Connection, id: SessionId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let was_there = !list(connection, id, now)?.is_empty();
    let mut statement = connection.prepare_cached("DELETE FROM quarantine WHERE session = ?1").map_err(unwritten)?;
    statement.execute([id.to_string()]).map_err(unwritten)?;
    Ok(was_there)
}

/// Removes up to `most` expired rows, the longest expired first.
pub(crate) fn sweep(connection: &Connection, most: usize, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let sql = "DELETE FROM quarantine WHERE rowid IN
        (SELECT rowid FROM quarantine WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    statement.execute(params![millis::floor(now), most]).map_err(unwritten)
}
