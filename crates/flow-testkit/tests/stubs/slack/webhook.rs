//! What a bot gets.

use std::time::Duration;

use flow_http::client::{Call, Client};
use flow_testkit::stubs::SlackStub;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{ADA, DIRECT, actions, button, done, section, select};
use crate::bot::{Got, Webhook, hex};

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const CHALLENGE: &str = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P";

/// A stub whose webhook was verified, which is the first request that the bot got.
async fn with_webhook() -> (SlackStub, Webhook) {
    let (webhook, url) = Webhook::start().await;
    let slack = SlackStub::start().await;
    webhook.answers(200, &json!({ "challenge": CHALLENGE }).to_string());
    slack.webhook(&url, SECRET).await.expect("the challenge comes back");
    (slack, webhook)
}

/// How old the signature is, if it is one of the secret.
fn signed_ago(got: &Got) -> Option<i64> {
    let time = got.header("x-slack-request-timestamp");
    let tag = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key");
    let tag = tag.chain_update(format!("v0:{time}:")).chain_update(&got.body).finalize().into_bytes();
    (got.header("x-slack-signature") == format!("v0={}", hex(&tag)))
        .then(|| chrono::Utc::now().timestamp() - time.parse::<i64>().expect("a time"))
}

fn field(got: &Got, name: &str) -> String {
    let body = String::from_utf8(got.body.to_vec()).expect("text");
    let pair =
        body.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).expect("the field").replace('+', " ");
    let mut bytes = pair.bytes();
    let mut read = Vec::new();
    while let Some(byte) = bytes.next() {
        let digit = |byte: Option<u8>| char::from(byte.expect("a digit")).to_digit(16).expect("a digit");
        read.push(if byte == b'%' {
            u8::try_from(digit(bytes.next()) * 16 + digit(bytes.next())).expect("a byte")
        } else {
            byte
        });
    }
    String::from_utf8(read).expect("text")
}

#[tokio::test]
async fn a_webhook_is_set_once_it_answers_with_the_challenge() {
    let (webhook, url) = Webhook::start().await;
    let slack = SlackStub::start().await;
    webhook.answers(500, "");
    assert_eq!(slack.webhook(&url, SECRET).await, Err("it answered 500".to_owned()));
    webhook.answers(200, CHALLENGE);
    slack.webhook(&url, SECRET).await.expect("as text, too");
    let asked = webhook.waits_for(2).await.pop().expect("a request");
    assert!(asked.json()["type"] == "url_verification" && signed_ago(&asked).is_some());
}

#[tokio::test]
async fn what_people_say_comes_as_events() {
    let (slack, webhook) = with_webhook().await;
    let ada = slack.visitor(ADA).called("ada");
    ada.says("a < b & c");
    ada.edits("a > b");
    ada.starts("");
    slack.member("C1", ADA).says("@stub book");
    ada.sends_file("a.pdf", "application/pdf", &b"pdf"[..]);
    let got = webhook.waits_for(7).await;
    assert!(got.iter().all(|got| signed_ago(got).is_some_and(|ago| ago < 5)));
    let mut events: Vec<_> = got[1..].iter().map(|got| got.json()["event"].clone()).collect();
    // Channels do not wait for each other.
    events.sort_by_key(|event| event["event_ts"].as_str().expect("a time").to_owned());
    let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().expect("a type")).collect();
    assert_eq!(kinds, ["message", "message", "app_home_opened", "message", "app_mention", "message"]);
    let first = &events[0];
    assert_eq!(
        (&first["text"], &first["channel"], &first["channel_type"]),
        (&json!("a &lt; b &amp; c"), &json!(DIRECT), &json!("im"))
    );
    assert_eq!((&first["user"], first["client_msg_id"].is_string()), (&json!(ADA), true));
    assert_eq!((&events[1]["subtype"], &events[1]["message"]["text"]), (&json!("message_changed"), &json!("a &gt; b")));
    // A mention is two events of one message.
    assert_eq!((&events[3]["ts"], &events[3]["client_msg_id"]), (&events[4]["ts"], &events[4]["client_msg_id"]));
    assert_eq!(events[3]["text"], format!("<@{}> book", slack.bot_user()));
    let file = &events[5]["files"][0];
    assert_eq!((&events[5]["subtype"], &file["mimetype"]), (&json!("file_share"), &json!("application/pdf")));
    let url = file["url_private"].as_str().expect("an address");
    assert_eq!(Client::new().call(Call::get(url)).await.expect("an answer").status(), 302);
    assert_eq!(&**Client::new().call(Call::get(url).bearer(slack.token())).await.expect("an answer").body(), b"pdf");
    let outer = got[1].json();
    assert_eq!((&outer["type"], &outer["team_id"]), (&json!("event_callback"), &json!(slack.team())));
    assert!(outer["event_id"].as_str().expect("an id").starts_with("Ev"));
}

