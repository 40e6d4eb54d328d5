//! What goes wrong on demand.

use std::time::{Duration, Instant};

use flow_testkit::stubs::TelegramStub;
use serde_json::{Value, json};

use super::{call, done, open, try_call};
use crate::bot::Webhook;

fn hello() -> Value {
    json!({ "chat_id": 42, "text": "Hello" })
}

#[tokio::test]
async fn too_many_are_told_for_how_long() {
    let (telegram, ada) = open().await;
    telegram.faults().answers_429_for(Duration::from_millis(1500));
    let answer = call(&telegram, "sendMessage", hello()).await;
    let body: Value = answer.json().expect("JSON");
    let expected = json!({
        "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 2", "parameters": { "retry_after": 2 },
    });
    assert_eq!((answer.status().as_u16(), body, answer.header("retry-after")), (429, expected, Some("2")));
    done(&telegram, "getMe", json!({})).await;
    telegram.faults().clear();
    done(&telegram, "sendMessage", hello()).await;
    assert_eq!(ada.heard().len(), 1);
}

#[tokio::test]
async fn a_message_is_taken_and_the_answer_lost() {
    let (telegram, ada) = open().await;
    telegram.faults().loses_answers(1);
    let lost = try_call(&telegram, "sendMessage", hello()).await.expect_err("no answer");
    assert!(lost.may_have_arrived());
    done(&telegram, "sendMessage", hello()).await;
    assert_eq!(ada.texts(), ["Hello", "Hello"]);
    let calls = telegram.calls();
    assert_eq!((calls[0].status(), calls[0].refused()), (0, Some("it was taken, and the answer was lost")));
    telegram.faults().stalls(1);
    let stalled = {
        let telegram = telegram.clone();
        tokio::spawn(async move { try_call(&telegram, "sendMessage", hello()).await })
    };
    ada.waits_for(3).await;
    assert!(!stalled.is_finished(), "nothing is said");
    stalled.abort();
}

#[tokio::test]
async fn it_is_away_and_comes_back_with_what_waited() {
    let (telegram, ada) = open().await;
    let (webhook, url) = Webhook::start().await;
    done(&telegram, "setWebhook", json!({ "url": url })).await;
    telegram.settles().await;
    telegram.faults().is_away_for(Duration::from_millis(200));
    let began = Instant::now();
    assert!(try_call(&telegram, "sendMessage", hello()).await.is_err());
    ada.says("while it is away");
    let got = webhook.waits_for(2).await;
    assert!(got[1].at - began >= Duration::from_millis(190));
    assert!(ada.heard().is_empty());
    done(&telegram, "sendMessage", hello()).await;
    telegram.faults().is_broken_for(Duration::from_secs(60));
    let broken = call(&telegram, "sendMessage", hello()).await;
    assert!(broken.status() == 502 && broken.json::<Value>().is_err(), "a gateway speaks HTML");
}

#[tokio::test]
async fn deliveries_are_doubled_overtaken_and_signed_wrongly() {
    let (telegram, ada) = open().await;
    let (webhook, url) = Webhook::start().await;
    done(&telegram, "setWebhook", json!({ "url": url, "secret_token": "right" })).await;
    telegram.settles().await;
    telegram.faults().doubles(1);
    ada.says("twice");
    webhook.waits_for(3).await;
    telegram.faults().reorders(1);
    ada.says("overtaken");
    ada.says("overtakes");
    webhook.waits_for(5).await;
    telegram.faults().signs_wrongly(1);
    ada.says("forged");
    let got = webhook.waits_for(6).await;
    let texts: Vec<_> = got.iter().map(|got| got.json()["message"]["text"].clone()).collect();
    assert_eq!(texts, ["Hello", "twice", "twice", "overtakes", "overtaken", "forged"]);
    assert_eq!(got[1].body, got[2].body);
    let signed: Vec<_> = got.iter().map(|got| got.header("x-telegram-bot-api-secret-token") == "right").collect();
    assert_eq!(signed, [true, true, true, true, true, false]);
    // Alone, it comes after a while.
    telegram.faults().reorders(1);
    ada.says("nothing overtakes it");
    webhook.waits_for(7).await;
}

#[tokio::test]
async fn any_body_and_any_kind_is_delivered() {
    let (telegram, _) = open().await;
    assert_eq!(telegram.delivers_body_of("{}").await, None, "there is no webhook");
    let (webhook, url) = Webhook::start().await;
    done(&telegram, "setWebhook", json!({ "url": url, "secret_token": "right" })).await;
    webhook.waits_for(1).await;
    webhook.answers(413, "");
    assert_eq!(telegram.delivers_body_of(vec![b' '; 1 << 20]).await, Some(413));
    telegram.happens("poll_of_the_future", &json!({ "id": 1 }));
    let got = webhook.waits_for(3).await;
    assert_eq!((got[1].body.len(), got[1].header("x-telegram-bot-api-secret-token")), (1 << 20, "right"));
    assert_eq!(got[2].json()["poll_of_the_future"], json!({ "id": 1 }));
}

/// Sends to this chat until it is too much: how many were taken, and how long to wait.
async fn taken_in(telegram: &TelegramStub, chat: i64) -> (u32, u64) {
    for taken in 0..100 {
        let answer = call(telegram, "sendMessage", json!({ "chat_id": chat, "text": "Hello" })).await;
        if answer.status() == 429 {
            let body: Value = answer.json().expect("JSON");
            return (taken, body["parameters"]["retry_after"].as_u64().expect("a time"));
        }
    }
    panic!("it is never too much");
}

#[tokio::test]
async fn telegrams_limits_are_kept_if_that_is_asked_for() {
    let (telegram, ada) = open().await;
    telegram.keeps_limits();
    let (taken, wait) = taken_in(&telegram, 42).await;
    // A few more for each second that it takes.
    assert!((3..10).contains(&taken) && wait == 1, "{taken} {wait}");
    telegram.visitor(43).says("Hello");
    done(&telegram, "sendMessage", json!({ "chat_id": 43, "text": "another chat" })).await;
    telegram.keeps_no_limits();
    for _ in 0..10 {
        done(&telegram, "sendMessage", hello()).await;
    }
    assert_eq!(ada.heard().len(), taken as usize + 10);

    telegram.keeps_limits();
    telegram.member(-5, 42).says("/start");
    let (taken, wait) = taken_in(&telegram, -5).await;
    assert!((20..25).contains(&taken) && (1..=3).contains(&wait), "{taken} {wait}");
}
