//! What a webhook gets.

use std::time::Duration;

use flow_testkit::stubs::GraphStub;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{ADA, buttons, list, open, post, sent, text};
use crate::bot::{Got, Webhook, hex};

const SECRET: &str = "app secret";

/// A stub whose webhook was verified, which is the first request that the bot got.
async fn with_webhook() -> (GraphStub, Webhook) {
    let (webhook, url) = Webhook::start().await;
    let graph = GraphStub::start().await;
    webhook.answers(200, "1158201444");
    graph.webhook(&url, SECRET, "verify me").await.expect("the challenge comes back");
    (graph, webhook)
}

fn value(got: &Got) -> Value {
    let body = got.json();
    assert_eq!(body["object"], "whatsapp_business_account");
    assert_eq!(body["entry"][0]["changes"][0]["field"], "messages");
    let value = body["entry"][0]["changes"][0]["value"].clone();
    assert_eq!(
        value["metadata"],
        json!({ "display_phone_number": "15550783881", "phone_number_id": "106540352242922" })
    );
    value
}

fn is_signed(got: &Got) -> bool {
    let tag = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())
        .expect("any key")
        .chain_update(&got.body)
        .finalize()
        .into_bytes();
    got.header("x-hub-signature-256") == format!("sha256={}", hex(&tag))
}

#[tokio::test]
async fn a_webhook_is_set_once_it_sends_back_the_challenge() {
    let (webhook, url) = Webhook::start().await;
    let graph = GraphStub::start().await;
    webhook.answers(403, "");
    assert_eq!(graph.webhook(&url, SECRET, "verify me").await, Err("it answered 403".to_owned()));
    assert!(graph.webhook(&url, SECRET, "verify me").await.is_err(), "an empty 200 is no challenge");
    webhook.answers(200, "1158201444");
    graph.webhook(&url, SECRET, "verify me").await.expect("the challenge comes back");
    let asked = webhook.waits_for(3).await.pop().expect("a request");
    assert_eq!(asked.query, "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify+me");
}

#[tokio::test]
async fn what_visitors_do_comes_as_the_documentation_shows_it() {
    let (graph, webhook) = with_webhook().await;
    let ada = graph.visitor(ADA).called("Sheena Nelson");
    ada.says("Does it come in another color?");
    ada.sends_photo(&b"jpeg"[..], "this one");
    ada.sends_voice(&b"ogg"[..]);
    ada.shares_location(52.5, 13.4);
    ada.shares_contact("Bob", "+49 170 7654321");
    ada.edits("Does it come in red?");
    let got = webhook.waits_for(7).await;
    assert!(got[1..].iter().all(is_signed));
    let first = value(&got[1]);
    assert_eq!(first["contacts"], json!([{ "profile": { "name": "Sheena Nelson" }, "wa_id": ADA }]));
    let messages: Vec<_> = got[1..].iter().map(|got| value(got)["messages"][0].clone()).collect();
    assert_eq!(
        (&messages[0]["from"], &messages[0]["text"]),
        (&json!(ADA), &json!({ "body": "Does it come in another color?" }))
    );
    assert!(messages[0]["timestamp"].is_string() && messages[0]["id"].as_str().expect("an id").starts_with("wamid."));
    assert_eq!(
        (&messages[1]["image"]["mime_type"], &messages[1]["image"]["caption"]),
        (&json!("image/jpeg"), &json!("this one"))
    );
    assert_eq!(messages[2]["audio"]["voice"], true);
    assert_eq!(messages[3]["location"], json!({ "latitude": 52.5, "longitude": 13.4 }));
    assert_eq!(messages[4]["contacts"][0]["phones"][0]["wa_id"], "491707654321");
    assert_eq!((&messages[5]["type"], &messages[5]["errors"][0]["code"]), (&json!("unsupported"), &json!(131_051)));
}

