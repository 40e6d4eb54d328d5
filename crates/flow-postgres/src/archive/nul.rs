//! The one character that neither a text nor a jsonb of Postgres holds: NUL. To readers it is shown as `␀`.

use std::borrow::Cow;

use serde_json::Value;

const NUL: char = '\0';
const SHOWN: &str = "\u{2400}";

/// The text as a column takes it.
pub(super) fn text(text: &str) -> String {
    text.replace(NUL, SHOWN)
}

/// The value as a column takes it.
pub(super) fn readable(value: &Value) -> Cow<'_, Value> {
    if holds_nul(value) { Cow::Owned(shown(value)) } else { Cow::Borrowed(value) }
}

/// Both values, byte for byte, if a column does not take one of them.
pub(super) fn exact(data: &Value, shared: &Value) -> Option<Vec<u8>> {
    if !holds_nul(data) && !holds_nul(shared) {
        return None;
    }
    serde_json::to_vec(&(data, shared)).ok()
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(NUL),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains(NUL) || holds_nul(value)),
        _ => false,
    }
}

fn shown(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(self::text(text)),
        Value::Array(values) => values.iter().map(shown).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (text(name), shown(value))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_nul_is_shown_wherever_it_is() {
        let value = json!({ "a\0": ["\0b", { "c": 1 }] });
        assert_eq!(*readable(&value), json!({ "a␀": ["␀b", { "c": 1 }] }));
        assert_eq!(text("\0"), "␀");
        assert!(exact(&json!(1), &value).is_some());
    }

    #[test]
    fn a_value_without_one_stays_as_it_is() {
        let value = json!({ "a": ["b", null] });
        assert!(matches!(readable(&value), Cow::Borrowed(_)));
        assert_eq!(exact(&value, &value), None);
    }
}
