//! What a bot posts, and how it is refused.

use flow_http::client::{Call, Client};
use serde_json::{Value, json};

use super::{DIRECT, actions, button, call, done, open, refused, section, select};

#[tokio::test]
async fn a_message_is_posted_found_again_and_changed() {
    let (slack, ada) = open().await;
    let metadata = json!({ "event_type": "flow", "event_payload": { "key": "key-1" } });
    let blocks =
        json!([section("Sure, <b>&amp; now?"), actions(&[button("Yes", "y"), select(&[("One", "1"), ("Two", "2")])])]);
    let hello = json!({ "channel": DIRECT, "text": "Sure?", "blocks": blocks, "metadata": metadata });
    let posted = done(&slack, "chat.postMessage", hello).await;
    assert_eq!((&posted["channel"], &posted["message"]["blocks"]), (&json!(DIRECT), &blocks));
    let heard = ada.hears().await;
    assert_eq!(
        (heard.text(), heard.labels(), heard.key()),
        ("Sure, <b>& now?", vec!["Yes", "One", "Two"], Some("key-1"))
    );
    assert_eq!(heard.buttons().map(flow_testkit::stubs::Button::is_row).collect::<Vec<_>>(), [false, true, true]);

    let history = json!({ "channel": DIRECT, "include_all_metadata": true, "limit": 1 });
    let history = done(&slack, "conversations.history", history).await;
    assert_eq!(history["messages"][0]["metadata"], metadata);
    let without = done(&slack, "conversations.history", json!({ "channel": DIRECT })).await;
    assert!(without["messages"][0].get("metadata").is_none());

    let update = json!({ "channel": DIRECT, "ts": posted["ts"], "text": "Done", "blocks": [section("Done")] });
    done(&slack, "chat.update", update).await;
    let heard = ada.heard().remove(0);
    assert!(heard.text() == "Done" && heard.labels().is_empty() && heard.is_edited());
    done(&slack, "chat.delete", json!({ "channel": DIRECT, "ts": posted["ts"] })).await;
    assert!(ada.heard().is_empty());
}

#[tokio::test]
async fn what_slack_refuses_is_refused_by_its_names() {
    let (slack, ada) = open().await;
    slack.archives("C1");
    let to = |channel: &str| json!({ "channel": channel, "text": "x" });
    let cases = [
        ("chat.postMessage", json!({ "channel": DIRECT }), "no_text"),
        ("chat.postMessage", json!({ "channel": DIRECT, "text": "x".repeat(40_001) }), "msg_too_long"),
        ("chat.postMessage", to("C404"), "channel_not_found"),
        ("chat.postMessage", to("C1"), "is_archived"),
        ("chat.postMessage", json!({ "channel": DIRECT, "blocks": "x" }), "invalid_blocks_format"),
        ("chat.update", json!({ "channel": DIRECT, "ts": "1.2", "text": "x" }), "message_not_found"),
        ("chat.fly", json!({}), "unknown_method"),
    ];
    for (method, arguments, error) in cases {
        assert_eq!(refused(&slack, method, arguments).await.0, error, "{method}");
    }
    let member = slack.member("C2", "U1");
    member.blocks();
    assert_eq!(refused(&slack, "chat.postMessage", to("C2")).await.0, "not_in_channel");
    let client = Client::new();
    let address = format!("{}/auth.test", slack.address());
    let error = |answer: flow_http::client::Answer| answer.json::<Value>().expect("JSON")["error"].clone();
    assert_eq!(error(client.call(Call::post(&address)).await.expect("an answer")), "not_authed");
    assert_eq!(error(client.call(Call::post(&address).bearer("xoxb-wrong")).await.expect("an answer")), "invalid_auth");
    assert!(ada.heard().is_empty());
}

#[tokio::test]
async fn blocks_are_as_the_reference_has_them() {
    let (slack, ada) = open().await;
    let post = |blocks: Vec<Value>| json!({ "channel": DIRECT, "text": "x", "blocks": blocks });
    let long = |length: usize| "x".repeat(length);
    // As much as there may be.
    let buttons: Vec<_> = (0..25).map(|place| button(&long(75), &format!("{place}{}", long(1990)))).collect();
    let labels: Vec<_> = (0..100).map(|place| format!("Option {place}")).collect();
    let (label, value) = (long(75), long(150));
    let mut options: Vec<_> = labels.iter().map(|label| (&**label, &**label)).collect();
    options[0] = (&label, &value);
    done(&slack, "chat.postMessage", post(vec![section(&long(3000)), actions(&buttons), actions(&[select(&options)])]))
        .await;
    assert_eq!(ada.hears().await.buttons().count(), 125);

    let less = |limit: usize, place: &str| {
        format!("[ERROR] must be less than {limit} characters [json-pointer:/blocks/0{place}]")
    };
    let cases = [
        (section(&long(3001)), less(3001, "/text/text")),
        (actions(&[button(&long(76), "1")]), less(76, "/elements/0/text/text")),
        (actions(&[button("A", &long(2001))]), less(2001, "/elements/0/value")),
        (actions(&[select(&[(&*long(76), "1")])]), less(76, "/elements/0/options/0/text/text")),
        (actions(&[select(&[("A", &*long(151))])]), less(151, "/elements/0/options/0/value")),
        (actions(&[]), "[ERROR] no items [json-pointer:/blocks/0/elements]".to_owned()),
        (
            json!({ "type": "image", "image_url": "https://example.com/a.png" }),
            "[ERROR] missing required field [json-pointer:/blocks/0/alt_text]".to_owned(),
        ),
        (json!({ "type": "hologram" }), "[ERROR] unsupported type [json-pointer:/blocks/0/type]".to_owned()),
    ];
    for (block, detail) in cases {
        assert_eq!(refused(&slack, "chat.postMessage", post(vec![block])).await, ("invalid_blocks".to_owned(), detail));
    }
    let many: Vec<_> = (0..26).map(|place| button("A", &place.to_string())).collect();
    let (_, detail) = refused(&slack, "chat.postMessage", post(vec![actions(&many)])).await;
    assert_eq!(detail, "[ERROR] no more than 25 items allowed [json-pointer:/blocks/0/elements]");
    let (_, detail) = refused(&slack, "chat.postMessage", post(vec![json!({ "type": "divider" }); 51])).await;
    assert_eq!(detail, "[ERROR] no more than 50 items allowed [json-pointer:/blocks]");
    assert_eq!(ada.heard().len(), 1);
}

#[tokio::test]
async fn too_many_in_a_channel_are_told_for_how_long() {
    let (slack, _) = open().await;
    slack.keeps_limits();
    let mut answer = call(&slack, "chat.postMessage", json!({ "channel": DIRECT, "text": "x" })).await;
    for _ in 0..20 {
        if answer.status() == 200 {
            answer = call(&slack, "chat.postMessage", json!({ "channel": DIRECT, "text": "x" })).await;
        }
    }
    assert_eq!((answer.status().as_u16(), answer.header("retry-after")), (429, Some("1")));
    assert_eq!(answer.json::<Value>().expect("JSON"), json!({ "ok": false, "error": "ratelimited" }));
    slack.visitor("U2");
    done(&slack, "chat.postMessage", json!({ "channel": "U2", "text": "another" })).await;
}
