//! A session is moved to a state that is given by its name and JSON, and every slip is told before anything is touched.

use std::error::Error as _;

use flow_core::{EngineError, Flow};
use serde_json::{Value, json};

use crate::stage::{Stage, by};

async fn begun() -> Stage<crate::flow::Booking> {
    let stage = Stage::new();
    stage.says_all(&["hi", "Book"]).await;
    stage
}

#[tokio::test]
async fn a_state_is_given_by_its_name_and_fields_and_its_question_is_asked() {
    let stage = begun().await;
    let operator = stage.engine.operator(by());
    let fields = json!({"name": "Ana", "email": "ana@example.com", "phone": "+12345678900", "company": null});
    let outcome = operator.force_to(stage.id, "BOOK_SLOT", &fields).await.expect("a turn");
    assert_eq!(outcome.transitions[0].to_string(), "BOOK_NAME -> BOOK_SLOT (operator, olga: a test wants it)");
    assert_eq!(outcome.texts(), ["Which of these suits you?"]);
    assert_eq!(stage.says("1").await.state.as_ref().map(Flow::name), Some("BOOK_REVIEW"), "what was offered is picked");
    for no_fields in [Value::Null, json!({})] {
        operator.force_to(stage.id, "CANCELLED", &no_fields).await.expect("a state without fields");
    }
}

#[tokio::test]
async fn a_slip_is_told_by_its_own_error_with_no_value_in_it_before_anything_is_touched() {
    let stage = begun().await;
    let operator = stage.engine.operator(by());
    let (before, calls) = (stage.store.last_written().record, stage.store.calls());
    let unreadable = |fault: &str| format!("what is given is not what the state BOOK_PHONE holds: {fault}");
    for (name, fields, told) in [
        ("BOOK_FON", json!({}), "the flow has no state of this name".to_owned()),
        (
            "BOOK_PHONE",
            json!({"name": "Secret"}),
            unreadable("a field is missing, or the last that is given cannot hold it"),
        ),
        (
            "BOOK_REVIEW",
            json!({"name": "Secret", "email": "ana@example.com", "phone": "+12345678900"}),
            "what is given is not what the state BOOK_REVIEW holds: the field `slot` is missing".to_owned(),
        ),
        (
            "BOOK_PHONE",
            json!({"email": ["Secret"], "name": "Ana"}),
            unreadable("the field `email` cannot hold what is given"),
        ),
        (
            "BOOK_PHONE",
            json!({"name": "Ana", "email": "ana@example.com", "fon": "Secret"}),
            unreadable("there is no field `fon`"),
        ),
        ("BOOK_PHONE", json!(["Secret"]), unreadable("it is not a JSON object with the state's fields")),
        (
            "BOOK_PHONE",
            json!(["Ana", "ana@example.com"]),
            unreadable("it is not a JSON object with the state's fields"),
        ),
        (
            "CANCELLED",
            json!("Secret"),
            "what is given is not what the state CANCELLED holds: it is not a JSON object with the state's fields"
                .into(),
        ),
        (
            "BOOK_PHONE",
            (0..200).fold(json!("Secret"), |value, _| json!([value])),
            "the state BOOK_PHONE cannot be stored: it would not read back".to_owned(),
        ),
    ] {
        let error = operator.force_to(stage.id, name, &fields).await.expect_err(name);
        let chain = error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
        assert_eq!(chain, told);
        assert!(!format!("{error:?}").contains("Secret"), "{error:?}");
    }
    assert_eq!(stage.store.last_written().record.bytes(), before.bytes());
    assert_eq!(stage.store.calls(), calls, "the store was not even asked");
    assert!(matches!(
        operator.force_to(flow_core::SessionId::random(), "BOOK_NAME", &Value::Null).await,
        Err(EngineError::NoSession)
    ));
}
