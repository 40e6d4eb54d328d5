//! How a visitor speaks with a bot: a [`Phone`], one for each channel; and how a bot is reached: [`opened`].

use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use flow_core::{Engine, Flow, Secret, SessionId, engine::Shelf};
use flow_http::{
    Access, Site, Tokens,
    axum::{
        self, Json, Router,
        body::{Body, to_bytes},
        extract::State,
        http::{Request, header},
        routing::post,
    },
    client::{Call, Client},
    platform::{Line, Platform},
};
use flow_memory::MemoryStore;
use flow_testkit::stubs::Visitor;
use flow_webhook::SigningSecret;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use crate::{calendar::Calendar, flow::Booking, salon::Salon, stage::SLOTS};

/// What a visitor sees of one message: the words, and what can be pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) text: String,
    pub(super) labels: Vec<String>,
}

/// A visitor of one channel.
#[async_trait(?Send)]
pub(super) trait Phone {
    async fn says(&self, text: &str);

    /// Presses this button of the message that was heard as this one, counted from zero.
    async fn presses(&self, message: usize, label: &str);

    /// All messages, once there are so many.
    async fn hears(&self, count: usize) -> Vec<Seen>;
}

/// On a stub of a platform.
#[async_trait(?Send)]
impl Phone for Visitor {
    async fn says(&self, text: &str) {
        Visitor::says(self, text);
    }

    async fn presses(&self, message: usize, label: &str) {
        self.presses_of(&self.heard()[message], label);
    }

    async fn hears(&self, count: usize) -> Vec<Seen> {
        let heard = self.waits_for(count).await;
        let seen = heard.iter().map(|message| Seen {
            text: message.text().to_owned(),
            labels: message.labels().into_iter().map(str::to_owned).collect(),
        });
        seen.collect()
    }
}

/// The salon, as a builder of its engine.
pub(super) fn salon() -> flow_core::EngineBuilder<Booking> {
    let salon = Salon::new(Calendar::of(SLOTS));
    salon.engine().on_checkpoint(|_| crate::stage::ok()).on_effect(|_| crate::stage::ok())
}

pub(super) fn secret() -> Secret {
    Secret::new("a secret of at least sixteen bytes").expect("long enough")
}

/// The salon on this line, at work. Gives its engine and the address of its webhook.
pub(super) async fn opened<P: Platform>(line: &Line<P>) -> (Engine<Booking>, String) {
    let engine = salon().channel(line.name(), line.clone()).store(MemoryStore::new());
    engine.worker().start();
    let url = served(Site::new(engine.clone()).webhook("/hooks/salon", line).expect("a channel")).await;
    (engine, format!("{url}/hooks/salon"))
}

/// Serves this until the test is over, and gives where.
pub(super) async fn served<F: Flow>(site: Site<F>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(site.serve_at(listener, pending(), Duration::ZERO));
    url
}

/// A page on the web.
pub(super) struct Page {
    routes: Router,
    token: String,
    said: Mutex<usize>,
}

impl Page {
    /// The salon on the web, with one page that shows it.
    pub(super) fn open() -> (Engine<Booking>, SessionId, Self) {
        let engine = salon().collected("web", Shelf::default()).store(MemoryStore::new());
        engine.worker().start();
        let tokens = Tokens::signed_with(secret());
        let (id, token) = tokens.issue();
        let site = Site::new(engine.clone()).chat("/chat", "web", Access::by_token(tokens)).expect("collected");
        (engine, id, Self { routes: site.routes(), token, said: Mutex::default() })
    }

    async fn posts(&self, mut message: Value) {
        let number = {
            let mut said = self.said.lock().expect("a lock");
            *said += 1;
            *said
        };
        message["id"] = format!("m{number}").into();
        self.asks(Request::post("/chat/messages"), Body::from(message.to_string())).await;
    }

    async fn asks(&self, request: axum::http::request::Builder, body: Body) -> Value {
        let request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        let answer = self.routes.clone().oneshot(request.body(body).expect("a request")).await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
        let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        serde_json::from_slice(&body).expect("JSON")
    }

