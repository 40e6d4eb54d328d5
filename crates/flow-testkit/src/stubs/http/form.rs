//! `a=1&b=2`, as a query and as a form.

use serde_json::{Map, Value};

/// The fields, each a text.
pub(super) fn read(bytes: &[u8]) -> Map<String, Value> {
    form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
}
