//! A platform delivers what people write on it, and is given what the bot says.

mod support;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode},
};
use chrono::Utc;
use flow_core::{
    Channel as _, Deadlines, Engine, Fate, Flow as _, Key, Outgoing, Reply, Secret, SessionId, Stamp,
    engine::{Found, Scope},
};
use flow_http::{Metrics, Site, platform::Line};
use serde_json::{Value, json};
use support::{
    Desk, Fickle, Visit,
    post::{Office, Post, signed},
};
use tower::ServiceExt as _;

/// A bot that people write letters to.
struct Mailed {
    office: Office,
    store: Arc<Fickle>,
    engine: Engine<Visit>,
    line: Line<Post>,
    routes: Router,
}

fn secret(text: &str) -> Secret {
    Secret::new(text).expect("long enough")
}

fn line(office: &Office) -> Line<Post> {
    let secrets = [secret("the secret of tomorrow"), secret("the secret of today")];
    Line::new("post", Post { office: office.clone(), secrets }, secret("a secret of at least sixteen bytes"))
}

impl Mailed {
    fn new() -> Self {
        let (office, store, metrics) = (Office::default(), Arc::<Fickle>::default(), Metrics::new());
        let line = line(&office);
        let deadlines = Deadlines::default().store(Duration::from_millis(200));
        let builder = Visit::engine(Desk).deadlines(deadlines).channel(line.name(), line.clone());
        let builder = builder.limits(flow_core::Limits::default().input(200));
        let engine = builder.store(Arc::clone(&store));
        engine.worker().start();
        let site = Site::new(engine.clone()).metrics(metrics).tells(|_| true);
        let routes = site.webhook("/hooks/post", &line).expect("a channel").routes();
        Self { office, store, engine, line, routes }
    }

    /// What a request with this body and this signature is answered.
    async fn delivers(&self, body: &str, signature: &str) -> (StatusCode, String) {
        let request = Request::post("/hooks/post").header("x-post", signature).body(Body::from(body.to_owned()));
        self.asks(request.expect("a request")).await
    }

    async fn asks(&self, request: Request<Body>) -> (StatusCode, String) {
        let answer = self.routes.clone().oneshot(request).await.expect("an answer");
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        (status, String::from_utf8(bytes.to_vec()).expect("text"))
    }

    /// The platform delivers these letters.
    async fn gets(&self, letters: Value) -> StatusCode {
        let body = json!({ "letters": letters }).to_string();
        let signature = signed(&secret("the secret of today"), Utc::now().timestamp(), &body);
        self.delivers(&body, &signature).await.0
    }

    async fn metric(&self, result: &str) -> Option<String> {
        let (_, text) = self.asks(Request::get("/metrics").body(Body::empty()).expect("a request")).await;
        let series = format!("flow_http_webhooks_total{{channel=\"post\",result=\"{result}\"}} ");
        text.lines().find_map(|line| line.strip_prefix(&*series)).map(str::to_owned)
    }

    async fn state_of(&self, place: &str) -> Option<&'static str> {
        let arrived = flow_http::platform::Arrived::new(place, flow_core::Input::text("x"));
        let session = self.engine.peek(self.line.session_of(&arrived)).await.expect("the store");
        session.map(|session| session.state().name())
    }
}

#[tokio::test]
async fn what_is_written_is_handled_and_what_is_said_is_sent_in_order() {
    let mailed = Mailed::new();
    assert_eq!(mailed.gets(json!([{"id": "1", "from": "Ana", "text": "hello"}])).await, StatusCode::OK);
    mailed.office.has_sent(1).await;
    let sent = mailed.office.sent();
    assert_eq!((&*sent[0].0, &sent[0].2["text"]), ("Ana", &json!("Hair or nails?")));
    let press = sent[0].2["buttons"][1][1].as_str().expect("a token");
    let two = json!([{"id": "2", "from": "Ana", "press": press}, {"id": "3", "from": "Ana", "text": "Ana"}]);
    assert_eq!(mailed.gets(two).await, StatusCode::OK);
    mailed.office.has_sent(3).await;
    assert_eq!(mailed.office.texts_to("Ana"), ["Hair or nails?", "Your name?", "See you, Ana."]);
    assert_eq!(mailed.metric("accepted").await.as_deref(), Some("2"));
}

