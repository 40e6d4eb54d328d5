//! What is counted: each operation by its name, got ready, and done so many times.

use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;
use flow_core::{
    Address, Channel, Engine, EngineBuilder, Fate, Flow, Input, Limits, Message, Outgoing, Record, Secret, SessionId,
    Stamp, Store,
    engine::Said,
    store::{Commit, Expect, Verdict},
};
use flow_memory::MemoryStore;
use flow_proving::RedisServer;
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use tokio::{runtime::Runtime, sync::Semaphore, task::yield_now};

use crate::talks::{Asker, Deep, Host, Talk, Trip};

/// How many turns were taken before: the history, the replies and the ids that a record keeps are full by then.
const BEFORE: u64 = 80;

/// The name of each operation, and what it is.
pub const OPERATIONS: [(&str, &str); 16] = [
    ("turn", "a turn over the memory store, ten steps of history and four messages kept"),
    ("turn-by-default", "the same with the defaults: fifty steps and sixteen messages"),
    ("turn-with-id", "a turn whose message has an id, sixteen of them known"),
    ("first-turn", "a turn that begins a session"),
    ("repeat", "a message that was answered before"),
    ("peek", "a look at a session"),
    ("peek-at-nobody", "a look at a session that is not there"),
    ("turn-two-flows-deep", "a turn in a flow that is run by a flow that is run by a flow"),
    ("turn-with-channel", "a turn, its reply sent by a channel and a worker, and struck off"),
    ("accept", "a message that is taken in, and its turn"),
    ("once", "a turn that asks the world once"),
    ("said", "a turn with what was said kept: the last ten things"),
    ("turn-on-sqlite", "a turn over a SQLite file: what the thread of the turns does"),
    ("commit-on-sqlite", "a commit of 0.9 kB to it"),
    ("turn-on-redis", "a turn over Redis: what the client does"),
    ("commit-on-redis", "a commit of 0.9 kB to it"),
];

/// The function that callgrind counts in: nothing outside it is.
#[inline(never)]
pub fn counted_section<T>(runtime: &Runtime, work: impl Future<Output = T>) -> T {
    runtime.block_on(work)
}

/// Does an operation so many times in [`counted_section`], after all that it needs. False if none has this name.
pub fn perform(operation: &str, times: u64) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let memory = || Arc::new(MemoryStore::new());
    let few = || Limits::default().history(10).remembered_messages(4).known_ids(16);
    let talk = || -> EngineBuilder<Talk> { Talk::engine(Host).limits(few()) };
    let plain = |engine: &Engine<Talk>| turns(&runtime, times, engine, |_| Input::text("Ana").into());
    match operation {
        "turn" => plain(&talk().store(memory())),
        "turn-by-default" => plain(&Talk::engine(Host).store(memory())),
        "turn-with-id" => turns(&runtime, times, &talk().store(memory()), with_id),
        "first-turn" => first_turns(&runtime, times, &talk().store(memory())),
        "repeat" => repeats(&runtime, times, &talk().store(memory())),
        "peek" => peeks(&runtime, times, &talk().store(memory()), visitor(0)),
        "peek-at-nobody" => peeks(&runtime, times, &talk().store(memory()), visitor(1)),
        "turn-two-flows-deep" => {
            let engine: Engine<Trip> = Trip::engine(Deep).limits(few()).store(memory());
            turns(&runtime, times, &engine, |_| Input::text("Ana").into());
        }
        "turn-with-channel" => sent_turns(&runtime, times, talk()),
        "accept" => accepted(&runtime, times, &talk().store(memory())),
        "once" => {
            let engine: Engine<Talk> = Talk::engine(Asker).limits(few()).store(memory());
            turns(&runtime, times, &engine, with_id);
        }
        "said" => turns(&runtime, times, &talk().keep_said(Said::for_days(30).at_most(10)).store(memory()), with_id),
        "turn-on-sqlite" | "commit-on-sqlite" => {
            let folder = tempfile::tempdir().expect("a folder");
            let opened = SqliteStore::open(folder.path().join("sessions.db"));
            let store = Arc::new(opened.expect("a store"));
            if operation == "turn-on-sqlite" { plain(&talk().store(store)) } else { commits(&runtime, times, &*store) }
        }
        "turn-on-redis" | "commit-on-redis" => {
            let server = RedisServer::start();
            let store = Arc::new(runtime.block_on(RedisStore::connect(&server.url())).expect("a store"));
            if operation == "turn-on-redis" { plain(&talk().store(store)) } else { commits(&runtime, times, &*store) }
        }
        _ => return false,
    }
    true
}

