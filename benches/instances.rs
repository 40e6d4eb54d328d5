//! What it costs that the messages of a session come to any of several instances: how often a handler runs, and how often the store is
//! asked, a turn.
//!
//! `cargo bench -p flow-bench --bench instances`, with `redis-server` installed.

mod conversation;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use flow_core::{
    Engine, Input, SessionId, Step, Turn,
    answers::Name,
    engine::{CallEnded, Observer, Verb},
};
use flow_proving::RedisServer;
use flow_redis::RedisStore;
use futures_util::{StreamExt, stream};

use conversation::{Begin, Chat, Talk, TalkHandler};

const SESSIONS: u64 = 500;

/// How many messages each says, one after the other.
const MESSAGES: u64 = 40;

const AT_ONCE: usize = 32;

/// What all instances have done.
#[derive(Clone, Default)]
struct Count {
    runs: Arc<AtomicU64>,
    calls: Arc<AtomicU64>,
}

impl TalkHandler for Count {
    async fn begin(&self, state: Begin, name: Name, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(state.chat(name, "ana@example.com".into(), "Acme and Daughters".into()))
    }

    async fn chat(&self, state: Chat, turn: Turn<'_, Chat>) -> Step<Chat> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        turn.to(state.chat())
    }
}

impl Observer for Count {
    fn call_ended(&self, call: &CallEnded<'_>) {
        if matches!(call.verb, Verb::Load | Verb::Commit) {
            self.calls.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// To which instance the next message of a session goes.
#[derive(Clone, Copy, Debug)]
enum Balancer {
    /// Always the same.
    Affine,
    /// The next one.
    InTurn,
    /// Any.
    AtRandom,
    /// Always the same, but for one message in twenty.
    MostlyAffine,
}

impl Balancer {
    fn instance(self, session: u64, message: u64, instances: u64) -> u64 {
        let own = session % instances;
        match self {
            Self::InTurn => (session + message) % instances,
            Self::AtRandom => fastrand::u64(..instances),
            Self::MostlyAffine if fastrand::u8(..20) == 0 => fastrand::u64(..instances),
            Self::Affine | Self::MostlyAffine => own,
        }
    }
}

/// How often a handler ran and the store was asked, a turn, and how long it took.
async fn talked(server: &RedisServer, instances: u64, balancer: Balancer, warm: usize) -> (f64, f64, Duration) {
    let count = Count::default();
    let mut engines = Vec::new();
    for _ in 0..instances {
        let store = RedisStore::connect(&server.url()).await.expect("a store");
        let engine: Engine<Talk> = Talk::engine(count.clone()).observer(count.clone()).warm(warm).store(store);
        engines.push(engine);
    }
    let engines = &engines;
    let visitors = (0..SESSIONS).map(|session| async move {
        let id = SessionId::random();
        for message in 0..MESSAGES {
            let instance = balancer.instance(session, message, instances);
            let engine = &engines[usize::try_from(instance).expect("a place")];
            let said = Input::text("Ana").with_id(format!("{session}.{message}"));
            engine.handle(id, said).await.expect("a turn");
        }
    });
    let began = Instant::now();
    stream::iter(visitors).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    let took = began.elapsed();
    // The first two messages open the session and give the name.
    let chats = SESSIONS * (MESSAGES - 2);
    let of = |count: &AtomicU64, whole: u64| {
        f64::from(u32::try_from(count.load(Ordering::Relaxed)).expect("a count"))
            / f64::from(u32::try_from(whole).expect("a count"))
    };
    (of(&count.runs, chats), of(&count.calls, SESSIONS * MESSAGES), took)
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = RedisServer::start();
    println!("{SESSIONS} sessions, {MESSAGES} messages each, {AT_ONCE} sessions at once");
    println!(
        "{:>9}  {:<13} {:>15} {:>15} {:>20}",
        "instances", "balancer", "handlers a turn", "calls a turn", "time, of reading"
    );
    for instances in [1, 2, 10] {
        for balancer in [Balancer::Affine, Balancer::MostlyAffine, Balancer::InTurn, Balancer::AtRandom] {
            let (_, _, reading) = runtime.block_on(talked(&server, instances, balancer, 0));
            let (runs, calls, took) = runtime.block_on(talked(&server, instances, balancer, 64 * 1024 * 1024));
            let ratio = took.as_secs_f64() / reading.as_secs_f64();
            println!("{instances:>9}  {:<13} {runs:>15.3} {calls:>15.3} {ratio:>20.2}", format!("{balancer:?}"));
        }
    }
}
