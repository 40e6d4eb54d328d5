//! What a webhook gets.

use std::time::Duration;

use flow_testkit::stubs::TelegramStub;
use serde_json::{Value, json};

use super::{call, done, one_button, refused};
use crate::bot::{Got, Webhook};

async fn with_webhook() -> (TelegramStub, Webhook) {
    let (webhook, url) = Webhook::start().await;
    let telegram = TelegramStub::start().await;
    done(&telegram, "setWebhook", json!({ "url": url, "secret_token": "S-e_1" })).await;
    (telegram, webhook)
}

fn kinds(got: &[Got]) -> Vec<String> {
    let updates = got.iter().map(Got::json);
    updates
        .map(|update| {
            update.as_object().expect("an object").keys().find(|key| *key != "update_id").expect("a kind").clone()
        })
        .collect()
}

#[tokio::test]
async fn what_visitors_do_comes_as_the_documentation_shows_it() {
    let (telegram, webhook) = with_webhook().await;
    let ada = telegram.visitor(42).called("Ada");
    ada.starts("from-a-poster");
    ada.sends_photo(&b"jpeg"[..], "my cat");
    ada.sends_file("a.pdf", "application/pdf", &b"pdf"[..]);
    ada.shares_location(52.5, 13.4);
    ada.shares_own_contact("+491701234567");
    ada.shares_contact("Bob", "+491707654321");
    ada.edits("my dog");
    let got = webhook.waits_for(7).await;
    assert_eq!(kinds(&got), ["message"; 6].into_iter().chain(["edited_message"]).collect::<Vec<_>>());
    assert!(got.iter().all(|got| got.header("x-telegram-bot-api-secret-token") == "S-e_1"));
    assert!(got.iter().all(|got| got.header("content-type") == "application/json"));

    let messages: Vec<Value> = got.iter().map(|got| got.json()["message"].clone()).collect();
    assert_eq!(messages[0]["text"], "/start from-a-poster");
    assert_eq!(messages[0]["entities"], json!([{ "offset": 0, "length": 6, "type": "bot_command" }]));
    assert_eq!(messages[0]["from"], json!({ "id": 42, "is_bot": false, "first_name": "Ada", "language_code": "en" }));
    assert_eq!(messages[0]["chat"], json!({ "id": 42, "first_name": "Ada", "type": "private" }));
    assert!(messages[0]["date"].is_i64() && messages[0]["message_id"].is_i64());
    let sizes: Vec<_> =
        messages[1]["photo"].as_array().expect("sizes").iter().map(|size| size["width"].clone()).collect();
    assert_eq!((sizes, &messages[1]["caption"]), (vec![json!(90), json!(1280)], &json!("my cat")));
    assert_eq!(messages[2]["document"]["mime_type"], "application/pdf");
    assert_eq!(messages[3]["location"], json!({ "latitude": 52.5, "longitude": 13.4 }));
    assert_eq!(messages[4]["contact"], json!({ "phone_number": "+491701234567", "first_name": "Ada", "user_id": 42 }));
    assert!(messages[5]["contact"].get("user_id").is_none());
    let edited = got[6].json()["edited_message"].clone();
    assert_eq!((&edited["caption"], edited["edit_date"].is_i64()), (&json!("my dog"), true));
    let ids: Vec<_> = got.iter().map(|got| got.json()["update_id"].as_u64().expect("an id")).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
}

#[tokio::test]
async fn a_press_comes_with_its_message_and_is_answered_in_the_response() {
    let (telegram, webhook) = with_webhook().await;
    let ada = telegram.visitor(42);
    ada.says("Hello");
    webhook.waits_for(1).await;
    let button = one_button(json!({ "text": "Yes", "callback_data": "y" }));
    let sent = done(&telegram, "sendMessage", json!({ "chat_id": 42, "text": "Sure?", "reply_markup": button })).await;
    ada.presses("Yes");
    let press = webhook.waits_for(2).await[1].json()["callback_query"].clone();
    assert_eq!((&press["data"], &press["from"]["id"], &press["message"]), (&json!("y"), &json!(42), &sent));

    telegram.hides_pressed_messages(true);
    webhook.answers(200, &json!({ "method": "answerCallbackQuery", "callback_query_id": press["id"] }).to_string());
    ada.presses("Yes");
    let old = webhook.waits_for(3).await[2].json()["callback_query"]["message"].clone();
    assert_eq!((&old["date"], &old["message_id"]), (&json!(0), &sent["message_id"]));
    while telegram.calls().iter().all(|call| call.method() != "answerCallbackQuery") {
        tokio::task::yield_now().await;
    }
    let answered = telegram.calls().pop().expect("a call");
    assert_eq!((answered.method(), answered.refused()), ("answerCallbackQuery", None));
}

