//! What arrives: whether it is the platform's, and what stands in it.

mod support;

use chrono::{DateTime, Utc};
use flow_core::Input;
use flow_http::{
    axum::http::{Request, request::Parts},
    platform::{Became, Forged, Hook, Platform as _, Receipt},
};
use flow_webhook::{SigningSecret, Webhook};
use serde_json::{Value, json};
use support::{new_secret, secret};

const BODY: &str = r#"{"type":"message.received","chat":"ana","text":"canary"}"#;

fn webhook() -> Webhook {
    Webhook::new("https://chat.example/canary", secret()).expect("an address")
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).expect("a time")
}

fn head(headers: &[(&str, &str)]) -> Parts {
    let request =
        headers.iter().fold(Request::post("/hooks/shop"), |request, (name, value)| request.header(*name, *value));
    request.body(()).expect("a request").into_parts().0
}

/// The head of a request that this secret signs.
fn signed(secret: &SigningSecret, id: &str, at: i64, body: &str) -> Parts {
    let (time, signature) = (at.to_string(), secret.sign(id, at, body.as_bytes()));
    head(&[("webhook-id", id), ("webhook-timestamp", &time), ("webhook-signature", &signature)])
}

fn verified(parts: &Parts, body: &str) -> Result<(), Forged> {
    webhook().verify(&Hook::new(parts, body.as_bytes(), now()))
}

