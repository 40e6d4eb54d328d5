//! What visitors say, and what became of what was said to them, as Meta's documentation shows it.

mod support;

use flow_http::platform::{Arrivals, Became};
use flow_whatsapp::WhatsApp;
use serde_json::Value;
use support::{fixture, read, whatsapp};

/// What stands in a delivery, a line each.
fn shown(arrivals: &Arrivals) -> String {
    let messages = arrivals.messages().iter().map(|arrived| {
        let said = serde_json::to_string(arrived.message().input()).expect("JSON");
        format!("{}: {said}, {}", arrived.place(), arrived.message().id().expect("an id"))
    });
    let receipts = arrivals.receipts().iter().map(|receipt| {
        let became = match receipt.became() {
            Became::Failed(reason) => format!("Failed: {reason}"),
            became => format!("{became:?}"),
        };
        format!("{}: {}, {became}", receipt.place(), receipt.key())
    });
    let shown = messages.chain(receipts).collect::<Vec<_>>().join("\n");
    if shown.is_empty() { "nothing".to_owned() } else { shown }
}

fn delivered(name: &str) -> String {
    delivered_to(&whatsapp(), name)
}

fn delivered_to(whatsapp: &WhatsApp, name: &str) -> String {
    shown(&read(whatsapp, &fixture(name)).expect("readable"))
}

#[test]
fn each_kind_of_message_is_read_as_what_it_is() {
    let kinds = [
        "text",
        "button_reply",
        "list_reply",
        "template_button",
        "image",
        "video",
        "voice",
        "audio",
        "document",
        "sticker",
        "location",
        "contacts",
    ];
    let read = kinds.map(|name| format!("{name}\n{}", delivered(name))).join("\n\n");
    insta::assert_snapshot!(read);
}

#[test]
fn what_a_bot_has_no_use_for_is_left_out() {
    for name in ["reaction", "order", "unsupported", "system", "flow_reply", "group", "errors", "others_status"] {
        assert_eq!(delivered(name), "nothing", "{name}");
    }
}

#[test]
fn a_visitor_stays_who_it_is_when_whatsapp_no_longer_tells_the_number() {
    let place = |name| delivered(name).split(": ").next().expect("a place").to_owned();
    assert_eq!(["number_and_user_id", "user_name", "shared_number"].map(place), ["US.13491208655302741918"; 3]);
    assert_eq!(place("text"), "16505551234");
    let by_number = whatsapp().known_by_number();
    assert!(delivered_to(&by_number, "number_and_user_id").starts_with("16505551234: "));
    assert!(delivered_to(&by_number, "user_name").starts_with("US.13491208655302741918: "));
}

#[test]
fn what_became_of_a_message_is_told_by_its_key() {
    insta::assert_snapshot!(delivered("statuses"), @r"
    16505551234: the key, sent
    16505551234: the key, delivered
    16505551234: the key, read
    ");
    insta::assert_snapshot!(delivered("failed"), @"16505551234: the key, Failed: the visitor has not written for 24 hours, and WhatsApp takes only a template then (error 131047)");
}

#[test]
fn a_batch_is_read_in_order_and_what_is_for_another_number_is_left_out() {
    insta::assert_snapshot!(delivered("batch"));
}

/// Each is told beside the messages, but for the second, who must not be taken for the first.
#[test]
fn nobody_is_taken_for_the_one_who_is_told_of_beside() {
    let mut delivery: Value = serde_json::from_str(&fixture("batch")).expect("JSON");
    let value = &mut delivery["entry"][0]["changes"][0]["value"];
    value["contacts"] =
        serde_json::json!([{ "profile": { "name": "Sheena" }, "wa_id": "16505551234", "user_id": "US.1" }]);
    let read = shown(&read(&whatsapp(), &delivery.to_string()).expect("readable"));
    let places: Vec<_> = read.lines().map(|line| line.split(": ").next().expect("a place")).collect();
    assert_eq!(places, ["US.1", "US.1", "12195555358", "16505551234"]);
    // Beside one message stands its sender, whose number and id "may not always match", as Meta says.
    let messages = &mut delivery["entry"][0]["changes"][0]["value"]["messages"];
    *messages = serde_json::json!([messages[2]]);
    assert!(shown(&support::read(&whatsapp(), &delivery.to_string()).expect("readable")).starts_with("US.1: "));
}

#[test]
fn several_cards_are_several_contacts() {
    let mut delivery: Value = serde_json::from_str(&fixture("contacts")).expect("JSON");
    let cards = delivery.pointer_mut("/entry/0/changes/0/value/messages/0/contacts").expect("cards");
    *cards = serde_json::json!([{ "name": { "formatted_name": "Kai" } }, { "name": { "formatted_name": "Zoe" } }]);
    let read = read(&whatsapp(), &delivery.to_string()).expect("readable");
    let ids: Vec<_> = read.messages().iter().map(|arrived| arrived.message().id().expect("an id")).collect();
    assert_eq!((ids.len(), ids[1].strip_prefix(ids[0])), (2, Some("/2")));
}

#[test]
fn one_message_of_no_shape_holds_up_no_other() {
    let read = delivered("broken_among_whole");
    assert!(read.contains("the whole one") && read.lines().count() == 1, "{read}");
}

#[test]
fn what_is_no_delivery_is_refused_without_its_words_and_what_is_of_another_product_is_nothing() {
    for body in ["", "canary", "[]", "{}", "7", r#"{"entry": "canary"}"#, r#"{"object": 1}"#, &"[".repeat(100_000)] {
        let error = read(&whatsapp(), body).expect_err(body).to_string();
        assert!(!error.contains("canary"), "{error}");
    }
    for body in [r#"{"object": "page", "entry": []}"#, r#"{"object": "whatsapp_business_account", "entry": [{}]}"#] {
        assert_eq!(shown(&read(&whatsapp(), body).expect("readable")), "nothing");
    }
}

/// Each value of each delivery is replaced by each of these: nothing panics, and nothing is invented.
#[test]
fn whatever_stands_in_a_field_nothing_breaks() {
    let odd = [
        Value::Null,
        Value::from(""),
        Value::from(-1),
        Value::from(1e300),
        Value::from(u64::MAX),
        serde_json::json!([[]]),
        serde_json::json!({}),
    ];
    let whatsapp = whatsapp();
    for name in ["text", "button_reply", "image", "location", "contacts", "statuses", "failed", "batch", "user_name"] {
        let whole: Value = serde_json::from_str(&fixture(name)).expect("JSON");
        let mut paths = Vec::new();
        paths_of(&whole, String::new(), &mut paths);
        for path in paths {
            for odd in &odd {
                let mut changed = whole.clone();
                *changed.pointer_mut(&path).expect("a place") = odd.clone();
                if let Ok(arrivals) = read(&whatsapp, &changed.to_string()) {
                    assert!(
                        arrivals
                            .messages()
                            .iter()
                            .all(|arrived| arrived.message().id().is_some() && !arrived.place().is_empty()),
                        "{path}"
                    );
                }
            }
        }
    }
}

fn paths_of(value: &Value, path: String, paths: &mut Vec<String>) {
    let inner: Vec<_> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(values) => values.iter().enumerate().map(|(place, value)| (place.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in inner {
        paths_of(value, format!("{path}/{name}"), paths);
    }
    paths.push(path);
}
