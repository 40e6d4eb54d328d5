//! Records as the file keeps them: JSON as text, so that any SQLite tool can read it; anything else as a blob.

use flow_core::{Record, StoreError};
use rusqlite::{
    Row,
    types::{Value, ValueRef},
};

use crate::sqlite_failure::unreadable_row;

/// The record as people can read it, if it looks like JSON: it begins as an object does, because every record does, and ends
/// as one. No more of it is read, since this is done at every commit.
pub(crate) fn readable(bytes: &[u8]) -> Value {
    match str::from_utf8(bytes) {
        Ok(text) if text.ends_with('}') => Value::Text(text.to_owned()),
        _ => Value::Blob(bytes.to_vec()),
    }
}

/// The bytes in this column of the row.
pub(crate) fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    })
}

/// The record of these bytes.
pub(crate) fn read(bytes: Vec<u8>) -> Result<Record, StoreError> {
    Record::read(bytes).map_err(unreadable_row)
}