/// The same in every run, so that it lies in the same place of every map.
fn visitor(number: u64) -> SessionId {
    let secret = Secret::new(*b"known to everybody, as it is no secret").expect("long enough");
    SessionId::derived(&secret, "budgets", &format!("visitor-{number}"))
}

fn with_id(number: u64) -> Message {
    Input::text("Ana").with_id(format!("wamid.{}", 1_000 + number))
}

async fn take<F: Flow + Debug>(engine: &Engine<F>, id: SessionId, message: Message) {
    let outcome = engine.handle(id, message).await.expect("a turn");
    assert!(!outcome.is_repeat(), "a turn is taken");
}

fn turns<F: Flow + Debug>(runtime: &Runtime, times: u64, engine: &Engine<F>, message: impl Fn(u64) -> Message) {
    let id = visitor(0);
    let several = async |numbers: std::ops::Range<u64>| {
        for number in numbers {
            take(engine, id, message(number)).await;
        }
    };
    runtime.block_on(several(0..BEFORE));
    counted_section(runtime, several(BEFORE..BEFORE + times));
}

fn first_turns(runtime: &Runtime, times: u64, engine: &Engine<Talk>) {
    let ids: Vec<_> = (0..BEFORE + times).map(visitor).collect();
    let (before, counted) = ids.split_at(usize::try_from(BEFORE).expect("a few"));
    let several = async |ids: &[SessionId]| {
        for id in ids {
            take(engine, *id, Input::text("Ana").into()).await;
        }
    };
    runtime.block_on(several(before));
    counted_section(runtime, several(counted));
}

fn repeats(runtime: &Runtime, times: u64, engine: &Engine<Talk>) {
    let id = visitor(0);
    runtime.block_on(async {
        for number in 0..BEFORE {
            take(engine, id, with_id(number)).await;
        }
    });
    counted_section(runtime, async {
        for _ in 0..times {
            let outcome = engine.handle(id, with_id(BEFORE - 1)).await.expect("an answer");
            assert!(outcome.is_repeat(), "it was answered before");
        }
    });
}

fn peeks(runtime: &Runtime, times: u64, engine: &Engine<Talk>, at: SessionId) {
    let known = visitor(0);
    runtime.block_on(async {
        for number in 0..BEFORE {
            take(engine, known, with_id(number)).await;
        }
        engine.peek(at).await.expect("a look");
    });
    counted_section(runtime, async {
        for _ in 0..times {
            let session = engine.peek(at).await.expect("a look");
            assert_eq!(session.is_some(), at == known);
        }
    });
}

fn accepted(runtime: &Runtime, times: u64, engine: &Engine<Talk>) {
    let id = visitor(0);
    let several = async |numbers: std::ops::Range<u64>| {
        for number in numbers {
            engine.accept(id, with_id(number)).await.expect("it is accepted");
        }
    };
    runtime.block_on(several(0..BEFORE));
    counted_section(runtime, several(BEFORE..BEFORE + times));
}

/// Counts what is sent.
struct Counter(Semaphore);

#[async_trait]
impl Channel for Counter {
    async fn send(&self, _: &Outgoing) -> Result<(), Fate> {
        self.0.add_permits(1);
        Ok(())
    }
}

fn sent_turns(runtime: &Runtime, times: u64, builder: EngineBuilder<Talk>) {
    let (id, channel) = (visitor(0), Arc::new(Counter(Semaphore::new(0))));
    let engine = builder.channel("web", Arc::clone(&channel)).store(Arc::new(MemoryStore::new()));
    let several = async |numbers: std::ops::Range<u64>| {
        for number in numbers {
            let message = with_id(number).with_address(Address::new("web", "visitor-7"));
            take(&engine, id, message).await;
            channel.0.acquire().await.expect("it is never closed").forget();
            // The deliverer notes what it has sent.
            yield_now().await;
        }
    };
    runtime.block_on(async {
        engine.worker().start();
        yield_now().await;
        several(0..BEFORE).await;
    });
    counted_section(runtime, several(BEFORE..BEFORE + times));
}

fn commits(runtime: &Runtime, times: u64, store: &dyn Store) {
    let (id, mut last) = (visitor(0), None::<Stamp>);
    let mut several = async |times: u64| {
        for _ in 0..times {
            let stamp = last.map_or_else(Stamp::first, |stamp| stamp.next());
            let expect = last.map_or(Expect::Absent, |stamp| Expect::At(stamp.into()));
            let record = Record::compose(stamp, &[b'x'; 900]);
            let verdict = store.commit(Commit::new(id, expect, record, "talk", "BEGIN")).await;
            assert_eq!(verdict.expect("a commit"), Verdict::Done { waiting: 0 });
            last = Some(stamp);
        }
    };
    runtime.block_on(several(BEFORE));
    counted_section(runtime, several(times));
}