#[tokio::test]
async fn a_press_names_the_button_and_its_message() {
    let (graph, webhook) = with_webhook().await;
    let ada = graph.visitor(ADA);
    ada.says("Hello");
    webhook.waits_for(2).await;
    let asked = sent(&graph, buttons("Sure?", &["Yes", "No"])).await;
    let rows = [json!({ "id": "r1", "title": "One", "description": "the first" })];
    sent(&graph, list("Which?", "Choose", &rows)).await;
    graph.settles().await;
    let before = webhook.waits_for(1).await.len();
    ada.presses("Yes");
    ada.presses("One");
    let got = webhook.waits_for(before + 2).await;
    let press = value(&got[before])["messages"][0].clone();
    assert_eq!(press["interactive"], json!({ "type": "button_reply", "button_reply": { "id": "b0", "title": "Yes" } }));
    assert_eq!(press["context"], json!({ "from": "15550783881", "id": asked }));
    let pick = value(&got[before + 1])["messages"][0]["interactive"]["list_reply"].clone();
    assert_eq!(pick, json!({ "id": "r1", "title": "One", "description": "the first" }));
}

/// The statuses that came, each with its key and the code of its error.
async fn statuses(webhook: &Webhook, count: usize) -> Vec<(String, Value, Value)> {
    loop {
        let got = webhook.waits_for(1).await;
        let values = got.iter().skip(1).map(value);
        let statuses: Vec<_> =
            values.filter(|value| value.get("statuses").is_some()).map(|value| value["statuses"][0].clone()).collect();
        if statuses.len() >= count {
            let told = |status: Value| {
                let name = status["status"].as_str().expect("a status").to_owned();
                (name, status["biz_opaque_callback_data"].clone(), status["errors"][0]["code"].clone())
            };
            return statuses.into_iter().map(told).collect();
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn statuses_tell_what_became_of_a_message() {
    let (graph, webhook) = with_webhook().await;
    let ada = graph.visitor(ADA);
    ada.says("Hello");
    graph.reads(true);
    let keyed = |key: &str| {
        let mut message = text("x");
        message["biz_opaque_callback_data"] = key.into();
        message
    };
    sent(&graph, keyed("a")).await;
    let told = |status: &str, key: &str, code: Value| (status.to_owned(), json!(key), code);
    let first = [told("sent", "a", Value::Null), told("delivered", "a", Value::Null), told("read", "a", Value::Null)];
    assert_eq!(statuses(&webhook, 3).await, first);

    ada.blocks();
    sent(&graph, keyed("b")).await;
    assert_eq!(statuses(&webhook, 4).await[3], told("sent", "b", Value::Null));
    ada.unblocks();
    graph.closes_window(ADA);
    sent(&graph, keyed("c")).await;
    assert_eq!(statuses(&webhook, 5).await[4], told("failed", "c", json!(131_047)));
    let mut nobody = keyed("d");
    nobody["to"] = "19999999999".into();
    sent(&graph, nobody).await;
    assert_eq!(statuses(&webhook, 6).await[5], told("failed", "d", json!(131_026)));
    assert_eq!(ada.heard().len(), 1, "what fails is not shown");
}

#[tokio::test]
async fn what_is_not_taken_comes_again_signed_wrongly_if_that_is_asked_for() {
    let (graph, webhook) = with_webhook().await;
    graph.set_speed(1000.0);
    for _ in 0..3 {
        webhook.answers(500, "");
    }
    graph.visitor(ADA).says("Hello");
    let got = webhook.waits_for(5).await;
    assert!(got[2..].iter().all(|one| one.body == got[1].body));
    graph.settles().await;
    graph.faults().signs_wrongly(1);
    graph.visitor(ADA).says("forged");
    assert!(!is_signed(&webhook.waits_for(6).await[5]));
    graph.happens(ADA, "hologram", &json!({ "id": 1 }));
    assert_eq!(value(&webhook.waits_for(7).await[6])["messages"][0]["hologram"], json!({ "id": 1 }));
    assert_eq!(graph.delivers_body_of("not JSON").await, Some(200));
    assert!(is_signed(&webhook.waits_for(8).await[7]));
}

#[tokio::test]
async fn a_message_is_taken_and_the_answer_lost() {
    let (graph, ada) = open().await;
    graph.faults().stalls(1);
    let stalled = {
        let graph = graph.clone();
        tokio::spawn(async move { post(&graph, text("Hello!")).await })
    };
    assert_eq!(ada.hears().await.text(), "Hello!");
    assert!(!stalled.is_finished(), "nothing is said");
    stalled.abort();
}
