//! Many open streams while nobody talks: they ask the store nothing, whichever store it is. What another process says then is heard
//! within a second, by who it is for.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use flow_core::{Address, Engine, Input, Secret, SessionId, Store, engine::Shelf};
use flow_http::{
    Access, Limits, Site, Tokens,
    axum::{
        Router,
        body::{Body, BodyDataStream},
        http::{Request, StatusCode},
    },
};
use flow_memory::MemoryStore;
use flow_postgres::PostgresStore;
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use futures_util::StreamExt as _;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::ServiceExt as _;

use crate::{
    meddler::Meddler,
    post_office::{Clerk, Postman},
};

/// Longer than the time after which an engine looks whether anybody still listens.
const SILENCE: Duration = Duration::from_secs(6);

/// What anything may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(30);

const A_SECOND: Duration = Duration::from_secs(1);

/// To how many of the visitors something is said.
const SPOKEN_TO: usize = 20;

/// How many streams there are; `FLOW_STREAMS=10000` for many.
fn streams() -> usize {
    std::env::var("FLOW_STREAMS").ok().and_then(|streams| streams.parse().ok()).unwrap_or(1_000)
}

/// An engine of a process of its own.
fn engine(store: impl Store + 'static) -> Engine<Postman> {
    Postman::engine(Clerk::default()).collected("web", Shelf::default()).store(store)
}

/// A site with many open streams, each of a visitor of its own.
struct Hall {
    visitors: Vec<SessionId>,
    heard: UnboundedReceiver<(SessionId, Instant)>,
    _streams: JoinSet<()>,
}

impl Hall {
    async fn open(engine: Engine<Postman>) -> Self {
        let tokens = Tokens::signed_with(Secret::new("a secret of at least sixteen bytes").expect("long enough"));
        let site = Site::new(engine).limits(Limits::default().streams(streams()).address_streams(streams()));
        let site = site.chat("/chat", "web", Access::by_token(tokens.clone())).expect("it is collected");
        let (routes, ready) = (site.routes(), Arc::new(AtomicUsize::new(0)));
        let (tell, heard) = unbounded_channel();
        let (mut visitors, mut all) = (Vec::new(), JoinSet::new());
        for _ in 0..streams() {
            let (id, token) = tokens.issue();
            visitors.push(id);
            all.spawn(listen(routes.clone(), token, id, Arc::clone(&ready), tell.clone()));
        }
        let began = Instant::now();
        while ready.load(Ordering::SeqCst) < streams() {
            assert!(began.elapsed() < PATIENCE * 10, "{} streams are open", ready.load(Ordering::SeqCst));
            sleep(Duration::from_millis(10)).await;
        }
        // The site itself goes: an app may have no more of it than its routes.
        Self { visitors, heard, _streams: all }
    }
}

async fn stream(routes: Router, token: String) -> BodyDataStream {
    let request = Request::get("/chat/replies").header("accept", "text/event-stream");
    let request = request.header("authorization", format!("Bearer {token}")).body(Body::empty());
    let answer = routes.oneshot(request.expect("a request")).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    answer.into_body().into_data_stream()
}

/// Tells each reply that a stream hears. Where one ends before all that waited was told, because the store was too busy, another is
/// begun.
async fn listen(
    routes: Router,
    token: String,
    id: SessionId,
    ready: Arc<AtomicUsize>,
    tell: UnboundedSender<(SessionId, Instant)>,
) {
    let mut is_ready = false;
    while !is_ready {
        let mut stream = stream(routes.clone(), token.clone()).await;
        while let Some(Ok(event)) = stream.next().await {
            if event.starts_with(b"event: ready") {
                is_ready = true;
                ready.fetch_add(1, Ordering::SeqCst);
            } else if event.starts_with(b"event: reply") && tell.send((id, Instant::now())).is_err() {
                return;
            }
        }
    }
}

/// Waits until nothing is asked any more: once they are told of changes, all streams look once.
async fn comes_to_rest(store: &Meddler) -> usize {
    loop {
        let calls = store.calls();
        sleep(A_SECOND).await;
        if store.calls() == calls {
            return calls;
        }
    }
}

/// Streams through the one handle, and another process through the other. What its server was asked is counted there too.
async fn silence_asks_nothing(
    name: &str,
    ours: impl Store + 'static,
    theirs: impl Store + 'static,
    asked: impl Fn() -> u64,
) {
    let store = Arc::new(Meddler::over(ours));
    let mut hall = Hall::open(engine(Arc::clone(&store))).await;
    let (calls, of_the_server) = (comes_to_rest(&store).await, asked());
    sleep(SILENCE).await;
    let of_the_server = asked() - of_the_server;
    assert_eq!(store.calls(), calls, "{name}: nobody talks");
    assert_eq!(store.listened(), 1, "{name}: one listens for all");
    assert!(of_the_server < 20, "{name}: the server was asked {of_the_server} times");

    let (elsewhere, mut longest) = (engine(theirs), Duration::ZERO);
    for id in hall.visitors.iter().step_by(streams() / SPOKEN_TO) {
        let message = Input::text("hi").with_address(Address::new("web", id.to_string()));
        elsewhere.accept(*id, message).await.expect("it is accepted");
        let said = Instant::now();
        let (who, when) = timeout(PATIENCE, hall.heard.recv()).await.expect("it is heard").expect("a stream");
        assert_eq!(who, *id, "{name}");
        longest = longest.max(when.saturating_duration_since(said));
    }
    assert!(longest < A_SECOND, "{name}: {longest:?}");
    assert_eq!(store.calls() - calls, SPOKEN_TO, "{name}: who is spoken to looks once, and nobody else");
    hall.heard.try_recv().expect_err("nobody else has heard anything");
    println!(
        "{name}: {} streams were silent, the server was asked {of_the_server} times in {SILENCE:?}; \
         what another process said was heard after {longest:?} at the longest",
        streams()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_ask_the_memory_nothing_while_nobody_talks() {
    let store = Arc::new(MemoryStore::new());
    silence_asks_nothing("memory", Arc::clone(&store), store, || 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_ask_a_file_nothing_while_nobody_talks() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || SqliteStore::open(folder.path().join("bot.db")).expect("a store");
    silence_asks_nothing("SQLite", open(), open(), || 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_ask_redis_nothing_while_nobody_talks() {
    let server = RedisServer::start();
    let connect = async || {
        let builder = RedisStore::builder(&server.url()).connect_deadline(PATIENCE).call_deadline(PATIENCE);
        builder.connect().await.expect("a store")
    };
    let commands = || {
        let told = server.ask(&["INFO", "stats"]);
        let line = told.lines().find_map(|line| line.strip_prefix("total_commands_processed:"));
        line.expect("a count").trim().parse().expect("a number")
    };
    silence_asks_nothing("Redis", connect().await, connect().await, commands).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_ask_postgres_nothing_while_nobody_talks() {
    let server = PostgresServer::start_quick();
    let connect = async || {
        let builder = PostgresStore::builder(&server.url("postgres")).connect_deadline(PATIENCE);
        builder.call_deadline(PATIENCE).connect().await.expect("a store")
    };
    // What it says of its transactions it says up to ten seconds late.
    silence_asks_nothing("Postgres", connect().await, connect().await, || 0).await;
}
