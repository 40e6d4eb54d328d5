//! How sessions are forgotten: purged by their age, and erased for good.

use chrono::{DateTime, Utc};
use flow_core::{SessionId, StoreError};

use super::reading::unexpected;
use crate::{
    link::{Connection, value},
    micros,
};

/// How many rows one statement forgets, so that it does not hold locks for long.
const AT_ONCE: usize = 500;

/// Forgets up to `limit` sessions whose last turn was before `time`, the longest ago first, and up to `limit` tombstones
/// from before then. Tells how many sessions it forgot.
pub(super) async fn purge_before(
    connection: &mut Connection,
    time: DateTime<Utc>,
    limit: usize,
) -> Result<usize, StoreError> {
    // As an array, the rows are looked for only once.
    let sessions = "DELETE FROM sessions WHERE session = ANY (ARRAY(
            SELECT session FROM sessions WHERE updated_at < $1 ORDER BY updated_at LIMIT $2 FOR UPDATE SKIP LOCKED))";
    let tombstones = "DELETE FROM tombstones WHERE session = ANY (ARRAY(
            SELECT session FROM tombstones WHERE erased_at < $1 ORDER BY erased_at LIMIT $2 FOR UPDATE SKIP LOCKED))";
    let forgotten = forget(connection, sessions, time, limit).await?;
    forget(connection, tombstones, time, limit).await?;
    Ok(forgotten)
}

async fn forget(
    connection: &mut Connection,
    sql: &str,
    time: DateTime<Utc>,
    limit: usize,
) -> Result<usize, StoreError> {
    let mut forgotten = 0;
    loop {
        let most = AT_ONCE.min(limit - forgotten);
        connection.be_patient();
        let changed = connection.change(sql, &[&micros::floor(time), &i64::try_from(most).unwrap_or(i64::MAX)]).await?;
        let changed = usize::try_from(changed).unwrap_or(usize::MAX).min(most);
        forgotten += changed;
        if changed < AT_ONCE || forgotten == limit {
            return Ok(forgotten);
        }
    }
}

/// Forgets everything of `id`, and leaves a tombstone. Tells whether there was anything.
pub(super) async fn erase(connection: &mut Connection, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
    connection.begin().await?;
    // Its lock is the first of every erasure, so that no two wait for each other.
    let rows = connection.write("UPDATE epoch SET number = number + 1 RETURNING number", &[]).await?;
    let epoch: i64 = rows.first().map_or(Err(unexpected()), |row| value(row, 0))?;
    let tombstone =
        "INSERT INTO tombstones (session, erased_at, epoch) VALUES ($1, $2, $3) ON CONFLICT (session) DO UPDATE
        SET erased_at = greatest(tombstones.erased_at, excluded.erased_at), epoch = excluded.epoch";
    connection.change(tombstone, &[id.as_uuid(), &micros::floor(at), &epoch]).await?;
    // Locks the row, whether there is one or not: a transaction that is keeping an entry of this session is waited for, and
    // a later one finds the tombstone. No record has version 0.
    let row = "INSERT INTO sessions (session, flow, flow_version, state, status, data, created_at, updated_at, version,
            write_id, steps, record)
        VALUES ($1, '', 0, '', '', 'null', $2, $2, 0, $1, 0, '')
        ON CONFLICT (session) DO UPDATE SET session = excluded.session";
    connection.change(row, &[id.as_uuid(), &micros::floor(at)]).await?;
    let rows = connection.write("DELETE FROM sessions WHERE session = $1 RETURNING version", &[id.as_uuid()]).await?;
    connection.commit().await?;
    rows.first().map_or(Ok(false), |row| Ok(value::<i64>(row, 0)? != 0))
}
