//! A platform of somebody's own, and a bot on it.

mod support;

use std::{fs, process::Stdio};

use flow_webhook::Webhook;
use serde_json::json;
use support::{Bot, Chats, SECRET, new_secret, secret};
use tokio::process::Command;

#[tokio::test]
async fn a_visit_is_booked_by_signed_requests() {
    let chats = Chats::open().await;
    let bot = Bot::of(&chats).await;
    assert_eq!(bot.hears("m1", json!({"text": "hello"})).await, 200);
    let asked = chats.has_taken(1).await[0].json();
    assert_eq!(
        (&asked["type"], &asked["chat"], &asked["text"]),
        (&json!("message.send"), &json!("ana"), &json!("Hair or nails?"))
    );
    let token = &asked["buttons"][1]["token"];
    assert_eq!(bot.hears("m2", json!({"button": token, "label": "Nails"})).await, 200);
    assert_eq!(chats.has_taken(2).await[1].text(), "Your name?");
    assert_eq!(bot.hears("m3", json!({"text": "Ana"})).await, 200);
    let replies = chats.has_taken(3).await;
    assert_eq!(replies[2].text(), "See you, Ana.");
    let ids: Vec<_> = replies.iter().map(|reply| reply.header("webhook-id")).collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids.iter().all(|id| !id.contains('.')), "{ids:?}");
    assert!(replies.iter().all(|reply| reply.is_signed_with(&secret()) && !reply.is_signed_with(&new_secret())));
}

#[tokio::test]
async fn what_is_delivered_twice_is_handled_once_and_a_reply_has_one_id_however_often_it_is_sent() {
    let chats = Chats::open().await;
    let bot = Bot::of(&chats).await;
    // Its answer is lost on the way: what stands before the platform gives up.
    chats.answers(504, None);
    for _ in 0..3 {
        assert_eq!(bot.hears("m1", json!({"text": "hello"})).await, 200);
    }
    let taken = chats.has_taken(2).await;
    assert_eq!(taken[0].header("webhook-id"), taken[1].header("webhook-id"));
    assert_eq!(taken[0].body, taken[1].body);
    assert_eq!(bot.hears("m2", json!({"text": "hair"})).await, 200);
    assert_eq!(chats.has_taken(3).await[2].text(), "Your name?");
}

#[tokio::test]
async fn while_a_secret_is_changed_both_are_known_and_both_sign() {
    let chats = Chats::open().await;
    let webhook = Webhook::new(chats.url(), new_secret()).expect("an address").previous_secret(secret());
    let bot = Bot::speaking(webhook.bearer("of the gateway")).await;
    for (id, secret) in [("m1", secret()), ("m2", new_secret())] {
        let body = json!({"type": "message.received", "chat": id, "text": "hello"}).to_string();
        assert_eq!(bot.gets_signed(&secret, id, &body).await, 200);
    }
    for reply in chats.has_taken(2).await {
        assert!(reply.is_signed_with(&secret()) && reply.is_signed_with(&new_secret()));
        assert_eq!(reply.header("authorization"), "Bearer of the gateway");
    }
}

#[tokio::test]
async fn what_the_bot_has_no_use_for_is_taken_and_what_it_cannot_read_is_not() {
    let chats = Chats::open().await;
    let bot = Bot::of(&chats).await;
    for (body, status) in [
        (json!({"type": "message.seen", "chat": 7}).to_string(), 200),
        (json!({"chat": "ana", "text": "hello"}).to_string(), 400),
        ("hello".to_owned(), 400),
        ("x".repeat(256 * 1024 + 1), 413),
    ] {
        assert_eq!(bot.gets_signed(&secret(), "m1", &body).await, status);
    }
    assert_eq!(bot.gets_signed(&new_secret(), "m1", "{}").await, 401);
    assert!(chats.taken().is_empty());
}

/// The guide's own words are what is run.
#[tokio::test]
async fn the_sender_of_the_guide_is_understood() {
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/webhook.md")).expect("the guide");
    let sender = guide.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a sender");
    let chats = Chats::open().await;
    let bot = Bot::of(&chats).await;
    let python = Command::new("python3")
        .args(["-c", sender])
        .envs([("WEBHOOK_SECRET", SECRET), ("WEBHOOK_URL", &bot.url)])
        .stdin(Stdio::null())
        .output()
        .await
        .expect("python3, of the package of that name");
    assert!(python.status.success(), "{}", String::from_utf8_lossy(&python.stderr));
    assert_eq!(chats.has_taken(1).await[0].text(), "Hair or nails?");
}

#[test]
fn the_guide_shows_what_is_signed() {
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/webhook.md")).expect("the guide");
    let received = r#"{"type":"message.received","chat":"ana","text":"Hello!"}"#;
    let sent = r#"{"chat":"ana","text":"Who is there?","type":"message.send"}"#;
    let key = "6fa459ea-ee8a-4ca4-894e-db77e160355e/1-0123456789abcdef0123456789abcdef/0";
    for (id, body) in [("msg-1", received), (key, sent)] {
        let signature = secret().sign(id, 1_700_000_000, body.as_bytes());
        for told in [SECRET, id, "1700000000", body, &signature] {
            assert!(guide.contains(told), "{told}");
        }
    }
}
