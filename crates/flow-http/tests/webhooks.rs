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
use flow_proving::Fickle;
use serde_json::{Value, json};
use support::{
    Desk, Visit,
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
        self.gets_bag(&json!({ "letters": letters })).await
    }

    /// The platform tells what became of the letters with these keys.
    async fn hears(&self, receipts: &[(&str, &str)]) -> StatusCode {
        let slip = |(key, became): &(&str, &str)| json!({ "to": "Ana", "key": key, "became": became });
        let slips: Vec<_> = receipts.iter().map(slip).collect();
        self.gets_bag(&json!({ "receipts": slips })).await
    }

    async fn gets_bag(&self, bag: &Value) -> StatusCode {
        let body = bag.to_string();
        let signature = signed(&secret("the secret of today"), Utc::now().timestamp(), &body);
        self.delivers(&body, &signature).await.0
    }

    async fn metric(&self, result: &str) -> Option<String> {
        self.series(&format!("flow_http_webhooks_total{{channel=\"post\",result=\"{result}\"}} ")).await
    }

    async fn series(&self, series: &str) -> Option<String> {
        let (_, text) = self.asks(Request::get("/metrics").body(Body::empty()).expect("a request")).await;
        text.lines().find_map(|line| line.strip_prefix(series)).map(str::to_owned)
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
    mailed.store.mood.goes_away();
    let body = json!({ "letters": letters }).to_string();
    let signature = signed(&secret("the secret of today"), Utc::now().timestamp(), &body);
    let (status, told) = mailed.delivers(&body, &signature).await;
    assert_eq!((status, told.contains("unavailable")), (StatusCode::SERVICE_UNAVAILABLE, true));
    assert_eq!(mailed.metric("not_now").await.as_deref(), Some("1"));
    mailed.store.mood.comes_back();
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
    // What is told of the last part is told of the reply.
    let all = [format!("{}/1", long.key), format!("{}/2", long.key), long.key.to_string()];
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

#[tokio::test]
async fn nobody_is_taken_for_one_who_writes_at_another_place() {
    use flow_core::Input;
    use flow_http::platform::Arrived;

    let line = line(&Office::default());
    let at = |place: &str| Arrived::new(place, Input::text("hi"));
    let in_group = line.session_of(&at("#hall").by("bob"));
    // A place may be a name that its owner has chosen.
    for other in ["5:#hallbob", "post\0#hallbob", "#hallbob", "#hall", "bob", "#hall bob"] {
        assert_ne!(line.session_of(&at(other)), in_group, "{other}");
    }
    assert_ne!(line.session_of(&at("#hal").by("lbob")), in_group);
    assert_eq!(line.session_of(&at("#hall").by("bob")), in_group);
}

/// How often something became of what was sent, as the metrics have it.
async fn received(mailed: &Mailed, became: &str) -> Option<String> {
    mailed.series(&format!("flow_http_receipts_total{{channel=\"post\",became=\"{became}\"}} ")).await
}

/// How many replies to Ana are to be sent.
async fn pending(mailed: &Mailed) -> usize {
    let ana = mailed.line.session_of(&flow_http::platform::Arrived::new("Ana", flow_core::Input::text("x")));
    mailed.engine.peek(ana).await.expect("the store").expect("a session").pending()
}

#[tokio::test]
async fn what_the_platform_tells_of_what_it_was_sent_is_noted_and_a_key_that_is_none_of_ours_is_nothing() {
    let mailed = Mailed::new();
    mailed.gets(json!([{"id": "1", "from": "Ana", "text": "hello"}])).await;
    mailed.office.has_sent(1).await;
    let key = mailed.office.sent()[0].1.clone();
    assert_eq!(
        mailed.hears(&[(&key, "delivered"), (&key, "sent"), (&key, "read"), (&key, "read")]).await,
        StatusCode::OK
    );
    assert_eq!(mailed.metric("noted").await.as_deref(), Some("1"));
    assert_eq!(
        (received(&mailed, "sent").await, received(&mailed, "read").await),
        (Some("1".into()), Some("2".into()))
    );
    let of_another = Key::new(SessionId::random(), Stamp::first(), 0).to_string();
    for forged in ["", "canary", &format!("{key}/0"), &format!("{key}/1/1"), &of_another, &key.to_uppercase()] {
        assert_eq!(mailed.hears(&[(forged, "failed")]).await, StatusCode::OK, "{forged}");
    }
    assert_eq!(mailed.metric("nothing").await.as_deref(), Some("6"));
    assert_eq!(received(&mailed, "failed").await, None);
}

#[tokio::test]
async fn a_letter_in_doubt_is_known_to_be_there_once_its_last_part_is() {
    let mailed = Mailed::new();
    let doubt = || Fate::in_doubt("no answer");
    mailed.office.fails_after(0, doubt());
    mailed.office.finds([Found::NotSent]);
    mailed.gets(json!([{"id": "1", "from": "Ana", "text": "hello"}])).await;
    while mailed.office.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let key = mailed.office.asked()[0].clone();
    // Another part, as a longer reply would have it, says nothing of the whole.
    mailed.hears(&[(&format!("{key}/1"), "read")]).await;
    assert_eq!(pending(&mailed).await, 1);
    // Until it is stored the platform is asked to tell it again.
    mailed.store.mood.goes_away();
    assert_eq!(mailed.hears(&[(&key, "sent")]).await, StatusCode::SERVICE_UNAVAILABLE);
    mailed.store.mood.comes_back();
    while mailed.hears(&[(&key, "sent")]).await != StatusCode::OK {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(pending(&mailed).await, 0);
}

#[tokio::test]
async fn a_part_that_the_platform_says_it_has_is_not_sent_again() {
    let (office, long) = (Office::default(), long());
    let line = line(&office);
    let engine = Visit::engine(Desk).store(flow_memory::MemoryStore::new());
    office.fails_after(0, Fate::in_doubt("no answer"));
    line.send(&long).await.expect_err("in doubt");
    let told = flow_http::platform::Receipt::new("Ana", format!("{}/1", long.key), flow_http::platform::Became::Sent);
    line.take_receipt(&engine, &told).await.expect("noted");
    line.send(&long).await.expect("sent");
    let keys: Vec<_> = office.sent().into_iter().map(|(_, key, _)| key).collect();
    assert_eq!(keys, [format!("{}/2", long.key), long.key.to_string()]);
}

#[tokio::test]
async fn a_part_of_which_the_platform_says_that_it_failed_is_sent_again_with_the_reply() {
    use flow_http::platform::{Became, Receipt};

    let (office, long) = (Office::default(), long());
    let line = line(&office);
    let engine = Visit::engine(Desk).store(flow_memory::MemoryStore::new());
    line.send(&long).await.expect("sent");
    let first = format!("{}/1", long.key);
    // Sent, and then not delivered.
    for became in [Became::Sent, Became::Failed("nobody is there".to_owned())] {
        line.take_receipt(&engine, &Receipt::new("Ana", &*first, became)).await.expect("noted");
    }
    // An operator has it sent again.
    line.send(&long).await.expect("sent");
    let keys: Vec<_> = office.sent().into_iter().map(|(_, key, _)| key).collect();
    assert_eq!(keys[3..], [first, format!("{}/2", long.key), long.key.to_string()]);
}

/// A part that no reply has, at a platform that makes a mistake or lies.
#[tokio::test]
async fn a_receipt_of_a_part_that_there_is_not_does_not_swallow_a_reply() {
    use flow_http::platform::{Became, Receipt};

    let (office, long) = (Office::default(), long());
    let line = line(&office);
    let engine = Visit::engine(Desk).store(flow_memory::MemoryStore::new());
    for part in ["3", "4", "18446744073709551615"] {
        let told = Receipt::new("Ana", format!("{}/{part}", long.key), Became::Read);
        line.take_receipt(&engine, &told).await.expect("noted");
    }
    line.send(&long).await.expect("sent");
    assert_eq!(office.sent().len(), 3);
}

/// A platform that delivers whole freight trains.
struct Freight;

#[async_trait::async_trait]
impl flow_http::platform::Platform for Freight {
    const SCREEN: flow_http::platform::Screen = flow_http::platform::Screen::of_text(40);
    const LARGEST_REQUEST: usize = 3 << 20;
    type Wire = ();

    fn verify(&self, _: &flow_http::platform::Hook<'_>) -> Result<(), flow_http::platform::Forged> {
        Err(flow_http::platform::Forged::Unsigned)
    }

    fn read(
        &self,
        _: &flow_http::platform::Hook<'_>,
    ) -> Result<flow_http::platform::Arrivals, flow_http::platform::Unreadable> {
        Ok(flow_http::platform::Arrivals::none())
    }

    fn render(&self, _: &flow_http::platform::Part<'_>) {}

    async fn send(&self, _: &str, (): &(), _: &str) -> Result<(), Fate> {
        Ok(())
    }
}

/// Each of many connections brings a large body, of which nobody knows yet whether it comes from the platform.
#[tokio::test]
async fn what_is_not_verified_yet_is_bounded_in_all_and_small_requests_still_pass() {
    let line = Line::new("freight", Freight, secret("a secret of at least sixteen bytes"));
    let builder = Visit::engine(Desk).channel(line.name(), line.clone());
    let site = Site::new(builder.store(flow_memory::MemoryStore::new()));
    let routes = site.webhook("/hooks/freight", &line).expect("a channel").routes();
    let asks = |body: Body| {
        let request = Request::post("/hooks/freight").body(body).expect("a request");
        let answered = routes.clone().oneshot(request);
        async move { answered.await.expect("an answer").status() }
    };
    let (release, held) = tokio::sync::watch::channel(false);
    let chunk = axum::body::Bytes::from(vec![b'x'; 2 << 20]);
    let stalled = (0..50).map(|_| {
        let (chunk, mut held) = (chunk.clone(), held.clone());
        let begins = futures_util::stream::once(async { Ok::<_, std::io::Error>(chunk) });
        let stalls = futures_util::stream::once(async move {
            let _ = held.wait_for(|is_released| *is_released).await;
            Ok(axum::body::Bytes::new())
        });
        tokio::spawn(asks(Body::from_stream(futures_util::StreamExt::chain(begins, stalls))))
    });
    let stalled: Vec<_> = stalled.collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(asks(Body::from("x")).await, StatusCode::UNAUTHORIZED, "a small one");
    release.send(true).expect("some wait");
    let mut refused = 0;
    for answer in stalled {
        match answer.await.expect("no panic") {
            StatusCode::SERVICE_UNAVAILABLE => refused += 1,
            status => assert_eq!(status, StatusCode::UNAUTHORIZED),
        }
    }
    assert!((15..25).contains(&refused), "of 100 MiB 64 are held, and {refused} of 50 were refused");
    assert_eq!(asks(Body::from(chunk)).await, StatusCode::UNAUTHORIZED, "there is room again");
}
