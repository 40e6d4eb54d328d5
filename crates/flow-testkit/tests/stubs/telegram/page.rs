//! What the page asks of the stub, as a test in another language may; how it looks is tried in a browser.

use flow_http::client::{Call, Client};
use flow_testkit::stubs::TelegramStub;
use serde_json::{Value, json};

use super::{done, one_button};
use crate::bot::Webhook;

const X_PAGE: axum::http::HeaderName = axum::http::HeaderName::from_static("x-page");

async fn act(telegram: &TelegramStub, what: Value) -> (u16, Value) {
    let mut asked = json!({ "chat": 42, "user": 42, "name": "Ada" });
    asked.as_object_mut().expect("an object").extend(what.as_object().expect("an object").clone());
    let call = Call::post(format!("{}page/act", telegram.page())).header(X_PAGE, "1").json(&asked);
    let answer = Client::new().call(call).await.expect("an answer");
    (answer.status().as_u16(), answer.json().expect("JSON"))
}

async fn state(telegram: &TelegramStub) -> Value {
    let call = Call::get(format!("{}page/state?chat=42", telegram.page()));
    Client::new().call(call).await.expect("an answer").json().expect("JSON")
}

#[tokio::test]
async fn a_visitor_is_played_and_all_is_told() {
    let telegram = TelegramStub::start().await;
    assert_eq!(act(&telegram, json!({ "do": "says", "text": "book" })).await, (200, json!({})));
    let updates = done(&telegram, "getUpdates", json!({})).await;
    assert_eq!(updates[0]["message"]["from"]["first_name"], "Ada");
    let keyboard = one_button(json!({ "text": "Two", "callback_data": "2" }));
    done(&telegram, "sendMessage", json!({ "chat_id": 42, "text": "How many?", "reply_markup": keyboard })).await;

    let told = state(&telegram).await;
    let texts: Vec<_> =
        told["messages"].as_array().expect("messages").iter().map(|message| message["text"].clone()).collect();
    assert_eq!((texts, &told["chats"][0]["id"]), (vec![json!("book"), json!("How many?")], &json!(42)));
    assert_eq!((&told["calls"][0]["method"], &told["deliveries"][0]["said"]), (&json!("sendMessage"), &updates[0]));
    let message = told["messages"][1]["id"].clone();
    assert_eq!(act(&telegram, json!({ "do": "presses", "message": message, "label": "Two" })).await.0, 200);
    let updates = done(&telegram, "getUpdates", json!({ "offset": -1 })).await;
    assert_eq!(updates[0]["callback_query"]["data"], "2");

    let unknown = act(&telegram, json!({ "do": "presses", "message": message, "label": "Nine" })).await;
    assert_eq!(unknown, (400, json!({ "error": "this button is there no more" })));
    assert_eq!(act(&telegram, json!({ "do": "flies" })).await.0, 400);
}

#[tokio::test]
async fn what_a_webhook_gets_is_told_with_what_became_of_it() {
    let telegram = TelegramStub::start().await;
    let (webhook, url) = Webhook::start().await;
    webhook.answers(500, "");
    done(&telegram, "setWebhook", json!({ "url": url })).await;
    act(&telegram, json!({ "do": "says", "text": "book" })).await;
    telegram.settles().await;
    let deliveries = state(&telegram).await["deliveries"].clone();
    assert_eq!(deliveries[0]["refused"], "Wrong response from the webhook: 500");
    assert_eq!((&deliveries[1]["status"], &deliveries[1]["said"]["message"]["text"]), (&json!(200), &json!("book")));
}

#[tokio::test]
async fn no_other_page_can_play() {
    let telegram = TelegramStub::start().await;
    let client = Client::new();
    let says = json!({ "do": "says", "chat": 42, "user": 42, "name": "Mallory", "text": "x" });
    let without = Call::post(format!("{}page/act", telegram.page())).json(&says);
    assert_eq!(client.call(without).await.expect("an answer").status(), 403);
    let elsewhere = Call::get(telegram.page()).header(axum::http::header::HOST, "evil.example");
    assert_eq!(client.call(elsewhere).await.expect("an answer").status(), 403);
    let page = client.call(Call::get(telegram.page())).await.expect("an answer");
    assert!(
        page.status() == 200
            && page.header("content-security-policy").is_some_and(|policy| policy.contains("frame-ancestors 'none'"))
    );
    assert_eq!(telegram.pending(), 0);
}
