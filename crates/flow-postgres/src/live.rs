//! The statements on the table of live sessions.

use std::time::Duration;

use chrono::{DateTime, Utc};
use flow_core::{
    Record, SessionId, Stamp, StoreError,
    store::{Commit, Expect, Verdict},
};
use tokio_postgres::{Row, types::ToSql};
use uuid::Uuid;

use crate::{
    link::{Connection, value},
    micros,
    postgres_failure::PostgresFailure,
};

/// The live record of `id`.
pub(crate) async fn load(connection: &mut Connection, id: SessionId) -> Result<Option<Record>, StoreError> {
    let sql = "SELECT record, version, write_id FROM live
        WHERE id = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp())";
    let rows = connection.read(sql, &[id.as_uuid()]).await?;
    rows.first().map(record).transpose()
}

/// Writes if what is stored is what the commit expects.
pub(crate) async fn commit(connection: &mut Connection, commit: &Commit) -> Result<Verdict, StoreError> {
    if put(connection, commit).await? {
        return Ok(Verdict::Done);
    }
    let sql = "SELECT record, version, write_id FROM live
        WHERE id = $1 AND (expires_at IS NULL OR expires_at > clock_timestamp())";
    let rows = connection.read(sql, &[commit.id.as_uuid()]).await?;
    let Some(row) = rows.first() else { return Ok(Verdict::Conflict(None)) };
    if stamp(row)? == commit.record.stamp() {
        return Ok(Verdict::Done);
    }
    Ok(Verdict::Conflict(Some(record(row)?)))
}

/// Tells whether it wrote.
async fn put(connection: &mut Connection, commit: &Commit) -> Result<bool, StoreError> {
    let stamp = commit.record.stamp();
    let (version, flow, state) = (stamp.version.cast_signed(), &*commit.flow, &*commit.state);
    let bytes: &[u8] = commit.record.bytes();
    let time_to_live = commit.time_to_live.and_then(micros::whole);
    let wake_at = commit.wake_at.map(micros::ceil);
    let new: [&(dyn ToSql + Sync); 8] =
        [commit.id.as_uuid(), &version, &stamp.write_id, &flow, &state, &bytes, &time_to_live, &wake_at];
    let changed = match commit.expect {
        Expect::Absent => {
            let sql = "INSERT INTO live (id, version, write_id, flow, state, record, expires_at, wake_at)
                VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7::bigint * interval '1 microsecond', $8)
                ON CONFLICT (id) DO UPDATE SET version = excluded.version, write_id = excluded.write_id,
                    flow = excluded.flow, state = excluded.state, record = excluded.record,
                    expires_at = excluded.expires_at, wake_at = excluded.wake_at
                WHERE live.expires_at <= clock_timestamp()";
            connection.change(sql, &new).await?
        }
        Expect::At(expected) => {
            let sql = "UPDATE live SET version = $2, write_id = $3, flow = $4, state = $5, record = $6,
                    expires_at = clock_timestamp() + $7::bigint * interval '1 microsecond', wake_at = $8
                WHERE id = $1 AND version = $9 AND write_id = $10
                    AND (expires_at IS NULL OR expires_at > clock_timestamp())";
            let Stamp { version, write_id } = expected.stamp();
            let version = version.cast_signed();
            let old: [&(dyn ToSql + Sync); 2] = [&version, &write_id];
            connection.change(sql, &[&new[..], &old].concat()).await?
        }
    };
    Ok(changed > 0)
}

/// Removes the row of `id`, and tells whether it was alive.
pub(crate) async fn remove(connection: &mut Connection, id: SessionId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM live WHERE id = $1 RETURNING expires_at IS NULL OR expires_at > clock_timestamp()";
    let rows = connection.write(sql, &[id.as_uuid()]).await?;
    rows.first().map_or(Ok(false), |row| value(row, 0))
}

/// A claim of what is due, which is a lease on it.
pub(crate) struct Claim<'a> {
    /// Whose sessions are claimed.
    pub(crate) flow: &'a str,
    /// Since when a session must be due.
    pub(crate) due_at: DateTime<Utc>,
    /// How long a claimed session is given to no other caller.
    pub(crate) lease: Duration,
    /// How many are claimed at most.
    pub(crate) limit: usize,
}

/// Claims live sessions of the flow that are due, the longest due first. A session that another call is just claiming or
/// writing is left out.
pub(crate) async fn claim(connection: &mut Connection, claim: &Claim<'_>) -> Result<Vec<SessionId>, StoreError> {
    let sql = "WITH due AS (
            SELECT id, wake_at FROM live
            WHERE flow = $1 AND wake_at <= $2 AND (expires_at IS NULL OR expires_at > clock_timestamp())
            ORDER BY wake_at LIMIT $4 FOR UPDATE SKIP LOCKED
        ), claimed AS (
            UPDATE live SET wake_at = $3 FROM due WHERE live.id = due.id RETURNING due.id, due.wake_at
        )
        SELECT id FROM claimed ORDER BY wake_at, id";
    let until = micros::after(claim.due_at, claim.lease);
    let (due_at, limit) = (micros::floor(claim.due_at), signed(claim.limit));
    let rows = connection.write(sql, &[&claim.flow, &due_at, &until, &limit]).await?;
    rows.iter().map(session).collect()
}

/// Up to `limit` live sessions behind `after`, in the order of their ids.
pub(crate) async fn page(
    connection: &mut Connection,
    after: Option<SessionId>,
    limit: usize,
) -> Result<Vec<SessionId>, StoreError> {
    let sql = "SELECT id FROM live WHERE id > $1 AND (expires_at IS NULL OR expires_at > clock_timestamp())
        ORDER BY id LIMIT $2";
    // No session has the nil UUID.
    let after = after.map_or(Uuid::nil(), |id| *id.as_uuid());
    let rows = connection.read(sql, &[&after, &signed(limit)]).await?;
    rows.iter().map(session).collect()
}

/// Removes up to `most` expired rows, the longest expired first, but for those that another call is just writing over.
pub(crate) async fn sweep(connection: &mut Connection, most: usize) -> Result<u64, StoreError> {
    // `now()` is constant in the transaction, so the index serves; as an array, the rows are looked for only once.
    let sql = "DELETE FROM live WHERE id = ANY (ARRAY(
            SELECT id FROM live WHERE expires_at <= now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))";
    connection.change(sql, &[&signed(most)]).await
}

fn session(row: &Row) -> Result<SessionId, StoreError> {
    let id: Uuid = value(row, 0)?;
    id.to_string().parse().map_err(|_| StoreError::Corrupt(Box::new(PostgresFailure::Unexpected)))
}

/// The record of a row of record, version and write id.
///
/// Fails if it cannot be read, or if its stamp is not the one beside it.
fn record(row: &Row) -> Result<Record, StoreError> {
    Ok(Record::read_beside(stamp(row)?, value::<Vec<u8>>(row, 0)?)?)
}

fn stamp(row: &Row) -> Result<Stamp, StoreError> {
    Ok(Stamp { version: value::<i64>(row, 1)?.cast_unsigned(), write_id: value(row, 2)? })
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