#[tokio::test]
async fn several_who_write_at_one_place_have_a_conversation_each() {
    let mailed = Mailed::new();
    let letters = json!([
        {"id": "1", "from": "hall", "writer": "Ana", "text": "hello"},
        {"id": "2", "from": "hall", "writer": "Ben", "text": "hello"},
        {"id": "3", "from": "hal", "writer": "lAna", "text": "hello"},
        {"id": "4", "from": "hall", "writer": "Ana", "text": "nails"},
    ]);
    assert_eq!(mailed.gets(letters).await, StatusCode::OK);
    mailed.office.has_sent(4).await;
    let mut said = mailed.office.texts_to("hall");
    said.sort();
    assert_eq!(said, ["Hair or nails?", "Hair or nails?", "Your name?"]);
    assert_eq!(mailed.office.texts_to("hal"), ["Hair or nails?"]);
}

#[tokio::test]
async fn what_does_not_come_from_the_platform_is_not_even_read() {
    let mailed = Mailed::new();
    let body = json!({"letters": [{"id": "1", "from": "Ana", "text": "canary"}]}).to_string();
    let (now, key) = (Utc::now().timestamp(), secret("the secret of today"));
    let right = signed(&key, now, &body);
    let forged = [
        String::new(),
        "1234".to_owned(),
        signed(&secret("another secret than ours"), now, &body),
        signed(&key, now, &body.replace("Ana", "Eve")),
        signed(&key, now - 301, &body),
        signed(&key, now + 301, &body),
        right.replacen(&now.to_string(), &(now - 1).to_string(), 1),
        right[..right.len() - 34].to_owned(),
    ];
    for (count, signature) in forged.iter().enumerate() {
        let (status, told) = mailed.delivers(&body, signature).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{signature}");
        assert!(told.contains(r#""code":"forged""#) && !told.contains("canary"), "{told}");
        assert_eq!(mailed.metric("forged").await, Some((count + 1).to_string()));
    }
    // Two signatures are none.
    let twice = Request::post("/hooks/post").header("x-post", &right).header("x-post", &right);
    assert_eq!(mailed.asks(twice.body(Body::from(body.clone())).expect("a request")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!((mailed.office.read(), mailed.state_of("Ana").await), (0, None));
    // Under either secret, while one takes the place of the other.
    for key in ["the secret of today", "the secret of tomorrow"] {
        let signature = signed(&secret(key), now, &body);
        assert_eq!(mailed.delivers(&body, &signature).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_without_its_words() {
    let mailed = Mailed::new();
    for body in ["", "canary", "{\"letters\": [{\"id\": \"canary\"}]}", "{\"letters\": \"canary\"}"] {
        let signature = signed(&secret("the secret of today"), Utc::now().timestamp(), body);
        let (status, told) = mailed.delivers(body, &signature).await;
        assert_eq!((status, told.contains("canary")), (StatusCode::BAD_REQUEST, false), "{told}");
    }
    let large = " ".repeat(2_001);
    assert_eq!(mailed.delivers(&large, "").await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(mailed.metric("unreadable").await.as_deref(), Some("4"));
    assert_eq!(mailed.metric("too_much").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn while_the_store_is_away_the_platform_keeps_it_and_what_is_delivered_twice_is_handled_once() {
    let mailed = Mailed::new();
    let letters = json!([{"id": "1", "from": "Ana", "text": "hello"}, {"id": "2", "from": "Ben", "text": "hello"}]);
    mailed.store.goes_away();
    let body = json!({ "letters": letters }).to_string();
    let signature = signed(&secret("the secret of today"), Utc::now().timestamp(), &body);
    let (status, told) = mailed.delivers(&body, &signature).await;
    assert_eq!((status, told.contains("unavailable")), (StatusCode::SERVICE_UNAVAILABLE, true));
    assert_eq!(mailed.metric("not_now").await.as_deref(), Some("1"));
    mailed.store.comes_back();
    for _ in 0..3 {
        while mailed.gets(letters.clone()).await != StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    mailed.office.has_sent(2).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(mailed.office.sent().len(), 2);
    assert_eq!(mailed.state_of("Ana").await, Some("WELCOME"));
}

#[tokio::test]
async fn what_would_never_be_taken_is_not_delivered_for_ever_and_holds_up_nothing() {
    let mailed = Mailed::new();
    let long = "x".repeat(300);
    let letters = json!([
        {"id": "1", "from": "Ana", "text": long},
        {"id": "2", "from": "Ana", "text": "hello"},
        {"id": "\u{1}", "from": "Ben", "text": "hello"},
    ]);
    assert_eq!(mailed.gets(letters).await, StatusCode::OK);
    mailed.office.has_sent(1).await;
    assert_eq!(mailed.office.texts_to("Ana"), ["Hair or nails?"]);
    assert_eq!(mailed.metric("refused").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn what_the_platform_asks_of_its_webhook_alone_is_answered_once_it_is_verified() {
    let mailed = Mailed::new();
    let request = |signature: String| {
        let request = Request::builder().method(Method::GET).uri("/hooks/post?1158201444");
        request.header("x-post", signature).body(Body::empty()).expect("a request")
    };
    let signature = signed(&secret("the secret of today"), Utc::now().timestamp(), "");
    assert_eq!(mailed.asks(request(signature)).await, (StatusCode::OK, "1158201444".to_owned()));
    assert_eq!(mailed.asks(request(String::new())).await.0, StatusCode::UNAUTHORIZED);
}

#[test]
fn a_line_without_a_channel_is_told() {
    let engine = Visit::engine(Desk).store(flow_memory::MemoryStore::new());
    let error = Site::new(engine).webhook("/hooks/post", &line(&Office::default())).expect_err("no channel");
    assert!(error.to_string().contains(".channel(line.name(), line.clone())"), "{error}");
}

fn outgoing(reply: Reply) -> Outgoing {
    let key = Key::new(SessionId::random(), Stamp::first(), 0);
    Outgoing::new(key, flow_core::Address::new("post", "Ana"), reply, Utc::now())
}

/// Three parts.
fn long() -> Outgoing {
    outgoing(Reply::new("The first of them is this one.\n\nThe second of them is this.\n\nAnd the third is this."))
}

#[tokio::test]
async fn a_part_that_was_sent_is_not_sent_again_because_the_next_one_failed() {
    let (office, long) = (Office::default(), long());
    let line = line(&office);
    line.send(&long).await.expect("sent");
    let keys = |office: &Office| office.sent().into_iter().map(|(_, key, _)| key).collect::<Vec<_>>();
    let all = [1, 2, 3].map(|part| format!("{}/{part}", long.key));
    assert_eq!(keys(&office), all);
    // And where the platform stops it before the second.
    let office = Office::default();
    let line = self::line(&office);
    office.fails_after(1, Fate::again_after(Duration::from_secs(1), Scope::Chat));
    line.send(&long).await.expect_err("not now");
    assert_eq!(keys(&office), all[..1]);
    line.send(&long).await.expect("sent");
    assert_eq!(keys(&office), all);
    // Another process, which knows nothing of it, says it all under the same keys.
    self::line(&office).send(&long).await.expect("sent");
    assert_eq!(keys(&office)[3..], all);
    // A reply of one part has its own key.
    let short = outgoing("Hello.".into());
    line.send(&short).await.expect("sent");
    assert_eq!(keys(&office).last(), Some(&short.key.to_string()));
}

#[tokio::test]
async fn each_part_in_doubt_is_asked_for() {
    let (office, long) = (Office::default(), long());
    let line = line(&office);
    office.finds([Found::Sent, Found::NotSent]);
    assert_eq!(line.find_out(&long).await, Found::NotSent);
    assert_eq!(office.asked(), [format!("{}/1", long.key), format!("{}/2", long.key)]);
    // The first is known to be there.
    line.send(&long).await.expect("sent");
    assert_eq!(office.sent().len(), 2);
    office.finds([Found::Sent, Found::Sent, Found::Sent]);
    assert_eq!(line.find_out(&long).await, Found::Sent);
    assert_eq!(line.find_out(&long).await, Found::Unknown);
}

#[tokio::test]
async fn a_reply_of_which_nothing_can_be_shown_is_not_sent_in_silence() {
    let line = line(&Office::default());
    let template = outgoing(Reply::default().with_template(flow_core::Template::new("parcel", "en")));
    let fate = line.send(&template).await.expect_err("nothing to show");
    assert_eq!(format!("{fate:?}"), "Never");
}
