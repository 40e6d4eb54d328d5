//! The whole bot behind a webhook.

mod support;

use std::time::Duration;

use flow_http::{
    Site,
    axum::{
        Router,
        body::{Body, to_bytes},
        http::{Request, StatusCode},
    },
};
use serde_json::{Value, json};
use support::{SECRET, Salon, Server, until};
use tower::ServiceExt as _;

struct Hooked {
    server: Server,
    salon: Salon,
    routes: Router,
}

impl Hooked {
    async fn new() -> Self {
        let server = Server::start().await;
        let salon = Salon::new(&server);
        let site = Site::new(salon.engine.clone()).webhook("/hooks/telegram", &salon.line).expect("a channel");
        Self { routes: site.routes(), salon, server }
    }

    /// Telegram delivers this. Gives the status, and what Telegram is to do, if anything.
    async fn gets(&self, update: &Value) -> (StatusCode, Value) {
        let request = Request::post("/hooks/telegram").header("x-telegram-bot-api-secret-token", SECRET);
        let request = request.body(Body::from(update.to_string())).expect("a request");
        let answer = self.routes.clone().oneshot(request).await.expect("an answer");
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn has_said(&self, texts: &[&str]) {
        until("said", || self.server.texts().len() >= texts.len()).await;
        assert_eq!(self.server.texts(), texts);
    }
}

fn says(number: i64, text: &str) -> Value {
    let from = json!({ "id": 42, "is_bot": false, "first_name": "Ana" });
    let message =
        json!({ "message_id": number, "date": 0, "chat": { "id": 42, "type": "private" }, "from": from, "text": text });
    json!({ "update_id": number, "message": message })
}

/// A press of the first button under this message.
fn presses(id: &str, shown: &Value) -> Value {
    let from = json!({ "id": 42, "is_bot": false, "first_name": "Ana" });
    let data = &shown["reply_markup"]["inline_keyboard"][0][0]["callback_data"];
    let mut markup = shown["reply_markup"].clone();
    let rows = markup["inline_keyboard"].as_array_mut().expect("rows");
    rows.push(json!([{ "text": "pay.example", "url": "https://pay.example/7" }]));
    let message =
        json!({ "message_id": 7, "date": 0, "chat": { "id": 42, "type": "private" }, "reply_markup": markup });
    json!({ "update_id": 1, "callback_query": { "id": id, "from": from, "message": message, "data": data } })
}

#[tokio::test]
async fn a_conversation_with_buttons_goes_from_its_beginning_to_its_end() {
    let hooked = Hooked::new().await;
    assert_eq!(hooked.gets(&says(1, "/start")).await, (StatusCode::OK, Value::Null));
    hooked.has_said(&["Hair or nails?"]).await;
    let question = hooked.server.calls("sendMessage")[0].clone();
    // The press is acknowledged in the answer itself.
    let acknowledged = json!({ "method": "answerCallbackQuery", "callback_query_id": "a" });
    assert_eq!(hooked.gets(&presses("a", &question)).await, (StatusCode::OK, acknowledged));
    hooked.has_said(&["Hair or nails?", "Your name?"]).await;
    // What was asked is not to be pressed again, and a link leads somewhere still.
    until("edited", || !hooked.server.calls("editMessageReplyMarkup").is_empty()).await;
    let rows = json!([[{ "text": "pay.example", "url": "https://pay.example/7" }]]);
    let left = json!({ "chat_id": 42, "message_id": 7, "reply_markup": { "inline_keyboard": rows } });
    assert_eq!(hooked.server.calls("editMessageReplyMarkup"), [left]);
    assert_eq!(hooked.gets(&says(3, "Ana")).await.0, StatusCode::OK);
    hooked.has_said(&["Hair or nails?", "Your name?", "See you, Ana."]).await;
}

#[tokio::test]
async fn what_is_delivered_again_is_handled_once() {
    let hooked = Hooked::new().await;
    for _ in 0..3 {
        assert_eq!(hooked.gets(&says(1, "hello")).await.0, StatusCode::OK);
    }
    hooked.has_said(&["Hair or nails?"]).await;
    let question = hooked.server.calls("sendMessage")[0].clone();
    for _ in 0..3 {
        assert_eq!(hooked.gets(&presses("a", &question)).await.0, StatusCode::OK);
    }
    // Another press of the same button, as quick fingers do: the same choice again, and no answer to the next question.
    hooked.gets(&presses("b", &question)).await;
    hooked.gets(&says(9, "Ana")).await;
    until("the end", || hooked.server.texts().iter().any(|text| text == "See you, Ana.")).await;
}

#[tokio::test]
async fn while_the_store_is_away_telegram_keeps_the_press_and_its_buttons_stay() {
    let hooked = Hooked::new().await;
    hooked.gets(&says(1, "hello")).await;
    hooked.has_said(&["Hair or nails?"]).await;
    let question = hooked.server.calls("sendMessage")[0].clone();
    hooked.salon.store.mood.goes_away();
    let (status, answer) = hooked.gets(&presses("a", &question)).await;
    assert_eq!((status, &answer["method"]), (StatusCode::SERVICE_UNAVAILABLE, &Value::Null));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(hooked.server.calls("editMessageReplyMarkup"), [Value::Null; 0]);
    hooked.salon.store.mood.comes_back();
    while hooked.gets(&presses("a", &question)).await.0 != StatusCode::OK {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    hooked.has_said(&["Hair or nails?", "Your name?"]).await;
    until("edited", || hooked.server.calls("editMessageReplyMarkup").len() == 1).await;
}

#[tokio::test]
async fn what_the_bot_has_no_use_for_is_answered_and_what_is_too_large_or_broken_is_refused() {
    let hooked = Hooked::new().await;
    for nothing in [json!({"update_id": 1, "telepathy": {}}), json!({"update_id": 1, "message": {"strange": true}})] {
        assert_eq!(hooked.gets(&nothing).await, (StatusCode::OK, Value::Null));
    }
    assert_eq!(hooked.gets(&json!("canary")).await.0, StatusCode::BAD_REQUEST);
    let large = json!({ "update_id": 1, "message": "x".repeat(1_100_000) });
    assert_eq!(hooked.gets(&large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    // Longer than the engine takes: never taken, and not delivered for a day.
    assert_eq!(hooked.gets(&says(1, &"x".repeat(2_000))).await.0, StatusCode::OK);
    let forged = Request::post("/hooks/telegram").header("x-telegram-bot-api-secret-token", "another_secret_than_ours");
    let forged = forged.body(Body::from(says(1, "hello").to_string())).expect("a request");
    let answer = hooked.routes.clone().oneshot(forged).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(hooked.server.texts(), [""; 0]);
}
