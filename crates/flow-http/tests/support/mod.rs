//! A salon on the web, and its visitors.

#![allow(dead_code, unused_imports, reason = "each test takes what it needs")]

pub mod paced;
pub mod post;
mod served;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, BodyDataStream, to_bytes},
    http::{HeaderName, Method, Request, StatusCode, header},
    response::Response,
};
use flow_core::{
    Contact, Deadlines, Engine, EngineBuilder, FileToSend, Flow, Place, Reply, Secret, SessionId, Step, Turn,
    engine::Shelf,
};
use flow_http::{Access, Limits, Metrics, Readiness, Site, Tokens};
use flow_proving::Fickle;
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub use served::{Answered, Asked, Served, answer};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "web_salon")]
pub enum Visit {
    #[state(start, ask = "Hair or nails?", choices = Service, to(Named))]
    Welcome,
    #[state(ask = "Your name?", remind("1s", Hurry), to(Named, Booked))]
    Named { service: Service },
    #[state(end, say = "See you, {name}.")]
    Booked { service: Service, name: String },
}

use visit::*;

#[derive(flow_core::Answer, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Service {
    Hair,
    Nails,
}

pub struct Desk;

impl VisitHandler for Desk {
    async fn named(&self, state: Named, turn: Turn<'_, Named>) -> Step<Named> {
        let name = turn.text().to_owned();
        if let Some(millis) = name.strip_prefix("slow ") {
            tokio::time::sleep(Duration::from_millis(millis.parse().expect("a number"))).await;
            return turn.stay("That took its time.");
        }
        if let Some(what) = name.strip_prefix("show ") {
            return turn.stay(shown(what));
        }
        turn.to(state.booked(name))
    }

    async fn named_on_hurry(&self, _: Named, turn: Turn<'_, Named>) -> Step<Named> {
        turn.stay("Are you there?")
    }
}

/// A reply that has more than words.
fn shown(what: &str) -> Reply {
    let file = || FileToSend::at("https://salon.example/chair.png").with_name("chair.png");
    let place = Place::new(52.5, 13.4).expect("a place").with_name("Salon");
    match what {
        "a link" => Reply::new("Look here.").with_link("https://salon.example"),
        "an image" => Reply::new("").with_image(file()),
        "a file" => Reply::new("").with_file(file()),
        "a place" => Reply::new("").with_place(place),
        _ => {
            Reply::new("").with_contact(Contact::new("Kai").with_phone("+49301234567").with_email("kai@salon.example"))
        }
    }
}

/// A bot on the web, over a store that can be away.
pub struct Salon {
    pub store: Arc<Fickle>,
    pub engine: Engine<Visit>,
    pub site: Site<Visit>,
    routes: Router,
    tokens: Tokens,
}

impl Salon {
    pub fn new() -> Self {
        Self::limited(Limits::default())
    }

    pub fn limited(limits: Limits) -> Self {
        Self::over(Arc::default(), limits)
    }

    /// A process of its own, over this store.
    pub fn over(store: Arc<Fickle>, limits: Limits) -> Self {
        Self::made(store, limits, |builder| builder)
    }

    /// One whose engine is set otherwise.
    pub fn built(limits: Limits, set: impl FnOnce(EngineBuilder<Visit>) -> EngineBuilder<Visit>) -> Self {
        Self::made(Arc::default(), limits, set)
    }

    fn made(
        store: Arc<Fickle>,
        limits: Limits,
        set: impl FnOnce(EngineBuilder<Visit>) -> EngineBuilder<Visit>,
    ) -> Self {
        let deadlines = Deadlines::default().store(Duration::from_millis(200)).typing(Duration::from_millis(20));
        let metrics = Metrics::new();
        let builder = Visit::engine(Desk).deadlines(deadlines).collected("web", Shelf::default());
        let engine = set(builder).observer(metrics.clone()).store(Arc::clone(&store));
        let secret = Secret::new("a secret of at least sixteen bytes").expect("long enough");
        let tokens = Tokens::signed_with(secret);
        let access = Access::by_token(tokens.clone());
        let site = Site::new(engine.clone()).limits(limits).chat("/chat", "web", access).expect("collected");
        let site = site.readiness(Readiness::default().rest(Duration::ZERO));
        let site = site.metrics(metrics).tells(|request| request.headers.contains_key("x-key"));
        let routes = site.routes();
        Self { store, engine, site, routes, tokens }
    }

