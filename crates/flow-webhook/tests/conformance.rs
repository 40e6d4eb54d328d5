//! The webhook keeps what every platform promises, against a platform that does as its page says.

use std::{
    future,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::Input;
use flow_http::{
    axum::{
        self, Json, Router,
        extract::State,
        http::{HeaderMap, StatusCode, header::RETRY_AFTER},
        response::{IntoResponse as _, Response},
        routing::post,
    },
    client::Client,
    platform::Arrived,
};
use flow_testkit::{
    conformance::platform::{Counterpart, Delivery, Sample, Shown, Signature, Signer, Taken, Trouble},
    platform_conformance,
};
use flow_webhook::{Said, Webhook};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

platform_conformance!(Gateway::open);

/// A program of somebody's, on this machine.
struct Gateway {
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

impl Gateway {
    async fn open() -> Self {
        let desk = Arc::<Desk>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/replies", listener.local_addr().expect("an address"));
        let routes = Router::new().route("/replies", post(take)).with_state(Arc::clone(&desk));
        tokio::spawn(async { axum::serve(listener, routes).await });
        Self { address, client: Client::new().patience(Duration::from_millis(500)), desk }
    }
}

async fn take(State(desk): State<Arc<Desk>>, headers: HeaderMap, Json(message): Json<Value>) -> Response {
    let trouble = desk.trouble.lock().expect("a lock").take();
    match trouble {
        Some(Trouble::Busy(time)) => {
            return (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, time.as_secs().to_string())]).into_response();
        }
        Some(Trouble::Blocked) => return StatusCode::GONE.into_response(),
        Some(Trouble::Broken) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Trouble::Denied) => return StatusCode::UNAUTHORIZED.into_response(),
        _ => {}
    }
    let Ok(shown) = shown(&message) else { return StatusCode::UNPROCESSABLE_ENTITY.into_response() };
    let (place, key) = (message["chat"].as_str().unwrap_or_default(), headers["webhook-id"].to_str().expect("a key"));
    desk.taken.lock().expect("a lock").push(Taken::at(place, shown).under(key));
    if trouble == Some(Trouble::AnswerLost) {
        future::pending::<()>().await;
    }
    StatusCode::OK.into_response()
}

/// What is seen of a message of the documented form; or why it is none.
fn shown(message: &Value) -> Result<Shown, String> {
    let text = message["text"].as_str().unwrap_or_default();
    if text.chars().count() > 4_000 {
        return Err("a text has 4,000 characters at most".to_owned());
    }
    let mut shown = Shown::text(text);
    for (field, most) in [("buttons", 10), ("list", 100)] {
        let rows = message[field].as_array().map(Vec::as_slice).unwrap_or_default();
        if rows.len() > most {
            return Err(format!("there are {} {field}", rows.len()));
        }
        for row in rows {
            let (label, token) = row["label"].as_str().zip(row["token"].as_str()).ok_or("a row has both")?;
            shown = shown.with_button(label, token);
        }
    }
    let shown = message["link"].as_str().into_iter().fold(shown, Shown::with_link);
    let kinds =
        [("image", "image"), ("file", "file"), ("location", "place"), ("contact", "contact"), ("template", "template")];
    let attached = kinds.iter().find(|(field, _)| message[field].is_object());
    Ok(attached.into_iter().fold(shown, |shown, (_, kind)| shown.with_attachment(*kind)))
}

/// Thirty-two bytes, as a secret of the standard writes them.
const PRESENT: (&str, [u8; 32]) = ("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", [1; 32]);
const PREVIOUS: (&str, [u8; 32]) = ("AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=", [2; 32]);

/// The standard's letters, three bytes as four.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

fn delivered(number: u32, message: &Value) -> Delivery {
    Delivery::json(message).with_header("webhook-id", &format!("msg-{number}"))
}

#[async_trait]
impl Counterpart for Gateway {
    type Platform = Webhook;

    fn platform(&self) -> Webhook {
        let secret = |(text, _): (&str, _)| format!("whsec_{text}").parse().expect("a secret");
        let webhook = Webhook::new(&self.address, secret(PRESENT)).expect("an address");
        webhook.previous_secret(secret(PREVIOUS)).client(self.client.clone())
    }

    fn secrets(&self) -> Vec<String> {
        vec![PRESENT.0.to_owned(), PREVIOUS.0.to_owned()]
    }

    fn signature(&self) -> Signature {
        Signature::of_body().within(Duration::from_secs(300))
    }

    fn sign(&self, delivery: &mut Delivery, signer: Signer, at: DateTime<Utc>) {
        let key = match signer {
            Signer::Present => PRESENT.1,
            Signer::Previous => PREVIOUS.1,
            _ => [3; 32],
        };
        let (id, at) = (delivery.header("webhook-id").unwrap_or_default().to_owned(), at.timestamp().to_string());
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
        mac.update(&[id.as_bytes(), b".", at.as_bytes(), b".", delivery.body()].concat());
        delivery.set_header("webhook-timestamp", &at);
        delivery.set_header("webhook-signature", &format!("v1,{}", base64(&mac.finalize().into_bytes())));
    }

    fn place(&self, visitor: u32) -> String {
        format!("chat-of-{visitor}")
    }

    fn says(&self, visitor: u32, number: u32, text: &str) -> Delivery {
        delivered(number, &json!({"type": "message.received", "chat": self.place(visitor), "text": text}))
    }

    fn presses(&self, visitor: u32, number: u32, token: &str) -> Option<Delivery> {
        Some(delivered(number, &json!({"type": "message.received", "chat": self.place(visitor), "button": token})))
    }

    fn samples(&self) -> Vec<Sample> {
        let said = json!({"type": "message.received", "chat": "ana", "text": "Hello!", "language": "en"});
        let hello = Arrived::new("ana", Input::text("Hello!").with_id("msg-1").with_language("en"));
        let place = json!({"type": "message.received", "chat": "ana", "writer": "bob", "location": {"latitude": 52.5, "longitude": 13.4}});
        let there =
            Arrived::new("ana", Input::Place(flow_core::Place::new(52.5, 13.4).expect("a place")).with_id("msg-2"));
        vec![
            Sample::of("words", delivered(1, &said)).brings([hello]),
            Sample::of("a place, in a chat of several", delivered(2, &place)).brings([there.by("bob")]),
            Sample::of("another type", delivered(3, &json!({"type": "chat.archived", "chat": "ana"}))).brings_nothing(),
            Sample::of("no message", delivered(4, &json!({"type": "message.received"}))).is_unreadable(),
        ]
    }

    fn shown(&self, wire: &Said) -> Result<Shown, String> {
        shown(&serde_json::to_value(wire).expect("JSON"))
    }

    async fn meets(&self, trouble: Trouble) {
        *self.desk.trouble.lock().expect("a lock") = Some(trouble);
    }

    async fn taken(&self) -> Vec<Taken> {
        self.desk.taken.lock().expect("a lock").clone()
    }
}
