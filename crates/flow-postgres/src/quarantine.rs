//! The statements on the table of damaged records.

use std::time::Duration;

use chrono::{DateTime, Utc};
use flow_core::{
    SessionId, StoreError,
    store::{Quarantined, Raw},
};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::{
    link::{Connection, value},
    live::signed,
    micros,
};

/// What is stored of `id`, if it has not expired.
pub(crate) async fn raw(connection: &mut Connection, id: SessionId) -> Result<Option<Raw>, StoreError> {
    let sql = "SELECT record, version, write_id::text FROM live
        WHERE id = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp())";
    let rows = connection.read(sql, &[id.as_uuid()]).await?;
    let read = |row: &Row| {
        let (bytes, version, write_id): (Vec<u8>, i64, String) = (value(row, 0)?, value(row, 1)?, value(row, 2)?);
        Ok(Raw::new(bytes).beside(version.cast_unsigned(), write_id))
    };
    rows.first().map(read).transpose()
}

/// Moves the row of `id` if it still is `judged`, or was moved as this entry.
pub(crate) async fn put(
    connection: &mut Connection,
    id: SessionId,
    judged: &Raw,
    entry: Uuid,
    keep: Duration,
) -> Result<bool, StoreError> {
    let Some((version, write_id)) = judged.stamp_beside() else { return Ok(false) };
    let (bytes, version, keep): (&[u8], _, _) = (judged.bytes(), version.cast_signed(), micros::whole(keep));
    let rows = connection.write(PUT, &[id.as_uuid(), &entry, &bytes, &version, &write_id, &keep]).await?;
    rows.first().map_or(Ok(false), |row| value(row, 0))
}

/// With the session, the entry, what was judged (record, version, write id), and the microseconds to keep it (none for ever).
// One statement: what is deleted is what was compared, also after waiting for another writer.
const PUT: &str = "WITH moved AS (
        DELETE FROM live
        WHERE id = $1 AND record = $3 AND version = $4 AND write_id::text = $5
            AND (expires_at IS NULL OR expires_at > clock_timestamp())
            AND NOT EXISTS (SELECT FROM quarantine WHERE session = $1 AND entry = $2)
        RETURNING flow, version, write_id, record
    ), put AS (
        INSERT INTO quarantine (session, entry, flow, version, write_id, record, at, expires_at)
        SELECT $1, $2, flow, version, write_id, record, now(), now() + $6::bigint * interval '1 microsecond' FROM moved
        RETURNING entry
    )
    SELECT EXISTS (SELECT FROM put) OR EXISTS (SELECT FROM quarantine WHERE session = $1 AND entry = $2)";

/// What is there of `id` and has not expired, the oldest first.
pub(crate) async fn list(connection: &mut Connection, id: SessionId) -> Result<Vec<Quarantined>, StoreError> {
    let sql = "SELECT record, at, expires_at FROM quarantine
        WHERE session = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp()) ORDER BY at, entry";
    let rows = connection.read(sql, &[id.as_uuid()]).await?;
    let read = |row: &Row| {
        let (bytes, at, until): (Vec<u8>, _, Option<DateTime<Utc>>) = (value(row, 0)?, value(row, 1)?, value(row, 2)?);
        Ok(Quarantined::new(bytes, at, until))
    };
    rows.iter().map(read).collect()
}

/// Removes what is there of `id`, and tells whether any of it had not expired.
pub(crate) async fn forget(connection: &mut Connection, id: SessionId) -> Result<bool, StoreError> {
    let sql = "WITH forgotten AS (DELETE FROM quarantine WHERE session = $1 RETURNING expires_at)
        SELECT coalesce(bool_or(expires_at IS NULL OR expires_at > clock_timestamp()), false) FROM forgotten";
    let rows = connection.write(sql, &[id.as_uuid()]).await?;
    rows.first().map_or(Ok(false), |row| value(row, 0))
}

/// Removes up to `most` expired rows, the longest expired first.
pub(crate) async fn sweep(connection: &mut Connection, most: usize) -> Result<u64, StoreError> {
    let sql = "DELETE FROM quarantine WHERE (session, entry) IN (
            SELECT session, entry FROM quarantine WHERE expires_at <= now()
            ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)";
    connection.change(sql, &[&signed(most)]).await
}
