//! The statements on the table `checkpoints`. Each runs inside a transaction that its caller has begun.

use flow_core::{Key, SessionId, StoreError, archive::ArchivedCheckpoint};
use rusqlite::{Connection, Row, named_params};
use serde_json::Value;

use crate::{
    exact_time::ExactTime,
    sqlite_failure::{unreadable_row, unwritten},
};

/// Adds the checkpoints that are not there yet.
pub(crate) fn add(
    connection: &Connection,
    id: SessionId,
    checkpoints: &[ArchivedCheckpoint],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO checkpoints (session, version, number, state, data, shared, at, at_nanos)
        VALUES (:session, :version, :number, :state, :data, :shared, :at, :at_nanos)
        ON CONFLICT DO NOTHING";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    for checkpoint in checkpoints {
        let at = ExactTime::from(checkpoint.at);
        let row = named_params! {
            ":session": id.to_string(),
            ":version": checkpoint.key.version.cast_signed(),
            ":number": checkpoint.key.index,
            ":state": checkpoint.state,
            ":data": checkpoint.data.to_string(),
            ":shared": checkpoint.shared.to_string(),
            ":at": at.millis,
            ":at_nanos": at.nanos,
        };
        statement.execute(row).map_err(unwritten)?;
    }
    Ok(())
}

/// The checkpoints of `id`.
pub(crate) fn read(connection: &Connection, id: SessionId) -> Result<Vec<ArchivedCheckpoint>, StoreError> {
    // Versions above 2^63 are negative here, and the largest of all.
    let sql = "SELECT version, number, state, data, shared, at, at_nanos FROM checkpoints
        WHERE session = ?1 ORDER BY version < 0, version, number";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let rows = statement.query_map([id.to_string()], |row| Ok(checkpoint(id, row))).map_err(unwritten)?;
    rows.map(|checkpoint| checkpoint.map_err(unwritten)?).collect()
}

fn checkpoint(id: SessionId, row: &Row<'_>) -> Result<ArchivedCheckpoint, StoreError> {
    let version: i64 = row.get(0).map_err(unreadable_row)?;
    let key = Key::new(id, version.cast_unsigned(), row.get(1).map_err(unreadable_row)?);
    let state: String = row.get(2).map_err(unreadable_row)?;
    Ok(ArchivedCheckpoint::new(key, state, json(row, 3)?, json(row, 4)?, ExactTime::read(row, 5)?))
}

fn json(row: &Row<'_>, column: usize) -> Result<Value, StoreError> {
    serde_json::from_str(&row.get::<_, String>(column).map_err(unreadable_row)?).map_err(unreadable_row)
}
