//! A message can be followed from the request that brought it to the platform that took the answer.

#![cfg(all(feature = "http", feature = "memory", feature = "traces"))]

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use flow_chat::{
    Fate, Flow, Input, Secret, Step, Turn,
    http::{
        Site,
        axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post},
        platform::{Arrivals, Arrived, Forged, Hook, Line, Part, Platform, Screen, Unreadable},
    },
    memory::MemoryStore,
    traces::Traces,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value, trace::v1::Span,
};
use prost::Message as _;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "traced_salon")]
enum Visit {
    #[state(start, ask = "Your name?", to(Booked))]
    Welcome,
    #[state(end, say = "See you, {name}.")]
    Booked { name: String },
}

use visit::*;

struct Desk;

impl VisitHandler for Desk {
    async fn welcome(&self, state: Welcome, name: String, turn: Turn<'_, Welcome>) -> Step<Welcome> {
        turn.to(state.booked(name))
    }
}

/// How long the platform takes to take a reply.
const SENDING: Duration = Duration::from_millis(100);

/// A platform on which anybody writes.
struct Wall;

#[async_trait]
impl Platform for Wall {
    const SCREEN: Screen = Screen::of_text(100);
    type Wire = ();

    fn verify(&self, _: &Hook<'_>) -> Result<(), Forged> {
        Ok(())
    }

    fn read(&self, hook: &Hook<'_>) -> Result<Arrivals, Unreadable> {
        let text = String::from_utf8_lossy(hook.body()).into_owned();
        Ok(Arrivals::of([Arrived::new("canary's place", Input::text(&text).with_id(text))]))
    }

    fn render(&self, _: &Part<'_>) {}

    async fn send(&self, _: &str, (): &(), _: &str) -> Result<(), Fate> {
        tokio::time::sleep(SENDING).await;
        Ok(())
    }
}

/// A collector, and how it answers.
#[derive(Default)]
struct Collector {
    answers: AtomicU16,
    spans: Mutex<Vec<Span>>,
    services: Mutex<Vec<String>>,
}

async fn collect(State(collector): State<Arc<Collector>>, body: Bytes) -> StatusCode {
    let status = StatusCode::from_u16(collector.answers.load(Ordering::SeqCst)).expect("a status");
    if status.is_success() {
        let told = ExportTraceServiceRequest::decode(&*body).expect("spans");
        for resource in told.resource_spans {
            let attributes = resource.resource.expect("a resource").attributes;
            let named = attributes.into_iter().filter(|attribute| attribute.key == "service.name");
            collector.services.lock().expect("a lock").extend(named.map(|named| format!("{:?}", named.value)));
            let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            collector.spans.lock().expect("a lock").extend(spans);
        }
    }
    status
}

async fn served(routes: Router) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { flow_chat::http::axum::serve(listener, routes).await });
    address
}

async fn says(site: std::net::SocketAddr, words: &str) {
    let mut connection = TcpStream::connect(site).await.expect("a connection");
    let request = format!(
        "POST /wall?canary HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{words}",
        words.len()
    );
    connection.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    let attribute = span.attributes.iter().find(|attribute| attribute.key == key)?;
    match attribute.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        Value::IntValue(number) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_message_is_one_trace_from_the_request_to_what_the_platform_was_sent() {
    let collector = Arc::new(Collector { answers: AtomicU16::new(200), ..Collector::default() });
    let routes = Router::new().route("/v1/traces", post(collect)).with_state(Arc::clone(&collector));
    let traces = Traces::to(&format!("http://{}", served(routes).await), "salon").expect("an address");
    tracing_subscriber::registry().with(traces.layer()).init();

    let line = Line::new("wall", Wall, Secret::new("a secret of at least sixteen bytes").expect("long enough"));
    let engine = Visit::engine(Desk).channel("wall", line.clone()).store(MemoryStore::new());
    engine.worker().start();
    let site = served(Site::new(engine).webhook("/wall", &line).expect("a channel").routes()).await;
    says(site, "hello").await;
    // A reply that had to wait for the one before it would be sent in that one's trace.
    tokio::time::sleep(SENDING * 5).await;
    says(site, "canary").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    traces.end().await;

    let spans = collector.spans.lock().expect("a lock").clone();
    assert!(!format!("{spans:?}").contains("canary"), "a visitor's words, or their place");
    let services = collector.services.lock().expect("a lock").clone();
    assert!(!services.is_empty() && services.iter().all(|service| service.contains("\"salon\"")), "{services:?}");

    let by_id: HashMap<&[u8], &Span> = spans.iter().map(|span| (&*span.span_id, span)).collect();
    let above = |span: &Span| {
        let mut names = Vec::new();
        let mut at = Some(span);
        while let Some(span) = at {
            names.push(span.name.clone());
            at = by_id.get(&*span.parent_span_id).copied();
        }
        names.reverse();
        names.join(" / ")
    };
    let commits: Vec<_> = spans.iter().filter(|span| above(span) == "request / accept / commit").collect();
    let sent: Vec<_> = spans.iter().filter(|span| span.name == "send").collect();
    assert_eq!((commits.len(), sent.len()), (2, 2), "{:?}", spans.iter().map(above).collect::<Vec<_>>());
    for send in &sent {
        assert_eq!(above(send), "request / accept / deliver / deliver / send");
        assert_eq!(attribute(send, "channel").as_deref(), Some("wall"));
    }
    assert_ne!(sent[0].trace_id, sent[1].trace_id);
    let requests: Vec<_> = spans.iter().filter(|span| span.name == "request").collect();
    for request in requests {
        let told =
            ["http.route", "http.request.method", "http.response.status_code"].map(|key| attribute(request, key));
        assert_eq!(told.each_ref().map(Option::as_deref), [Some("/wall"), Some("POST"), Some("200")]);
        // It ended when it was answered, whatever was sent later.
        let sent = sent.iter().find(|send| send.trace_id == request.trace_id).expect("its own");
        assert!(request.end_time_unix_nano < sent.end_time_unix_nano);
        assert!(sent.end_time_unix_nano - sent.start_time_unix_nano >= 100_000_000);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_away_holds_up_nothing() {
    // Nobody listens there.
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let traces = Traces::to(&format!("http://{free}"), "salon").expect("an address");
    let began = std::time::Instant::now();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(traces.layer()), || {
        tracing::info_span!("a span").in_scope(|| {});
    });
    traces.end().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
