//! Records as a row keeps them: a blob, or the text of an older release, beside the columns that tell the stamp.

use flow_core::{Record, Stamp, StoreError, store::Raw};
use rusqlite::{Row, types::ValueRef};
use uuid::Uuid;

/// What a row says of a record: the bytes, and the stamp beside them.
pub(crate) struct Stored {
    bytes: Vec<u8>,
    version: i64,
    write_id: String,
}

impl Stored {
    /// Takes a row of record, version and write id.
    pub(crate) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { bytes: bytes(row.get_ref(0)?), version: row.get(1)?, write_id: text(row.get_ref(2)?) })
    }

    /// The record.
    ///
    /// Fails if it cannot be read, or if its stamp is not the one beside it.
    pub(crate) fn read(self) -> Result<Record, StoreError> {
        Ok(self.raw().read()?)
    }

    /// The same, whether or not it can be read.
    pub(crate) fn raw(self) -> Raw {
        Raw::new(self.bytes).beside(self.version.cast_unsigned(), self.write_id)
    }
}

/// The bytes of a record; none where something else stands there.
pub(crate) fn bytes(value: ValueRef<'_>) -> Vec<u8> {
    // An older release wrote JSON as text.
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    }
}

/// A text that need not be one.
fn text(value: ValueRef<'_>) -> String {
    String::from_utf8_lossy(&bytes(value)).into_owned()
}

/// The stamp that these columns tell; none if the write id is none.
pub(crate) fn stamp(version: i64, write_id: ValueRef<'_>) -> Option<Stamp> {
    let write_id = Uuid::try_parse(&text(write_id)).ok()?;
    Some(Stamp { version: version.cast_unsigned(), write_id })
}
