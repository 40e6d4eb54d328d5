//! A bot's side: a webhook that keeps what comes, and answers what a test has it answer.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, Uri},
    response::IntoResponse,
};
use serde_json::Value;
use tokio::{net::TcpListener, time::sleep};

/// Where the platform delivers.
#[derive(Clone, Default)]
pub struct Webhook {
    pub got: Arc<Mutex<Vec<Got>>>,
    answers: Arc<Mutex<VecDeque<(u16, String, Duration)>>>,
}

/// A request that came.
#[derive(Clone)]
pub struct Got {
    pub at: Instant,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

impl Webhook {
    /// Starts one, and gives its address.
    pub async fn start() -> (Self, String) {
        let webhook = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let serving = webhook.clone();
        let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let webhook = serving.clone();
            async move {
                webhook
                    .take(Got { at: Instant::now(), query: uri.query().unwrap_or_default().to_owned(), headers, body })
                    .await
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        (webhook, address)
    }

    /// The next one is answered so; with nothing more to answer, with 200 and nothing.
    pub fn answers(&self, status: u16, body: &str) {
        self.answers_after(status, body, Duration::ZERO);
    }

    pub fn answers_after(&self, status: u16, body: &str, pause: Duration) {
        self.answers.lock().expect("a lock").push_back((status, body.to_owned(), pause));
    }

    /// All that came, once it is so many.
    pub async fn waits_for(&self, count: usize) -> Vec<Got> {
        let began = Instant::now();
        loop {
            let got = self.got.lock().expect("a lock").clone();
            if got.len() >= count {
                return got;
            }
            assert!(began.elapsed() < Duration::from_secs(10), "{} of {count} came", got.len());
            sleep(Duration::from_millis(2)).await;
        }
    }

    async fn take(&self, got: Got) -> impl IntoResponse + use<> {
        self.got.lock().expect("a lock").push(got);
        let next = self.answers.lock().expect("a lock").pop_front();
        let (status, body, pause) = next.unwrap_or((200, String::new(), Duration::ZERO));
        sleep(pause).await;
        (StatusCode::from_u16(status).expect("a status"), body)
    }
}

/// Hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
