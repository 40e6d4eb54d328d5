//! A small Graph API: it notes what it is told, and answers as a test says.

use std::{
    collections::VecDeque,
    fmt::Display,
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_http::axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Response, Uri, header::AUTHORIZATION},
    routing::any,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[derive(Clone, Default)]
pub struct Graph(Arc<Inside>);

#[derive(Default)]
struct Inside {
    asked: Mutex<Vec<Asked>>,
    answers: Mutex<VecDeque<Answer>>,
}

/// What was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub authorization: String,
    pub body: Value,
}

/// How it is answered.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Never: the message is taken, and the answer is lost.
    pub is_lost: bool,
}

impl Answer {
    pub fn of(status: u16, body: impl Display) -> Self {
        Self { status, headers: Vec::new(), body: format!("{body}").into_bytes(), is_lost: false }
    }

    pub fn error(status: u16, code: i64) -> Self {
        let error =
            json!({ "message": "canary +16505551234", "type": "OAuthException", "code": code, "fbtrace_id": "Abc" });
        Self::of(status, json!({ "error": error }))
    }

    pub fn lost() -> Self {
        Self { is_lost: true, ..Self::of(200, "") }
    }

    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl Graph {
    /// Starts one, and tells its address.
    pub async fn start() -> (Self, String) {
        let graph = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let routes = Router::new().fallback(any(answer)).with_state(graph.clone());
        tokio::spawn(async move { flow_http::axum::serve(listener, routes).await });
        (graph, address)
    }

    pub fn answers(&self, answer: Answer) {
        self.0.answers.lock().expect("a lock").push_back(answer);
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.0.asked.lock().expect("a lock").clone()
    }

    /// The messages that it was told to send.
    pub fn messages(&self) -> Vec<Value> {
        let asked = self.asked().into_iter().filter(|asked| asked.path.ends_with("/messages"));
        asked.map(|asked| asked.body).collect()
    }

    /// Waits until it was told so many.
    pub async fn has(&self, count: usize) -> Vec<Value> {
        let told = async {
            while self.messages().len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(10), told).await;
        in_time.unwrap_or_else(|_| panic!("{} messages instead of {count}", self.messages().len()));
        self.messages()
    }
}

async fn answer(
    State(graph): State<Graph>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let path = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    graph.0.asked.lock().expect("a lock").push(Asked { method, path, authorization, body });
    let answer = graph.0.answers.lock().expect("a lock").pop_front().unwrap_or_else(taken);
    if answer.is_lost {
        std::future::pending::<()>().await;
    }
    let response = Response::builder().status(answer.status);
    let response = answer.headers.iter().fold(response, |response, (name, value)| response.header(*name, value));
    response.body(Body::from(answer.body)).expect("an answer")
}

fn taken() -> Answer {
    let contacts = json!([{ "input": "+16505551234", "wa_id": "16505551234" }]);
    Answer::of(
        200,
        json!({ "messaging_product": "whatsapp", "contacts": contacts, "messages": [{ "id": "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI" }] }),
    )
}
