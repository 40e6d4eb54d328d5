//! A platform of somebody's own: it delivers messages, and takes replies.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::Utc;
use flow_core::{Flow, Secret, Step, Turn};
use flow_http::{
    Site,
    axum::{
        self, Router,
        body::Bytes,
        extract::State,
        http::{HeaderMap, HeaderName, StatusCode},
        response::{IntoResponse, Response},
        routing::post,
    },
    client::{Call, Client},
    platform::Line,
};
use flow_memory::MemoryStore;
use flow_webhook::{SigningSecret, Webhook};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

pub fn secret() -> SigningSecret {
    SECRET.parse().expect("a secret")
}

/// Another one than [`SECRET`].
pub fn new_secret() -> SigningSecret {
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".parse().expect("a secret")
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "webhook_salon")]
pub enum Visit {
    #[state(start, ask = "Hair or nails?", choices(Hair, Nails), to(Named))]
    Welcome,
    #[state(ask = "Your name?", to(Booked))]
    Named,
    #[state(end, say = "See you, {name}.")]
    Booked { name: String },
}

use visit::*;

pub struct Desk;

impl VisitHandler for Desk {
    async fn welcome(&self, _: Welcome, _: WelcomeChoice, turn: Turn<'_, Welcome>) -> Step<Welcome> {
        turn.to(Named)
    }
}

/// What one reply was.
#[derive(Clone)]
pub struct Taken {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Taken {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).expect("the header").to_str().expect("text")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn text(&self) -> String {
        self.json()["text"].as_str().expect("a text").to_owned()
    }

    /// Whether it is signed with this secret.
    pub fn is_signed_with(&self, secret: &SigningSecret) -> bool {
        let at = self.header("webhook-timestamp").parse().expect("a time");
        let expected = secret.sign(self.header("webhook-id"), at, &self.body);
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

/// Statuses, perhaps with `Retry-After`.
type Answers = VecDeque<(u16, Option<&'static str>)>;

/// Where the platform takes replies. It answers with 200, unless it was told what to answer next.
#[derive(Clone, Default)]
pub struct Chats {
    taken: Arc<Mutex<Vec<Taken>>>,
    answers: Arc<Mutex<Answers>>,
    port: u16,
}

impl Chats {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let chats = Self { port: listener.local_addr().expect("an address").port(), ..Self::default() };
        let routes = Router::new().route("/replies", post(take)).with_state(chats.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.expect("served") });
        chats
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/replies", self.port)
    }

    /// Answers the next one so, perhaps with `Retry-After`.
    pub fn answers(&self, status: u16, retry_after: Option<&'static str>) {
        self.answers.lock().expect("a lock").push_back((status, retry_after));
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.taken.lock().expect("a lock").clone()
    }

    /// What has been taken, once there is so much.
    pub async fn has_taken(&self, count: usize) -> Vec<Taken> {
        let taken = async {
            while self.taken().len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), taken).await.expect("taken in time");
        self.taken()
    }
}

async fn take(State(chats): State<Chats>, headers: HeaderMap, body: Bytes) -> Response {
    chats.taken.lock().expect("a lock").push(Taken { headers, body });
    match chats.answers.lock().expect("a lock").pop_front() {
        None => StatusCode::OK.into_response(),
        Some((status, retry_after)) => {
            let headers: Vec<_> = retry_after.map(|time| ("retry-after", time)).into_iter().collect();
            let mut response = StatusCode::from_u16(status).expect("a status").into_response();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().expect("a header"));
            }
            response
        }
    }
}

/// A bot that is served, and where messages are delivered to it.
pub struct Bot {
    pub url: String,
    client: Client,
}

impl Bot {
    /// It replies to these chats.
    pub async fn of(chats: &Chats) -> Self {
        Self::speaking(Webhook::new(chats.url(), secret()).expect("an address")).await
    }

    pub async fn speaking(webhook: Webhook) -> Self {
        let line = Line::new("shop", webhook, Secret::new("a secret of at least sixteen bytes").expect("a secret"));
        let engine = Visit::engine(Desk).channel(line.name(), line.clone()).store(MemoryStore::new());
        engine.worker().start();
        let site = Site::new(engine).webhook("/hooks/shop", &line).expect("a channel");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hooks/shop", listener.local_addr().expect("an address"));
        let routes = site.routes();
        tokio::spawn(async move { axum::serve(listener, routes).await.expect("served") });
        Self { url, client: Client::new() }
    }

    /// Delivers a message, signed with this secret.
    pub async fn gets_signed(&self, secret: &SigningSecret, id: &str, body: &str) -> u16 {
        let at = Utc::now().timestamp();
        self.gets(
            &[
                ("webhook-id", id),
                ("webhook-timestamp", &at.to_string()),
                ("webhook-signature", &secret.sign(id, at, body.as_bytes())),
            ],
            body,
        )
        .await
    }

    /// Delivers what somebody wrote in Ana's chat.
    pub async fn hears(&self, id: &str, said: Value) -> u16 {
        let mut message = json!({"type": "message.received", "chat": "ana"});
        message.as_object_mut().expect("an object").extend(said.as_object().expect("an object").clone());
        self.gets_signed(&secret(), id, &message.to_string()).await
    }

    /// Gets a request with these headers.
    pub async fn gets(&self, headers: &[(&'static str, &str)], body: &str) -> u16 {
        let call = Call::post(&self.url).body("application/json", body.to_owned());
        let call = headers.iter().fold(call, |call, (name, value)| call.header(HeaderName::from_static(name), value));
        self.client.call(call).await.expect("an answer").status().as_u16()
    }
}