#[test]
fn a_request_is_the_platforms_if_its_id_its_time_and_its_body_are_signed_and_it_is_of_now() {
    let at = now().timestamp();
    assert_eq!(verified(&signed(&secret(), "m1", at, BODY), BODY), Ok(()));
    for late in [at - 300, at + 300] {
        assert_eq!(verified(&signed(&secret(), "m1", late, BODY), BODY), Ok(()));
    }
    for late in [at - 301, at + 301, 0] {
        assert_eq!(verified(&signed(&secret(), "m1", late, BODY), BODY), Err(Forged::Late));
    }
    assert_eq!(verified(&signed(&new_secret(), "m1", at, BODY), BODY), Err(Forged::Wrong));
    assert_eq!(verified(&signed(&secret(), "m1", at, BODY), &BODY.replace("ana", "eve")), Err(Forged::Wrong));
    let (time, right) = (at.to_string(), secret().sign("m1", at, BODY.as_bytes()));
    let with = |id: &str, time: &str, signature: &str| {
        verified(&head(&[("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature)]), BODY)
    };
    assert_eq!(with("m2", &time, &right), Err(Forged::Wrong));
    assert_eq!(with("m1", &(at + 1).to_string(), &right), Err(Forged::Wrong));
    assert_eq!(with("m1", "9999999999999999999999", &right), Err(Forged::Wrong));
    for wrong in
        ["", "v1", "v1,", &right[3..], &right[..20], &right.replace("v1,", "v1a,"), &right.replace("v1,", "v2,")]
    {
        assert_eq!(with("m1", &time, wrong), Err(Forged::Wrong), "{wrong}");
    }
    // A sender who changes its secret gives both, and one that pads no base64 is right as well.
    let both = format!("{} v1a,abcd {right}", new_secret().sign("m1", at, BODY.as_bytes()));
    assert_eq!(with("m1", &time, &both), Ok(()));
    assert_eq!(with("m1", &time, right.trim_end_matches('=')), Ok(()));
}

#[test]
fn a_request_without_one_of_the_headers_or_with_one_twice_is_not_signed() {
    let at = now().timestamp();
    let (time, right) = (at.to_string(), secret().sign("m1", at, BODY.as_bytes()));
    let all = [("webhook-id", "m1"), ("webhook-timestamp", &*time), ("webhook-signature", &*right)];
    assert_eq!(verified(&head(&all), BODY), Ok(()));
    for missing in 0..3 {
        let some: Vec<_> =
            all.iter().copied().enumerate().filter(|(place, _)| *place != missing).map(|(_, header)| header).collect();
        assert_eq!(verified(&head(&some), BODY), Err(Forged::Unsigned));
        let twice: Vec<_> = all.iter().copied().chain([all[missing]]).collect();
        assert_eq!(verified(&head(&twice), BODY), Err(Forged::Unsigned));
    }
}

/// Both directions have one secret, so the signature of what the bot sends is right.
#[test]
fn what_the_bot_itself_has_sent_is_not_taken_from_anybody_who_sends_it_back() {
    let key = "6fa459ea-ee8a-4ca4-894e-db77e160355e/1-0123456789abcdef0123456789abcdef/0";
    for id in [key.to_owned(), format!("{key}/2")] {
        assert_eq!(verified(&signed(&secret(), &id, now().timestamp(), BODY), BODY), Err(Forged::Wrong));
    }
    assert_eq!(verified(&signed(&secret(), "chat/7", now().timestamp(), BODY), BODY), Ok(()));
}

#[test]
fn an_id_with_a_full_stop_could_lend_its_signature_and_is_refused() {
    let id = "m1.1700000000";
    let parts = signed(&secret(), id, now().timestamp(), BODY);
    let hook = Hook::new(&parts, BODY.as_bytes(), now());
    let error = webhook().read(&hook).expect_err("refused");
    assert!(error.to_string().contains("webhook-id"), "{error}");
}

/// What is read of a message with these fields.
fn read(fields: &Value) -> Result<Vec<(String, Input, Option<String>)>, String> {
    let mut message = json!({"type": "message.received", "chat": "ana"});
    message.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    let body = message.to_string();
    let parts = head(&[("webhook-id", "m1")]);
    let arrivals = webhook().read(&Hook::new(&parts, body.as_bytes(), now())).map_err(|error| error.to_string())?;
    let read = arrivals.messages().iter().map(|arrived| {
        let message = arrived.message();
        assert_eq!(message.id(), Some("m1"));
        (arrived.place().to_owned(), message.input().clone(), message.language().map(str::to_owned))
    });
    Ok(read.collect())
}

#[test]
fn whatever_a_visitor_can_say_is_read() {
    for (fields, input) in [
        (json!({"text": "hello"}), json!({"text": "hello"})),
        (json!({"text": "/start"}), json!({"text": "/start"})),
        (json!({"button": "~abc"}), json!({"button": {"payload": "~abc"}})),
        (json!({"button": "~abc", "label": "Yes"}), json!({"button": {"payload": "~abc", "label": "Yes"}})),
        (json!({"command": "start lisbon"}), json!({"command": "/start lisbon"})),
        (json!({"command": "/start"}), json!({"command": "/start"})),
        (json!({"file": {"kind": "voice", "reference": "f7"}}), json!({"media": {"kind": "voice", "reference": "f7"}})),
        (
            json!({"file": {"kind": "image", "reference": "f7", "media_type": "image/png", "size": 7, "name": "a.png", "caption": "There."}}),
            json!({"media": {"kind": "image", "reference": "f7", "media_type": "image/png", "size": 7, "file_name": "a.png", "caption": "There."}}),
        ),
        (
            json!({"location": {"latitude": 52.5, "longitude": 13.4, "name": "Salon"}}),
            json!({"place": {"latitude": 52.5, "longitude": 13.4, "name": "Salon"}}),
        ),
        (
            json!({"contact": {"name": "Kai", "phones": ["+49 30 1"], "emails": ["kai@salon.example"]}}),
            json!({"contact": {"name": "Kai", "phones": ["+49 30 1"], "emails": ["kai@salon.example"]}}),
        ),
    ] {
        let read = read(&fields).expect("read");
        assert_eq!((&*read[0].0, serde_json::to_value(&read[0].1).expect("JSON")), ("ana", input));
    }
    let read = read(&json!({"text": "olá", "language": "pt"})).expect("read");
    assert_eq!(read[0].2.as_deref(), Some("pt"));
}

#[test]
fn what_became_of_a_reply_is_read_by_its_id() {
    for (kind, became) in [
        ("sent", Became::Sent),
        ("delivered", Became::Delivered),
        ("read", Became::Read),
        ("failed", Became::Failed("blocked".to_owned())),
    ] {
        let body = json!({"type": format!("message.{kind}"), "chat": "ana", "id": "a key", "reason": "blocked"});
        let (parts, body) = (head(&[("webhook-id", "m1")]), body.to_string());
        let arrivals = webhook().read(&Hook::new(&parts, body.as_bytes(), now())).expect("read");
        assert_eq!(arrivals.receipts(), [Receipt::new("ana", "a key", became)]);
        assert!(arrivals.messages().is_empty());
    }
    let body = json!({"type": "message.read", "chat": "ana"}).to_string();
    let parts = head(&[("webhook-id", "m1")]);
    assert!(webhook().read(&Hook::new(&parts, body.as_bytes(), now())).is_err());
}

#[test]
fn what_cannot_be_read_is_told_by_its_field_and_without_its_words() {
    let one = "`text`, `button`, `command`, `file`, `location` or `contact` is to be there, and one of them alone";
    for (fields, told) in [
        (json!({}), one),
        (json!({"text": "canary", "button": "canary"}), one),
        (json!({"chat": "", "text": "canary"}), "`chat` is empty"),
        (json!({"command": "canary!"}), "`command` is no name of a command"),
        (json!({"location": {"latitude": 91, "longitude": 0}}), "`location` is nowhere on earth"),
        (json!({"text": {"canary": "canary"}}), "it is JSON of another shape"),
        (json!({"file": {"kind": "canary", "reference": "f7"}}), "it is JSON of another shape"),
        (json!({"chat": 7, "text": "canary"}), "it is JSON of another shape"),
    ] {
        let error = read(&fields).expect_err("not read");
        assert!(error.contains(told) && !error.contains("canary"), "{error}");
    }
}

#[test]
fn several_who_write_in_one_chat_are_told_apart() {
    use flow_core::Secret;
    use flow_http::platform::Line;

    let line = Line::new("shop", webhook(), Secret::new("a secret of at least sixteen bytes").expect("a secret"));
    let session = |fields: &Value| {
        let body =
            json!({"type": "message.received", "text": "hi", "chat": fields["chat"], "writer": fields["writer"]})
                .to_string();
        let parts = head(&[("webhook-id", "m1")]);
        let arrivals = line.platform().read(&Hook::new(&parts, body.as_bytes(), now())).expect("read");
        line.session_of(&arrivals.messages()[0])
    };
    let [ana, ben, alone] =
        [json!({"chat": "hall", "writer": "Ana"}), json!({"chat": "hall", "writer": "Ben"}), json!({"chat": "hall"})]
            .each_ref()
            .map(session);
    assert!(ana != ben && ana != alone && ben != alone);
    assert_eq!(session(&json!({"chat": "hall", "writer": "Ana"})), ana);
}

#[test]
fn debug_tells_neither_address_nor_secret_and_an_address_that_is_none_is_refused() {
    let webhook = webhook().bearer("canary").previous_secret(new_secret());
    let shown = format!("{webhook:?}");
    assert!(shown.contains("SigningSecret(***)") && !shown.contains("canary"), "{shown}");
    assert!(
        Webhook::new("chat.example/hook", secret()).is_err() && Webhook::new("ftp://chat.example", secret()).is_err()
    );
    assert!(Webhook::new("", secret()).is_err() && Webhook::new("https://", secret()).is_err());
}
