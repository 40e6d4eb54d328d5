//! Slack keeps what every platform promises, against Slack itself as its documentation has it.

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
        body::Bytes,
        extract::State,
        http::{HeaderMap, StatusCode, Uri, header::RETRY_AFTER},
        response::{IntoResponse as _, Response},
    },
    client::Client,
    platform::Arrived,
};
use flow_slack::{Slack, SlackMessage};
use flow_testkit::{
    conformance::platform::{Counterpart, Delivery, Sample, Shown, Signature, Signer, Taken, Trouble},
    platform_conformance,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

platform_conformance!(WebApi::open);

const TOKEN: &str = "xoxb-canary-token";
const PRESENT: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const PREVIOUS: &str = "5a58zzzyyy99dcba8888e01b132247f8";

/// The Web API, on this machine.
struct WebApi {
    address: String,
    client: Client,
    desk: Arc<Desk>,
}

/// What was sent, and what happens to the next message.
#[derive(Default)]
struct Desk {
    taken: Mutex<Vec<Value>>,
    trouble: Mutex<Option<Trouble>>,
}

impl WebApi {
    async fn open() -> Self {
        let desk = Arc::<Desk>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/api", listener.local_addr().expect("an address"));
        let routes = Router::new().fallback(call).with_state(Arc::clone(&desk));
        tokio::spawn(async { axum::serve(listener, routes).await });
        Self { address, client: Client::new().patience(Duration::from_millis(500)), desk }
    }
}

/// "Web API": what is refused is answered with 200 and `ok` false, but for "Rate limits".
async fn call(State(desk): State<Arc<Desk>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let refused = |error: &str| Json(json!({"ok": false, "error": error})).into_response();
    if headers["authorization"] != format!("Bearer {TOKEN}") {
        return refused("invalid_auth");
    }
    match uri.path().strip_prefix("/api/") {
        Some("chat.postMessage") => {}
        Some("conversations.open") => return Json(json!({"ok": true, "channel": {"id": "D024BE91L"}})).into_response(),
        Some("conversations.history") => {
            let messages = desk.taken.lock().expect("a lock").clone();
            return Json(json!({"ok": true, "messages": messages, "has_more": false})).into_response();
        }
        _ => return refused("unknown_method"),
    }
    let trouble = desk.trouble.lock().expect("a lock").take();
    match trouble {
        Some(Trouble::Busy(time)) => {
            return (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, time.as_secs().to_string())]).into_response();
        }
        Some(Trouble::Blocked) => return refused("user_disabled"),
        Some(Trouble::Broken) => return refused("service_unavailable"),
        Some(Trouble::Denied) => return refused("token_revoked"),
        _ => {}
    }
    let Ok(message) = serde_json::from_slice::<Value>(&body) else { return refused("invalid_json") };
    if shown(&message).is_err() {
        return refused("invalid_blocks");
    }
    desk.taken.lock().expect("a lock").push(message);
    if trouble == Some(Trouble::AnswerLost) {
        future::pending::<()>().await;
    }
    Json(json!({"ok": true, "channel": "D024BE91L", "ts": "1503435956.000247"})).into_response()
}

/// What is seen of a message; or why Slack does not take it.
fn shown(message: &Value) -> Result<Shown, String> {
    // "chat.postMessage": `text`, of 40,000 characters; "Blocks": 50 in a message.
    bounded(&message["text"], 40_000)?;
    let blocks = message["blocks"].as_array().filter(|blocks| blocks.len() <= 50).ok_or("too many blocks, or none")?;
    let mut shown = Shown::default();
    let mut words = String::new();
    for block in blocks {
        match block["type"].as_str() {
            // "Section block": 3,000 characters.
            Some("section") => match read(&bounded(&block["text"]["text"], 3_000)?) {
                Words::Plain(text) => words.push_str(&text),
                Words::Link(address) => shown = shown.with_attachment("file").with_link(address),
            },
            // "Image block": an address of 3,000 characters, and 2,000 for those who do not see it.
            Some("image") => {
                bounded(&block["alt_text"], 2_000)?;
                if block["slack_file"]["url"].is_null() {
                    bounded(&block["image_url"], 3_000)?;
                }
                shown = shown.with_attachment("image");
            }
            // "Actions block": 25 elements.
            Some("actions") => {
                let elements = block["elements"].as_array().filter(|elements| elements.len() <= 25);
                for element in elements.ok_or("too many elements")? {
                    shown = pressable(shown, element)?;
                }
            }
            _ => return Err("a block of no kind".to_owned()),
        }
    }
    Ok(shown.with_text(words))
}

