//! Slack, as far as these tests need it: its signature, and a Web API that answers as it is told.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::{
    collections::VecDeque,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_http::axum::{
    self, Router,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Request, StatusCode, request::Parts},
    response::{IntoResponse, Response},
    routing::any,
};
use flow_slack::Slack;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

pub const TOKEN: &str = "xoxb-canary";
pub const SIGNING_SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

pub fn fixture(name: &str) -> String {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures"].iter().collect();
    let json = folder.join(format!("{name}.json"));
    let text = if json.exists() { json } else { folder.join(format!("{name}.txt")) };
    fs::read_to_string(text).expect("a fixture")
}

/// What Interactivity delivers: this payload, in a form.
pub fn form(payload: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair("payload", payload).finish()
}

/// What Slack writes into the header of a request with this body.
pub fn signed(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(format!("v0:{at}:{body}").as_bytes());
    let digits = mac.finalize().into_bytes().into_iter().map(|byte| format!("{byte:02x}"));
    format!("v0={}", digits.collect::<String>())
}

/// The head of a request that Slack signs.
pub fn head(secret: &str, at: i64, body: &str) -> Parts {
    let request = Request::post("/hooks/slack")
        .header("x-slack-request-timestamp", at.to_string())
        .header("x-slack-signature", signed(secret, at, body));
    request.body(()).expect("a request").into_parts().0
}

/// One call of the Web API.
#[derive(Clone, Debug)]
pub struct Called {
    pub method: String,
    pub token: String,
    /// What it says: the body, or the query.
    pub arguments: Value,
}

/// The Web API. It answers what it is told to, in that order, and else as Slack would: it has what it was sent.
#[derive(Clone, Default)]
pub struct WebApi {
    calls: Arc<Mutex<Vec<Called>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    port: u16,
}

/// A status, perhaps with `Retry-After`, and a body.
type Answer = (u16, Option<&'static str>, String);

impl WebApi {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let api = Self { port: listener.local_addr().expect("an address").port(), ..Self::default() };
        let routes = Router::new().route("/api/{method}", any(answer)).with_state(api.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.expect("served") });
        api
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}/api", self.port)
    }

    pub fn slack(&self) -> Slack {
        Slack::new(TOKEN, SIGNING_SECRET).api(self.base())
    }

    pub fn answers(&self, status: u16, retry_after: Option<&'static str>, body: &Value) {
        self.answers.lock().expect("a lock").push_back((status, retry_after, body.to_string()));
    }

    pub fn refuses(&self, code: &str) {
        self.answers(200, None, &json!({"ok": false, "error": code}));
    }

    /// What Slack would answer the last call.
    fn answer_to_the_last(&self) -> Value {
        let calls = self.calls();
        match calls.last().map(|call| &*call.method) {
            Some("conversations.open") => json!({"ok": true, "channel": {"id": "D024BE91L"}}),
            Some("conversations.history" | "conversations.replies") => {
                let sent = calls.iter().filter(|call| call.method == "chat.postMessage");
                let messages: Vec<_> = sent.map(|call| json!({"metadata": call.arguments["metadata"]})).collect();
                json!({"ok": true, "messages": messages, "has_more": false})
            }
            _ => json!({"ok": true}),
        }
    }

    pub fn calls(&self) -> Vec<Called> {
        self.calls.lock().expect("a lock").clone()
    }

    /// The calls of this method, once there are so many.
    pub async fn called(&self, method: &str, count: usize) -> Vec<Called> {
        let called = || self.calls().into_iter().filter(|call| call.method == method).collect::<Vec<_>>();
        let waited = async {
            while called().len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(10), waited).await.is_ok(), "{:?}", self.calls());
        called()
    }
}

async fn answer(
    State(api): State<WebApi>,
    Path(method): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let token = headers["authorization"].to_str().expect("text").trim_start_matches("Bearer ").to_owned();
    let arguments = serde_json::from_slice(&body).unwrap_or_else(|_| {
        let query = query.unwrap_or_default();
        form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
            .collect()
    });
    api.calls.lock().expect("a lock").push(Called { method, token, arguments });
    let told = api.answers.lock().expect("a lock").pop_front();
    let (status, retry_after, body) = told.unwrap_or_else(|| (200, None, api.answer_to_the_last().to_string()));
    let mut response = (StatusCode::from_u16(status).expect("a status"), body).into_response();
    if let Some(time) = retry_after {
        response.headers_mut().insert("retry-after", time.parse().expect("a header"));
    }
    response
}
