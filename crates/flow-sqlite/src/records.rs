//! Records as a row keeps them: a blob, or the text of an older release, beside the columns that tell the stamp.

use flow_core::{Record, Stamp, StoreError};
use rusqlite::{Row, types::ValueRef};
use uuid::Uuid;

use crate::sqlite_failure::unreadable_row;

/// What a row says of a record: the bytes, and the stamp beside them.
pub(crate) struct Stored {
    bytes: Vec<u8>,
    version: i64,
    write_id: String,
}

impl Stored {
    /// Takes a row of record, version and write id.
    pub(crate) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        // An older release wrote JSON as text.
        let bytes = match row.get_ref(0)? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
            _ => Vec::new(),
        };
        Ok(Self { bytes, version: row.get(1)?, write_id: row.get(2)? })
    }

    /// The record.
    ///
    /// Fails if it cannot be read, or if its stamp is not the one beside it.
    pub(crate) fn read(self) -> Result<Record, StoreError> {
        Ok(Record::read_beside(stamp(self.version, &self.write_id)?, self.bytes)?)
    }
}

/// The stamp that these columns tell.
pub(crate) fn stamp(version: i64, write_id: &str) -> Result<Stamp, StoreError> {
    let write_id = Uuid::try_parse(write_id).map_err(unreadable_row)?;
    Ok(Stamp { version: version.cast_unsigned(), write_id })
}