    /// All that was told so far.
    async fn told(&self) -> Vec<Value> {
        let told = self.asks(Request::get("/chat/replies"), Body::empty()).await;
        told["replies"].as_array().expect("replies").clone()
    }
}

#[async_trait(?Send)]
impl Phone for Page {
    async fn says(&self, text: &str) {
        self.posts(json!({ "text": text })).await;
    }

    async fn presses(&self, message: usize, label: &str) {
        let told = self.told().await;
        self.posts(json!({ "press": token_of(&told[message], "press", label) })).await;
    }

    async fn hears(&self, count: usize) -> Vec<Seen> {
        until(count, async || self.told().await.iter().map(seen).collect()).await
    }
}

/// A program of somebody's, at the other end of a webhook.
pub(super) struct Program {
    desk: Arc<Mutex<Vec<Value>>>,
    client: Client,
    hook: Mutex<String>,
    said: Mutex<usize>,
    pub(super) address: String,
}

/// The secret of both ends, as the standard writes it.
pub(super) const WHSEC: &str = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

impl Program {
    pub(super) async fn start() -> Self {
        let desk = Arc::<Mutex<Vec<Value>>>::default();
        let take = |State(desk): State<Arc<Mutex<Vec<Value>>>>, Json(message): Json<Value>| async move {
            desk.lock().expect("a lock").push(message);
        };
        let routes = Router::new().route("/replies", post(take)).with_state(Arc::clone(&desk));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/replies", listener.local_addr().expect("an address"));
        tokio::spawn(async { axum::serve(listener, routes).await });
        Self { desk, client: Client::new(), hook: Mutex::default(), said: Mutex::default(), address }
    }

    /// Delivers there from now on.
    pub(super) fn delivers_to(&self, hook: String) {
        *self.hook.lock().expect("a lock") = hook;
    }

    async fn delivers(&self, mut message: Value) {
        let number = {
            let mut said = self.said.lock().expect("a lock");
            *said += 1;
            *said
        };
        (message["type"], message["chat"]) = ("message.received".into(), "ana".into());
        let (id, at, body) = (format!("msg-{number}"), chrono::Utc::now().timestamp(), message.to_string());
        let signature = WHSEC.parse::<SigningSecret>().expect("a secret").sign(&id, at, body.as_bytes());
        let hook = self.hook.lock().expect("a lock").clone();
        let name = axum::http::HeaderName::from_static;
        let call = Call::post(hook).body("application/json", body).header(name("webhook-id"), &id);
        let call =
            call.header(name("webhook-timestamp"), &at.to_string()).header(name("webhook-signature"), &signature);
        assert_eq!(self.client.call(call).await.expect("an answer").status(), 200);
    }
}

#[async_trait(?Send)]
impl Phone for Program {
    async fn says(&self, text: &str) {
        self.delivers(json!({ "text": text })).await;
    }

    async fn presses(&self, message: usize, label: &str) {
        let shown = self.desk.lock().expect("a lock")[message].clone();
        self.delivers(json!({ "button": token_of(&shown, "token", label) })).await;
    }

    async fn hears(&self, count: usize) -> Vec<Seen> {
        until(count, async || self.desk.lock().expect("a lock").iter().map(seen).collect()).await
    }
}

/// A message of JSON that has a text and buttons.
fn seen(message: &Value) -> Seen {
    let label = |button: &Value| button["label"].as_str().expect("a label").to_owned();
    let labels = message["buttons"].as_array().into_iter().flatten().map(label).collect();
    Seen { text: message["text"].as_str().unwrap_or_default().to_owned(), labels }
}

fn token_of(message: &Value, field: &str, label: &str) -> String {
    let mut buttons = message["buttons"].as_array().into_iter().flatten();
    let button = buttons.find(|button| button["label"] == label).unwrap_or_else(|| panic!("no {label} in {message}"));
    button[field].as_str().expect("a token").to_owned()
}

async fn until(count: usize, seen: impl AsyncFn() -> Vec<Seen>) -> Vec<Seen> {
    let waiting = async {
        loop {
            let seen = seen().await;
            if seen.len() >= count {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("an answer in time")
}
