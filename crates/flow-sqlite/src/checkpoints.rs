//! The statements on the table `checkpoints`. Each runs inside a transaction that its caller has begun.

use flow_core::{Key, SessionId, Stamp, StoreError, archive::ArchivedCheckpoint};
use rusqlite::{Connection, Row, named_params};
use serde_json::Value;
use uuid::Uuid;

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
    let sql = "INSERT INTO checkpoints (session, version, write_id, number, state, data, shared, at, at_nanos)
        VALUES (:session, :version, :write_id, :number, :state, :data, :shared, :at, :at_nanos)
        ON CONFLICT DO NOTHING";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    for checkpoint in checkpoints {
        let at = ExactTime::from(checkpoint.at);
        let row = named_params! {
            ":session": id.to_string(),
            ":version": checkpoint.key.stamp.version.cast_signed(),
            ":write_id": checkpoint.key.stamp.write_id.to_string(),
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
    let sql = "SELECT version, write_id, number, state, data, shared, at, at_nanos FROM checkpoints
        WHERE session = ?1 ORDER BY version < 0, version, write_id, number";
    let mut statement = connection.prepare_cached(sql).map_err(unwritten)?;
    let rows = statement.query_map([id.to_string()], |row| Ok(checkpoint(id, row))).map_err(unwritten)?;
    rows.map(|checkpoint| checkpoint.map_err(unwritten)?).collect()
}

fn checkpoint(id: SessionId, row: &Row<'_>) -> Result<ArchivedCheckpoint, StoreError> {
    let version: i64 = row.get(0).map_err(unreadable_row)?;
    let write_id: String = row.get(1).map_err(unreadable_row)?;
    let write_id = Uuid::try_parse(&write_id).map_err(unreadable_row)?;
    let stamp = Stamp { version: version.cast_unsigned(), write_id };
    let key = Key::new(id, stamp, row.get(2).map_err(unreadable_row)?);
    let state: String = row.get(3).map_err(unreadable_row)?;
    Ok(ArchivedCheckpoint::new(key, state, json(row, 4)?, json(row, 5)?, ExactTime::read(row, 6)?))
}

fn json(row: &Row<'_>, column: usize) -> Result<Value, StoreError> {
    serde_json::from_str(&row.get::<_, String>(column).map_err(unreadable_row)?).map_err(unreadable_row)
}
