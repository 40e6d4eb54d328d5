//! What Postgres does not hold as it is: NUL, in a text or a jsonb, which is shown to readers as `␀`; in a jsonb, large floats.

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

/// Both values, byte for byte, if a column does not give one of them back as it is.
pub(super) fn exact(data: &Value, shared: &Value) -> Option<Vec<u8>> {
    if ![data, shared].into_iter().any(|value| holds_nul(value) || holds_large_float(value)) {
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

/// Whether there is a number that jsonb writes without the exponent that told it from a whole one.
fn holds_large_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64() && number.as_f64().is_some_and(|number| number.abs() >= 1e15),
        Value::Array(values) => values.iter().any(holds_large_float),
        Value::Object(fields) => fields.values().any(holds_large_float),
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