fn pressable(mut shown: Shown, element: &Value) -> Result<Shown, String> {
    match element["type"].as_str() {
        // "Button element": 75 characters on it, 2,000 as its value, 3,000 as its address.
        Some("button") => {
            let label = bounded(&element["text"]["text"], 75)?;
            match element["url"].as_str() {
                Some(url) if url.len() <= 3_000 => Ok(shown.with_link(url)),
                Some(_) => Err("an address is too long".to_owned()),
                None => Ok(shown.with_button(label, bounded(&element["value"], 2_000)?)),
            }
        }
        // "Select menu of static options": 100 options; "Option object": 75 characters, and 150 as its value.
        Some("static_select") => {
            bounded(&element["placeholder"]["text"], 150)?;
            let options = element["options"].as_array().filter(|options| (1..=100).contains(&options.len()));
            for option in options.ok_or("too many options, or none")? {
                shown = shown.with_button(bounded(&option["text"]["text"], 75)?, bounded(&option["value"], 150)?);
            }
            Ok(shown)
        }
        _ => Err("an element of no kind".to_owned()),
    }
}

/// A text of one character at least, and no more than these.
fn bounded(text: &Value, longest: usize) -> Result<String, String> {
    let text = text.as_str().filter(|text| !text.is_empty()).ok_or("a text is missing")?;
    let length = text.chars().count();
    if length > longest { Err(format!("{length} characters where {longest} are allowed")) } else { Ok(text.to_owned()) }
}

enum Words {
    Plain(String),
    Link(String),
}

/// "Formatting text": what stands between `<` and `>` is a link or a mention, and `&`, `<` and `>` are escaped.
fn read(text: &str) -> Words {
    let plain = |text: &str| text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    match text.strip_prefix('<').and_then(|text| text.strip_suffix('>')?.split_once('|')) {
        Some((address, _)) => Words::Link(plain(address)),
        None => Words::Plain(plain(text)),
    }
}

fn user(visitor: u32) -> String {
    format!("U21474836{visitor:02}")
}

/// "Events API": an event around which stands for whom it is delivered.
fn happened(number: u32, event: &Value) -> Delivery {
    let bot = json!({"enterprise_id": null, "team_id": "T061EG9R6", "user_id": "U0LAN0Z89", "is_bot": true});
    Delivery::json(&json!({
        "token": "one-long-verification-token", "team_id": "T061EG9R6", "api_app_id": "A0PNCHHK2", "event": event,
        "type": "event_callback", "authorizations": [bot], "event_id": format!("Ev{number}"), "event_time": 1_515_449_522,
    }))
}

/// A form, as interactions and commands come.
fn form(fields: &[(&str, &str)]) -> Delivery {
    let written = |text: &str| {
        let letter = |byte: &u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(*byte).to_string(),
            other => format!("%{other:02X}"),
        };
        text.as_bytes().iter().map(letter).collect::<String>()
    };
    let body: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", written(value))).collect();
    Delivery::post(body.join("&")).with_header("content-type", "application/x-www-form-urlencoded")
}

#[async_trait]
impl Counterpart for WebApi {
    type Platform = Slack;

    fn platform(&self) -> Slack {
        let slack = Slack::new(TOKEN, PRESENT).previous_signing_secret(PREVIOUS);
        slack.api(&self.address).client(self.client.clone())
    }

    fn secrets(&self) -> Vec<String> {
        [TOKEN, PRESENT, PREVIOUS].map(str::to_owned).to_vec()
    }

    /// "Verifying requests from Slack": the time and the body; five minutes.
    fn signature(&self) -> Signature {
        Signature::of_body().within(Duration::from_secs(300))
    }

