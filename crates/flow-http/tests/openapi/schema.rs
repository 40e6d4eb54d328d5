//! JSON Schema, as much of it as the document uses: a word that is not known here is a mistake.

use serde_json::Value;

/// Why a value is not as the schema says; none if it is.
pub fn fault(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let rules = schema.as_object().expect("a schema");
    rules.iter().find_map(|(word, rule)| broken(document, schema, word, rule, value))
}

/// What a reference refers to, or the thing itself.
pub fn resolved<'d>(document: &'d Value, thing: &'d Value) -> &'d Value {
    let Some(place) = thing.get("$ref").and_then(Value::as_str) else { return thing };
    let place = place.strip_prefix('#').expect("a place in the document");
    document.pointer(place).unwrap_or_else(|| panic!("there is no {place}"))
}

fn broken(document: &Value, schema: &Value, word: &str, rule: &Value, value: &Value) -> Option<String> {
    let length = value.as_str().map(|text| text.chars().count() as u64);
    let is_met = match word {
        "description" => true,
        "$ref" => return fault(document, resolved(document, schema), value),
        "type" => is(rule.as_str().expect("a type"), value),
        "enum" => rule.as_array().expect("values").contains(value),
        "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().expect("a number")),
        "minLength" => length.is_none_or(|length| length >= rule.as_u64().expect("a number")),
        "maxLength" => length.is_none_or(|length| length <= rule.as_u64().expect("a number")),
        "required" => {
            rule.as_array().expect("names").iter().all(|name| value.get(name.as_str().expect("a name")).is_some())
        }
        "oneOf" => {
            let ways = rule.as_array().expect("schemas").iter();
            ways.filter(|way| fault(document, way, value).is_none()).count() == 1
        }
        "items" => return value.as_array()?.iter().find_map(|item| fault(document, rule, item)),
        "properties" => {
            let mut fields = value.as_object()?.iter();
            return fields
                .find_map(|(name, field)| fault(document, rule.get(name)?, field).map(|why| format!("{name}: {why}")));
        }
        "additionalProperties" => {
            assert_eq!(rule, false);
            value.as_object().is_none_or(|fields| fields.keys().all(|name| schema["properties"].get(name).is_some()))
        }
        _ => panic!("the test does not know {word:?}"),
    };
    (!is_met).then(|| format!("{value} breaks {word:?}: {rule}"))
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        _ => panic!("the test does not know the type {kind:?}"),
    }
}