    pub fn access(&self) -> Access {
        Access::by_token(self.tokens.clone())
    }

    /// A visitor who has opened a conversation.
    pub async fn visitor(&self) -> Visitor {
        let (status, told) = Visitor::of(self.routes.clone()).posts("/chat/sessions", &json!({})).await;
        assert_eq!(status, StatusCode::CREATED);
        self.with_token(told["token"].as_str().expect("a token"))
    }

    /// A token of a conversation that was opened without the server.
    pub fn token(&self) -> String {
        self.tokens.issue().1
    }

    pub fn with_token(&self, token: &str) -> Visitor {
        Visitor::of(self.routes.clone()).with_header("authorization", &format!("Bearer {token}"))
    }

    pub fn session_of(&self, visitor: &Visitor) -> SessionId {
        self.tokens.session(visitor.token()).expect("a token of ours")
    }

    pub async fn health(&self) -> (StatusCode, Value) {
        Visitor::of(self.routes.clone()).with_header("x-key", "").gets("/readyz").await
    }
}

/// Somebody who asks, with headers that go with each request.
#[derive(Clone)]
pub struct Visitor {
    routes: Router,
    headers: Vec<(HeaderName, String)>,
}

impl Visitor {
    pub fn of(routes: Router) -> Self {
        Self { routes, headers: Vec::new() }
    }

    pub fn with_header(&self, name: &'static str, value: &str) -> Self {
        let mut headers = self.headers.clone();
        headers.push((HeaderName::from_static(name), value.to_owned()));
        Self { routes: self.routes.clone(), headers }
    }

    pub fn token(&self) -> &str {
        let (_, bearer) = self.headers.iter().find(|(name, _)| name == header::AUTHORIZATION).expect("a token");
        bearer.strip_prefix("Bearer ").expect("a bearer's")
    }

    pub async fn says(&self, id: &str, text: &str) -> (StatusCode, Value) {
        self.posts("/chat/messages", &json!({"id": id, "text": text})).await
    }

    pub async fn posts(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.asks(Method::POST, path, Some(body.clone())).await
    }

    pub async fn gets(&self, path: &str) -> (StatusCode, Value) {
        self.asks(Method::GET, path, None).await
    }

    pub async fn asks(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let answer = self.answer(method, path, body).await;
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub async fn text(&self, path: &str) -> String {
        let answer = self.answer(Method::GET, path, None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        String::from_utf8(bytes.to_vec()).expect("text")
    }

    pub async fn answer(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.routes.clone().oneshot(request.body(body).expect("a request")).await.expect("an answer")
    }

    /// A stream of replies after this one.
    pub async fn listens(&self, after: Option<&str>) -> Listening {
        let mut listener = self.with_header("accept", "text/event-stream");
        if let Some(after) = after {
            listener = listener.with_header("last-event-id", after);
        }
        let answer = listener.answer(Method::GET, "/chat/replies", None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Listening { body: answer.into_body().into_data_stream(), read: String::new() }
    }
}

/// An open stream of replies.
pub struct Listening {
    body: BodyDataStream,
    read: String,
}

/// One event of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: String,
    pub id: Option<String>,
    pub data: Value,
}

impl Listening {
    /// The next event; none once the stream has ended.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| {
                    let mut lines = event.lines();
                    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::to_owned)
                };
                let (kind, id, data) = (field("event"), field("id"), field("data"));
                self.read = String::from(rest);
                if let Some(kind) = kind {
                    let data = serde_json::from_str(&data.expect("data")).expect("JSON");
                    return Some(Event { kind, id, data });
                }
                continue;
            }
            let chunk = self.body.next().await?.expect("a chunk");
            self.read.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    /// What is said next, in words; `ready` and `typing` are said so.
    pub async fn hears(&mut self) -> String {
        let event = self.next().await.expect("an event");
        if event.kind == "reply" { event.data["text"].as_str().unwrap_or_default().to_owned() } else { event.kind }
    }
}

pub fn reply_texts(told: &Value) -> Vec<String> {
    let replies = told["replies"].as_array().expect("replies");
    replies.iter().map(|reply| reply["text"].as_str().expect("a text").to_owned()).collect()
}

impl Visitor {
    /// Says something at the same time as others do.
    pub fn spawn_says(self, message: usize) -> tokio::task::JoinHandle<()> {
        tokio::spawn(async move {
            let (status, told) = self.says(&message.to_string(), "what?").await;
            assert!(status.is_success(), "{status}: {told}");
        })
    }
}