    fn sign(&self, delivery: &mut Delivery, signer: Signer, at: DateTime<Utc>) {
        let secret = match signer {
            Signer::Present => PRESENT,
            Signer::Previous => PREVIOUS,
            _ => "ffffffffffffffffffffffffffffffff",
        };
        let at = at.timestamp().to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        mac.update(&[b"v0:", at.as_bytes(), b":", delivery.body()].concat());
        let tag = mac.finalize().into_bytes();
        let digits = tag.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let tag: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
        delivery.set_header("x-slack-request-timestamp", &at);
        delivery.set_header("x-slack-signature", &format!("v0={tag}"));
    }

    fn place(&self, visitor: u32) -> String {
        user(visitor)
    }

    fn says(&self, visitor: u32, number: u32, text: &str) -> Delivery {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let ts = format!("1355517523.{number:06}");
        let message = json!({
            "type": "message", "channel": format!("D024BE{visitor:02}"), "user": user(visitor), "text": text, "ts": ts,
            "event_ts": ts, "channel_type": "im",
        });
        happened(number, &message)
    }

    fn presses(&self, visitor: u32, number: u32, token: &str) -> Option<Delivery> {
        let action = json!({
            "action_id": "choice-1", "block_id": "a2", "text": {"type": "plain_text", "text": "Nails"}, "value": token,
            "type": "button", "action_ts": "1548426417.840180",
        });
        let payload = json!({
            "type": "block_actions", "user": {"id": user(visitor), "team_id": "T061EG9R6"}, "api_app_id": "A0PNCHHK2",
            "container": {"type": "message", "message_ts": "1548261231.000200"}, "trigger_id": format!("12321.{number}"),
            "team": {"id": "T061EG9R6"}, "channel": {"id": format!("D024BE{visitor:02}"), "name": "directmessage"},
            "actions": [action],
        });
        Some(form(&[("payload", &payload.to_string())]))
    }

    fn samples(&self) -> Vec<Sample> {
        let challenge =
            json!({"type": "url_verification", "token": "Jhj5dZrVaK7ZwHHjRyZWjbDl", "challenge": "3eZbrw1aB10x"});
        let command = form(&[
            ("team_id", "T061EG9R6"),
            ("channel_id", "C2147483705"),
            ("user_id", &user(1)),
            ("command", "/book"),
            ("text", "a visit"),
            ("trigger_id", "13345224609.738474920"),
        ]);
        let commanded = Input::from(Command::new("book").with_arguments("a visit")).with_id("13345224609.738474920");
        let own = json!({"type": "message", "channel": "D1", "user": "U0LAN0Z89", "bot_id": "BAH5CA16Z", "text": "me", "ts": "1.2"});
        let tomorrow = json!({"type": "hologram_shown", "user": user(1)});
        let shortcut = json!({"type": "shortcut", "callback_id": "1", "user": {"id": user(1)}});
        vec![
            Sample::of("a command", command).brings([Arrived::new(user(1), commanded)]),
            Sample::of("the bot's own message", happened(2, &own)).brings_nothing(),
            Sample::of("an event of a kind that will be", happened(3, &tomorrow)).brings_nothing(),
            Sample::of("a shortcut", form(&[("payload", &shortcut.to_string())])).brings_nothing(),
            Sample::of("whether the webhook is ours", Delivery::json(&challenge)).is_answered("3eZbrw1aB10x"),
            Sample::of("nothing of Slack's", Delivery::post("hello")).is_unreadable(),
        ]
    }

    fn shown(&self, wire: &SlackMessage) -> Result<Shown, String> {
        shown(&serde_json::to_value(wire).expect("JSON"))
    }

    async fn meets(&self, trouble: Trouble) {
        *self.desk.trouble.lock().expect("a lock") = Some(trouble);
    }

    async fn taken(&self) -> Vec<Taken> {
        let taken = self.desk.taken.lock().expect("a lock").clone();
        let seen = taken.iter().map(|message| {
            let key = message["metadata"]["event_payload"]["key"].as_str().unwrap_or_default();
            Taken::at(message["channel"].as_str().unwrap_or_default(), shown(message).expect("it was taken")).under(key)
        });
        seen.collect()
    }
}