#[tokio::test]
async fn a_press_a_pick_and_a_command_come_as_forms() {
    let (slack, webhook) = with_webhook().await;
    let ada = slack.visitor(ADA).called("ada");
    let blocks = json!([section("Sure?"), actions(&[button("Yes", "y"), select(&[("One", "1")])])]);
    let posted =
        done(&slack, "chat.postMessage", json!({ "channel": DIRECT, "text": "Sure?", "blocks": blocks })).await;
    slack.settles().await;
    ada.presses("Yes");
    ada.presses("One");
    webhook.answers(200, "");
    webhook.answers(200, "");
    webhook.answers(200, "Booked.");
    ada.says("/book for two");
    let got = webhook.waits_for(5).await;
    assert_eq!(got[1].json()["event"]["bot_id"], "B061EG9R6", "an app hears of its own message");
    assert!(
        got[2..]
            .iter()
            .all(|got| got.header("content-type") == "application/x-www-form-urlencoded" && signed_ago(got).is_some())
    );
    let press: Value = serde_json::from_str(&field(&got[2], "payload")).expect("JSON");
    let action = &press["actions"][0];
    assert_eq!(
        (&action["value"], &action["action_id"], &action["block_id"]),
        (&json!("y"), &json!("ay"), &json!("offers"))
    );
    assert_eq!((&press["container"]["message_ts"], &press["user"]["id"]), (&posted["ts"], &json!(ADA)));
    let pick: Value = serde_json::from_str(&field(&got[3], "payload")).expect("JSON");
    assert_eq!(pick["actions"][0]["selected_option"]["value"], "1");
    assert_eq!((field(&got[4], "command"), field(&got[4], "text")), ("/book".to_owned(), "for two".to_owned()));
    assert_eq!(ada.waits_for(2).await[1].text(), "Booked.", "what a command's response says is shown");

    let url = press["response_url"].as_str().expect("an address");
    let replace = json!({ "replace_original": true, "text": "Yes, then." });
    assert_eq!(Client::new().call(Call::post(url).json(&replace)).await.expect("an answer").status(), 200);
    let first = ada.heard().remove(0);
    assert!(first.text() == "Yes, then." && first.labels().is_empty());
}

#[tokio::test]
async fn an_event_comes_again_and_an_interaction_does_not() {
    let (slack, webhook) = with_webhook().await;
    slack.set_speed(1000.0);
    let ada = slack.visitor(ADA);
    webhook.answers(500, "");
    webhook.answers(500, "");
    ada.says("Hello");
    let got = webhook.waits_for(4).await;
    let retries: Vec<_> =
        got[1..].iter().map(|got| (got.header("x-slack-retry-num"), got.header("x-slack-retry-reason"))).collect();
    assert_eq!(retries, [("", ""), ("1", "http_error"), ("2", "http_error")]);
    assert!(got[1].body == got[2].body && signed_ago(&got[3]).is_some());
    slack.set_patience(Duration::from_millis(50));
    for _ in 0..4 {
        webhook.answers_after(200, "", Duration::from_millis(500));
    }
    ada.says("slow");
    let got = webhook.waits_for(8).await;
    assert_eq!((got[7].header("x-slack-retry-num"), got[7].header("x-slack-retry-reason")), ("3", "http_timeout"));
    slack.settles().await;
    assert_eq!(slack.trips()[1].taken(), None, "Slack gives it up");
    webhook.answers(500, "");
    ada.says("/book");
    webhook.waits_for(9).await;
    slack.settles().await;
    assert_eq!(webhook.waits_for(9).await.len(), 9);
}

#[tokio::test]
async fn signatures_may_be_wrong_or_late() {
    let (slack, webhook) = with_webhook().await;
    let ada = slack.visitor(ADA);
    slack.faults().signs_wrongly(1);
    ada.says("forged");
    webhook.waits_for(2).await;
    slack.faults().signs_late(1);
    ada.says("replayed");
    let got = webhook.waits_for(3).await;
    assert_eq!(signed_ago(&got[1]), None);
    assert!(signed_ago(&got[2]).is_some_and(|ago| ago >= 3600));
    slack.happens(DIRECT, &json!({ "type": "hologram_raised" }));
    assert_eq!(webhook.waits_for(4).await[3].json()["event"]["type"], "hologram_raised");
    assert_eq!(slack.delivers_body_of("not JSON").await, Some(200));
}
