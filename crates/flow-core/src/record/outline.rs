//! A record for who is to see nothing of what was said: names and sizes.

use serde_json::{Value, json};

/// What the program says of a session, and no visitor.
const TOLD: [&str; 13] = [
    "flow",
    "flowVersion",
    "current",
    "version",
    "writeId",
    "origin",
    "lastTurn",
    "createdAt",
    "updatedAt",
    "lapsedAt",
    "expiresAt",
    "wakeAt",
    "epoch",
];

/// What the program says of a step.
const TOLD_OF_A_STEP: [&str; 3] = ["from", "to", "at"];

/// What is readable, with a size for each value that a visitor or a person may have given.
pub(super) fn outline(readable: Value) -> Value {
    let Value::Object(fields) = readable else { return sized(readable) };
    let outlined = fields.into_iter().map(|(name, value)| {
        let value = match value {
            told if TOLD.contains(&&*name) => told,
            Value::Array(steps) if name == "history" => steps.into_iter().map(step).collect(),
            value => sized(value),
        };
        (name, value)
    });
    Value::Object(outlined.collect())
}

fn step(step: Value) -> Value {
    let Value::Object(fields) = step else { return sized(step) };
    let told = fields.into_iter().map(|(name, value)| {
        // A cause that is one word is the program's.
        let is_told = TOLD_OF_A_STEP.contains(&&*name) || (name == "by" && value.is_string());
        let value = if is_told { value } else { sized(value) };
        (name, value)
    });
    Value::Object(told.collect())
}

/// Of which kind a value is, and how large.
fn sized(value: Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => json!("yes or no"),
        Value::Number(_) => json!("a number"),
        Value::String(text) => json!(format!("a text of {} bytes", text.len())),
        Value::Array(values) => values.into_iter().map(sized).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, sized(value))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sizes_are_told_and_no_value() {
        let by = json!({ "operator": "olga" });
        let readable = json!({
            "flow": "salon", "current": "BOOK_EMAIL", "data": { "name": "Zoe", "adult": true, "at": 9, "on": null },
            "history": [{ "from": "WELCOME", "to": "BOOK_NAME", "at": "2026-01-01T00:00:00Z", "by": by }, { "by": "message" }],
            "seen": [{ "id": "m1", "replies": ["Hi, Zoe"] }],
        });
        let expected = json!({
            "flow": "salon", "current": "BOOK_EMAIL",
            "data": { "name": "a text of 3 bytes", "adult": "yes or no", "at": "a number", "on": null },
            "history": [{
                "from": "WELCOME", "to": "BOOK_NAME", "at": "2026-01-01T00:00:00Z", "by": { "operator": "a text of 4 bytes" },
            }, { "by": "message" }],
            "seen": [{ "id": "a text of 2 bytes", "replies": ["a text of 7 bytes"] }],
        });
        assert_eq!(outline(readable), expected);
        assert_eq!(outline(json!("Zoe")), "a text of 3 bytes");
    }
}
