//! What the archive holds of a session.

use flow_core::{
    Cause, Key, Record, SessionId, Stamp, StoreError, Transition,
    archive::{Archived, ArchivedCheckpoint, ArchivedStep, Epoch, Latest},
};
use serde_json::Value;
use tokio_postgres::Row;

use crate::{
    link::{Connection, value},
    postgres_failure::PostgresFailure,
};

/// What was last kept of `id`, the epoch in which that is so, and whether there is a tombstone.
pub(super) async fn latest(connection: &mut Connection, id: SessionId) -> Result<Latest, StoreError> {
    // One statement, so that an erasure is in both or in neither.
    let sql = "SELECT number, record, version, write_id, steps,
            EXISTS (SELECT FROM tombstones WHERE tombstones.session = $1)
        FROM epoch LEFT JOIN sessions ON sessions.session = $1";
    let rows = connection.read(sql, &[id.as_uuid()]).await?;
    let row = rows.first().ok_or_else(unexpected)?;
    let epoch = Epoch::numbered(small(value(row, 0)?)?).ok_or_else(unexpected)?;
    let record: Option<Vec<u8>> = value(row, 1)?;
    let archived = record.map(|record| archived(row, record)).transpose()?;
    Ok(Latest::new(archived, epoch).with_tombstone(value(row, 5)?))
}

fn archived(row: &Row, record: Vec<u8>) -> Result<Archived, StoreError> {
    let stamp = Stamp { version: value::<i64>(row, 2)?.cast_unsigned(), write_id: value(row, 3)? };
    Ok(Archived::new(Record::read_beside(stamp, record)?, value::<i64>(row, 4)?.cast_unsigned()))
}

/// Up to `limit` steps of `id`, from the one with the number `from` on.
pub(super) async fn history(
    connection: &mut Connection,
    id: SessionId,
    from: u64,
    limit: usize,
) -> Result<Vec<ArchivedStep>, StoreError> {
    let sql = "SELECT number, conversation, from_state, to_state, cause, taken_at, place, is_end
        FROM transitions WHERE session = $1 AND number >= $2 ORDER BY number LIMIT $3";
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = connection.read(sql, &[id.as_uuid(), &from, &limit]).await?;
    rows.iter().map(step).collect()
}

fn step(row: &Row) -> Result<ArchivedStep, StoreError> {
    let transition = Transition::new(value(row, 2)?, value::<String>(row, 3)?, cause(value(row, 4)?)?, value(row, 5)?);
    let (number, conversation) = (value::<i64>(row, 0)?.cast_unsigned(), value::<i64>(row, 1)?.cast_unsigned());
    let position = value::<Option<i64>>(row, 6)?.map(small).transpose()?;
    Ok(ArchivedStep::new(number, conversation, transition).position(position).is_end(value(row, 7)?))
}

fn cause(word: String) -> Result<Cause, StoreError> {
    serde_json::from_value(Value::String(word)).map_err(|_| unexpected())
}

/// The checkpoints of `id`, in the order of their keys.
pub(super) async fn checkpoints(
    connection: &mut Connection,
    id: SessionId,
) -> Result<Vec<ArchivedCheckpoint>, StoreError> {
    let sql = "SELECT version, write_id, index, state, data, shared, at, exact FROM checkpoints WHERE session = $1";
    let rows = connection.read(sql, &[id.as_uuid()]).await?;
    let mut checkpoints = rows.iter().map(|row| checkpoint(id, row)).collect::<Result<Vec<_>, _>>()?;
    // The highest versions are negative numbers to the server.
    checkpoints.sort_by_key(|checkpoint| checkpoint.key);
    Ok(checkpoints)
}

fn checkpoint(session: SessionId, row: &Row) -> Result<ArchivedCheckpoint, StoreError> {
    let stamp = Stamp { version: value::<i64>(row, 0)?.cast_unsigned(), write_id: value(row, 1)? };
    let key = Key::new(session, stamp, small(value(row, 2)?)?);
    let (data, shared) = match value::<Option<&[u8]>>(row, 7)? {
        Some(exact) => serde_json::from_slice(exact).map_err(|_| unexpected())?,
        None => (value(row, 4)?, value(row, 5)?),
    };
    Ok(ArchivedCheckpoint::new(key, value::<String>(row, 3)?, data, shared, value(row, 6)?))
}

/// The number as it was before it was widened to the column's.
pub(super) fn small(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| unexpected())
}

/// What the server gives is nothing that was written here.
pub(super) fn unexpected() -> StoreError {
    StoreError::Corrupt(Box::new(PostgresFailure::Unexpected))
}
