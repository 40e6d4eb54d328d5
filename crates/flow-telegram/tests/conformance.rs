//! Telegram keeps what every platform promises, against Telegram itself as its documentation has it.

use std::{
    future,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{Command, Input};
use flow_http::{
    axum::{
        self, Json, Router,
        extract::State,
        http::{StatusCode, Uri},
        response::{IntoResponse as _, Response},
    },
    client::Client,
    platform::Arrived,
};
use flow_telegram::{Method, Telegram};
use flow_testkit::{
    conformance::platform::{Counterpart, Delivery, Sample, Shown, Signature, Signer, Taken, Trouble},
    platform_conformance,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

platform_conformance!(BotApi::open);

const TOKEN: &str = "123456:canary-DEF1234ghIkl-zyx57W2v1u123ew11";
const PRESENT: &str = "the_secret_of_today";
const PREVIOUS: &str = "the_secret_of_yesterday";

/// The Bot API, on this machine.
struct BotApi {
    address: String,
    client: Client,
    desk: Arc<Desk>,
}

/// What was sent, and what happens to the next message.
#[derive(Default)]
struct Desk {
    taken: Mutex<Vec<Taken>>,
    trouble: Mutex<Option<Trouble>>,
}

impl BotApi {
    async fn open() -> Self {
        let desk = Arc::<Desk>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let routes = Router::new().fallback(call).with_state(Arc::clone(&desk));
        tokio::spawn(async { axum::serve(listener, routes).await });
        Self { address, client: Client::new().patience(Duration::from_millis(500)), desk }
    }
}

/// "Making requests": `https://api.telegram.org/bot<token>/METHOD_NAME`, and an answer with `ok` and `result`, or with `error_code`,
/// `description` and perhaps `parameters`.
async fn call(State(desk): State<Arc<Desk>>, uri: Uri, Json(asked): Json<Value>) -> Response {
    let refuse = |code: u16, description: &str, parameters: Value| {
        let refused = json!({"ok": false, "error_code": code, "description": description, "parameters": parameters});
        (StatusCode::from_u16(code).expect("a status"), Json(refused)).into_response()
    };
    let Some(method) = uri.path().strip_prefix(&format!("/bot{TOKEN}/")) else {
        return refuse(401, "Unauthorized", json!({}));
    };
    if !method.starts_with("send") || method == "sendChatAction" {
        return Json(json!({"ok": true, "result": true})).into_response();
    }
    let trouble = desk.trouble.lock().expect("a lock").take();
    match trouble {
        Some(Trouble::Busy(time)) => {
            let seconds = time.as_secs();
            let parameters = json!({"retry_after": seconds});
            return refuse(429, &format!("Too Many Requests: retry after {seconds}"), parameters);
        }
        Some(Trouble::Blocked) => return refuse(403, "Forbidden: bot was blocked by the user", json!({})),
        Some(Trouble::Broken) => return refuse(500, "Internal Server Error", json!({})),
        Some(Trouble::Denied) => return refuse(401, "Unauthorized", json!({})),
        _ => {}
    }
    match shown(method, &asked) {
        Err(why) => return refuse(400, &format!("Bad Request: {why}"), json!({})),
        Ok(shown) => desk.taken.lock().expect("a lock").push(Taken::at(asked["chat_id"].to_string(), shown)),
    }
    if trouble == Some(Trouble::AnswerLost) {
        future::pending::<()>().await;
    }
    Json(json!({"ok": true, "result": {"message_id": 1, "date": 0, "chat": {"id": asked["chat_id"], "type": "private"}}}))
        .into_response()
}

/// What is seen of a message; or why Telegram does not take it.
fn shown(method: &str, given: &Value) -> Result<Shown, String> {
    let text = |field: &str, longest: usize| {
        let text = given[field].as_str().unwrap_or_default();
        let length = text.encode_utf16().count();
        if length > longest { Err(format!("{field} has {length} units")) } else { Ok(text.to_owned()) }
    };
    let given_text = |field: &str| given[field].as_str().filter(|text| !text.is_empty()).ok_or(format!("no {field}"));
    let mut shown = match method {
        // `sendMessage`: 1-4096 characters.
        "sendMessage" => Shown::text(text("text", 4096).and_then(|_| given_text("text"))?),
        // `sendPhoto`: a file_id or an HTTP URL; a caption of 0-1024 characters.
        "sendPhoto" => given_text("photo").and(Ok(Shown::text(text("caption", 1024)?).with_attachment("image")))?,
        "sendDocument" => {
            given_text("document").and(Ok(Shown::text(text("caption", 1024)?).with_attachment("file")))?
        }
        "sendLocation" | "sendVenue" => {
            if !given["latitude"].is_number() || !given["longitude"].is_number() {
                return Err("no place".to_owned());
            }
            if method == "sendVenue" {
                given_text("title").and(given_text("address"))?;
            }
            Shown::default().with_attachment("place")
        }
        "sendContact" => {
            given_text("phone_number").and(given_text("first_name"))?;
            // `vcard`: 0-2048 bytes.
            if given["vcard"].as_str().is_some_and(|card| card.len() > 2048) {
                return Err("the card is too large".to_owned());
            }
            Shown::default().with_attachment("contact")
        }
        other => return Err(format!("{other} is none")),
    };
    for button in
        given["reply_markup"]["inline_keyboard"].as_array().into_iter().flatten().filter_map(Value::as_array).flatten()
    {
        let label = button["text"].as_str().filter(|label| !label.is_empty()).ok_or("BUTTON_TEXT_INVALID")?;
        shown = match (button["callback_data"].as_str(), button["url"].as_str()) {
            // `InlineKeyboardButton`: callback_data, 1-64 bytes.
            (Some(data), None) if (1..=64).contains(&data.len()) => shown.with_button(label, data),
            (None, Some(url)) => shown.with_link(url),
            _ => return Err("BUTTON_DATA_INVALID".to_owned()),
        };
    }
    Ok(shown)
}

fn person(visitor: u32) -> Value {
    json!({"id": 700 + visitor, "is_bot": false, "first_name": "Ana", "username": "ana_silva", "language_code": "en"})
}

fn chat(visitor: u32) -> Value {
    json!({"id": 700 + visitor, "first_name": "Ana", "username": "ana_silva", "type": "private"})
}

/// An `Update` with this `Message` in it.
fn message(visitor: u32, message: u32, more: &Value) -> Delivery {
    let mut whole =
        json!({"message_id": message, "from": person(visitor), "chat": chat(visitor), "date": 1_441_645_532});
    let fields = more.as_object().expect("fields").clone();
    whole.as_object_mut().expect("fields").extend(fields);
    Delivery::json(&json!({"update_id": 10_000 + message, "message": whole}))
}

#[async_trait]
impl Counterpart for BotApi {
    type Platform = Telegram;

    fn platform(&self) -> Telegram {
        let telegram = Telegram::new(TOKEN).expect("a token").client(self.client.clone()).api(&self.address);
        telegram.secret(PRESENT).expect("a secret").previous_secret(PREVIOUS).expect("a secret")
    }

    fn secrets(&self) -> Vec<String> {
        // The second half of the token is the secret one.
        ["canary-DEF1234ghIkl-zyx57W2v1u123ew11", PRESENT, PREVIOUS].map(str::to_owned).to_vec()
    }

    /// `setWebhook`: `secret_token` is "a secret token to be sent in a header".
    fn signature(&self) -> Signature {
        Signature::of_nothing()
    }

    fn sign(&self, delivery: &mut Delivery, signer: Signer, _: DateTime<Utc>) {
        let secret = match signer {
            Signer::Present => PRESENT,
            Signer::Previous => PREVIOUS,
            _ => "the_secret_of_nobody",
        };
        delivery.set_header("x-telegram-bot-api-secret-token", secret);
    }

    fn place(&self, visitor: u32) -> String {
        (700 + visitor).to_string()
    }

    fn says(&self, visitor: u32, number: u32, text: &str) -> Delivery {
        message(visitor, number, &json!({"text": text}))
    }

    fn presses(&self, visitor: u32, number: u32, token: &str) -> Option<Delivery> {
        let shown = json!({"message_id": 1, "chat": chat(visitor), "date": 1_441_645_532, "text": "What shall it be?"});
        let press = json!({
            "id": format!("4382bfdwdsb323b2d9{number}"), "from": person(visitor), "chat_instance": "-3557",
            "message": shown, "data": token,
        });
        Some(Delivery::json(&json!({"update_id": 10_000 + number, "callback_query": press})))
    }

    fn samples(&self) -> Vec<Sample> {
        let start = json!({"text": "/start spring", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]});
        let started = self.came(1, 7, Command::new("start").with_arguments("spring").into());
        let group = json!({"id": -1_001_234, "title": "Salon", "type": "supergroup"});
        let channel = json!({"message_id": 9, "chat": {"id": -1_009, "title": "News", "type": "channel"}, "date": 1, "text": "new"});
        let tomorrow = json!({"update_id": 11, "chat_of_tomorrow": {"id": 1}});
        let left = json!({"update_id": 12, "message": {"message_id": 5, "from": person(1), "chat": group, "date": 1, "left_chat_member": person(1)}});
        vec![
            Sample::of("a command", message(1, 7, &start)).brings([started]),
            Sample::of("an update of a kind that will be", Delivery::json(&tomorrow)).brings_nothing(),
            Sample::of("a post of a channel", Delivery::json(&json!({"update_id": 10, "channel_post": channel})))
                .brings_nothing(),
            Sample::of("somebody left a group", Delivery::json(&left)).brings_nothing(),
            Sample::of("a poll", message(1, 8, &json!({"poll": {"id": "1"}}))).brings_nothing(),
            Sample::of("no update", Delivery::post("[]")).is_unreadable(),
        ]
    }

    fn shown(&self, wire: &Method) -> Result<Shown, String> {
        shown(wire.name(), &Value::Object(wire.given().clone()))
    }

    async fn meets(&self, trouble: Trouble) {
        *self.desk.trouble.lock().expect("a lock") = Some(trouble);
    }

    async fn taken(&self) -> Vec<Taken> {
        self.desk.taken.lock().expect("a lock").clone()
    }
}

impl BotApi {
    fn came(&self, visitor: u32, number: u32, input: Input) -> Arrived {
        let id = format!("m{number}");
        Arrived::new(self.place(visitor), input.with_id(id).with_language("en"))
    }
}