#[tokio::test]
async fn what_is_not_taken_comes_again_and_what_follows_waits() {
    let (telegram, webhook) = with_webhook().await;
    telegram.set_speed(20.0);
    for status in [500, 503, 404] {
        webhook.answers(status, "");
    }
    let (ada, bob) = (telegram.visitor(42), telegram.visitor(43));
    ada.says("first");
    webhook.waits_for(3).await;
    ada.says("second");
    bob.says("another chat");
    let got = webhook.waits_for(6).await;
    let texts: Vec<_> =
        got.iter().map(|got| got.json()["message"]["text"].as_str().expect("a text").to_owned()).collect();
    assert_eq!(
        texts,
        ["first", "first", "first", "another chat", "first", "second"],
        "chats do not wait for each other"
    );
    let firsts: Vec<_> = got.iter().filter(|got| got.json()["message"]["text"] == "first").map(|got| got.at).collect();
    // At once, then after 2 s and 4 s, twenty times as fast.
    assert!(firsts[1] - firsts[0] < firsts[3] - firsts[2]);
    assert!(firsts[2] - firsts[1] >= Duration::from_millis(100) && firsts[3] - firsts[2] >= Duration::from_millis(200));
    let info = done(&telegram, "getWebhookInfo", json!({})).await;
    assert_eq!(info["last_error_message"], "Wrong response from the webhook: 404");
    let trips = telegram.trips();
    assert_eq!((trips[0].deliveries(), trips[1].deliveries()), (4, 1));
    assert!(trips[0].answered_in().is_some() && trips[0].replied_in().is_none());
}

#[tokio::test]
async fn a_webhook_that_is_slower_than_telegrams_patience_gets_it_again() {
    let (telegram, webhook) = with_webhook().await;
    telegram.set_patience(Duration::from_millis(50));
    webhook.answers_after(200, "", Duration::from_millis(500));
    telegram.visitor(42).says("Hello");
    let got = webhook.waits_for(2).await;
    assert_eq!(got[0].body, got[1].body);
}

#[tokio::test]
async fn a_webhook_is_set_as_the_documentation_says() {
    let (telegram, _webhook) = with_webhook().await;
    let set = |arguments: Value| refused(&telegram, "setWebhook", arguments);
    let spaces = json!({ "url": "http://127.0.0.1:1/", "secret_token": "a b" });
    assert_eq!(set(spaces).await.1, "Bad Request: secret token contains unallowed characters");
    let long = json!({ "url": "http://127.0.0.1:1/", "secret_token": "x".repeat(257) });
    assert_eq!(set(long).await.1, "Bad Request: secret token is too long");
    assert!(set(json!({ "url": "https://example.com/" })).await.1.starts_with("Bad Request: bad webhook:"));
    let (code, why) = refused(&telegram, "getUpdates", json!({})).await;
    assert_eq!(code, 409);
    assert_eq!(
        why,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    );
    let answer: Value = call(&telegram, "deleteWebhook", json!({})).await.json().expect("JSON");
    assert_eq!(answer["description"], "Webhook was deleted");
}

#[tokio::test]
async fn what_waited_goes_to_a_webhook_that_is_set_later_and_back() {
    let telegram = TelegramStub::start().await;
    let ada = telegram.visitor(42);
    ada.says("before");
    let (webhook, url) = Webhook::start().await;
    webhook.answers(500, "");
    done(&telegram, "setWebhook", json!({ "url": url })).await;
    assert_eq!(webhook.waits_for(2).await[1].json()["message"]["text"], "before");
    assert_eq!(webhook.waits_for(2).await[0].header("x-telegram-bot-api-secret-token"), "");
    done(&telegram, "setWebhook", json!({ "url": "http://127.0.0.1:1/", "allowed_updates": ["message"] })).await;
    ada.says("nobody listens");
    ada.blocks();
    done(&telegram, "deleteWebhook", json!({})).await;
    let updates = done(&telegram, "getUpdates", json!({})).await;
    assert_eq!(updates.as_array().expect("a list").len(), 1, "a kind that is not wanted is left out: {updates}");
    assert_eq!(updates[0]["message"]["text"], "nobody listens");
}

#[tokio::test]
async fn a_group_is_heard_as_its_privacy_mode_has_it() {
    let (telegram, webhook) = with_webhook().await;
    let (ada, bob) = (telegram.member(-100_777, 42), telegram.member(-100_777, 43));
    ada.says("just talking");
    ada.says("/book@stub_bot");
    webhook.waits_for(1).await;
    done(&telegram, "sendMessage", json!({ "chat_id": -100_777, "text": "For how many?" })).await;
    let question = bob.hears().await;
    bob.replies(&question, "two");
    telegram.set_privacy_mode(false);
    bob.says("now all is heard");
    let got = webhook.waits_for(3).await;
    let texts: Vec<_> = got.iter().map(|got| got.json()["message"]["text"].clone()).collect();
    assert_eq!(texts, ["/book@stub_bot", "two", "now all is heard"]);
    assert_eq!(got[1].json()["message"]["reply_to_message"]["text"], "For how many?");
    assert_eq!(got[1].json()["message"]["from"]["id"], 43);
}
