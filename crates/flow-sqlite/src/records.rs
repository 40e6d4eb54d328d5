//! Records as the file keeps them: JSON as text, so that anybody's tools can read it; anything else as a blob.

use flow_core::{Record, StoreError};
use rusqlite::{
    Row,
    types::{Value, ValueRef},
};
use serde::Deserialize;

use crate::failure::strange;

/// The record as people can read it, and the state that it tells.
pub(crate) fn readable(bytes: &[u8]) -> (Option<String>, Value) {
    #[derive(Deserialize)]
    struct Told {
        current: Option<serde_json::Value>,
    }
    match (serde_json::from_slice::<Told>(bytes), str::from_utf8(bytes)) {
        (Ok(told), Ok(text)) => {
            let state = told.current.as_ref().and_then(serde_json::Value::as_str).map(str::to_owned);
            (state, Value::Text(text.to_owned()))
        }
        _ => (None, Value::Blob(bytes.to_vec())),
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
    Record::read(bytes).map_err(strange)
}
