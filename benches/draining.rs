//! Going through inboxes that a process has left: a hundred letters of one session, and one of each of a thousand sessions. What it
//! takes, what it asks of the store, and how much of it is read how often.
//!
//! `cargo bench -p flow-bench --bench draining`, with `redis-server` and Postgres installed.

mod conversation;
mod counted;

use std::{
    future::pending,
    sync::Arc,
    time::{Duration, Instant},
};

use flow_core::{
    Engine, Input, Observer, SessionId, Step, Store, Turn,
    answers::Name,
    engine::{Inbox, TurnEnded, TurnKind},
    store::{Letter, Post},
};
use flow_memory::MemoryStore;
use flow_postgres::PostgresStore;
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use tokio::{sync::Semaphore, time::sleep};

use conversation::{Begin, Chat, Host, Talk, TalkHandler};
use counted::{Calls, Counted};

/// Counts the turns that were taken.
struct Turns(Arc<Semaphore>);

impl Observer for Turns {
    fn turn_ended(&self, turn: &TurnEnded<'_>) {
        if turn.kind == TurnKind::Taken {
            self.0.add_permits(1);
        }
    }
}

/// Never comes to an answer.
struct Hung;

impl TalkHandler for Hung {
    async fn begin(&self, state: Begin, name: Name, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(state.chat(name, "ana@example.com".into(), "Acme and Daughters".into()))
    }

    async fn chat(&self, _: Chat, _: Turn<'_, Chat>) -> Step<Chat> {
        pending().await
    }
}

/// Letters of messages of so many bytes, as an engine posts them while the first of them is handled.
async fn letters(count: usize, bytes: usize) -> Vec<Letter> {
    let store = Arc::new(Counted::over(Arc::new(MemoryStore::new())));
    let engine: Engine<Talk> =
        Talk::engine(Hung).inbox(Inbox::default().patience(Duration::ZERO)).store(Arc::clone(&store));
    let id = SessionId::random();
    for name in ["Ana", "Ana"] {
        engine.handle(id, Input::text(name)).await.expect("a turn");
    }
    for number in 0..count {
        let message = Input::text("x".repeat(bytes)).with_id(format!("wamid.{number}"));
        assert!(engine.accept(id, message).await.expect("it is accepted").is_waiting());
    }
    store.calls().posted
}

/// Puts these letters into the inbox of each of so many sessions, and has a worker go through them.
async fn drain(name: &str, store: &Arc<dyn Store>, sessions: usize, letters: &[Letter]) {
    let (counted, turns) = (Arc::new(Counted::over(Arc::clone(store))), Arc::new(Semaphore::new(0)));
    let engine: Engine<Talk> = Talk::engine(Host).observer(Turns(Arc::clone(&turns))).store(Arc::clone(&counted));
    let taken = |count: usize| {
        let turns = Arc::clone(&turns);
        async move { turns.acquire_many(count.try_into().expect("a number")).await.expect("it is open").forget() }
    };
    for _ in 0..sessions {
        let id = SessionId::random();
        for name in ["Ana", "Ana"] {
            engine.handle(id, Input::text(name)).await.expect("a turn");
        }
        for letter in letters {
            store.post(Post::new(id, "talk", letter.clone(), Duration::ZERO)).await.expect("a post");
        }
    }
    taken(2 * sessions).await;
    counted.calls();
    let began = Instant::now();
    engine.worker().start();
    taken(sessions * letters.len()).await;
    let took = began.elapsed();
    sleep(Duration::from_millis(100)).await;
    let Calls { loads, commits, letters: read, bytes, .. } = counted.calls();
    let waited: usize = letters.iter().map(|letter| letter.body.len()).sum();
    println!(
        "{name:10} {sessions:5} × {:3} letters, {:7} bytes: {took:>9.1?}, {loads} loads, {commits} commits, {read} letters of {bytes} bytes read",
        letters.len(),
        sessions * waited,
    );
    assert!(engine.shutdown(Duration::from_secs(10)).await.is_complete());
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let postgres = PostgresServer::start();
    let redis = RedisServer::start();
    let stores: [(&str, Arc<dyn Store>); 4] = [
        ("memory", Arc::new(MemoryStore::new())),
        ("sqlite", Arc::new(SqliteStore::open(folder.path().join("bot.db")).expect("a store"))),
        ("redis", Arc::new(RedisStore::connect(&redis.url()).await.expect("a store"))),
        ("postgres", Arc::new(PostgresStore::connect(&postgres.url("postgres")).await.expect("a store"))),
    ];
    for (count, bytes) in [(100, 3), (100, 2_400)] {
        let letters = letters(count, bytes).await;
        for (name, store) in &stores {
            drain(name, store, 1, &letters).await;
        }
    }
    let letter = letters(1, 3).await;
    for (name, store) in &stores {
        drain(name, store, 1_000, &letter).await;
    }
}
