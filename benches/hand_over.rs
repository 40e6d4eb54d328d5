//! From a turn's commit to the hand-over of its reply to the channel, within one process, beside the answer that returns it.
//!
//! `cargo bench -p flow-bench --bench hand_over`

mod conversation;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use flow_core::{
    Address, Channel, Fate, Input, Observer, Outgoing, SessionId, Store,
    engine::{CallEnded, Verb},
};
use flow_memory::MemoryStore;
use flow_sqlite::SqliteStore;
use tokio::{
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::JoinSet,
    time::sleep,
};

use conversation::{Host, Talk};

/// Notes when the last commit of each session was answered.
#[derive(Clone, Default)]
struct Stopwatch(Arc<Mutex<HashMap<SessionId, Instant>>>);

impl Stopwatch {
    fn committed(&self, id: SessionId) -> Instant {
        self.0.lock().expect("a lock")[&id]
    }
}

impl Observer for Stopwatch {
    fn call_ended(&self, call: &CallEnded<'_>) {
        if let (Verb::Commit, Some(id)) = (call.verb, call.session) {
            self.0.lock().expect("a lock").insert(id, Instant::now());
        }
    }
}

/// Tells whose reply was handed over, and when.
struct Bell(UnboundedSender<(SessionId, Instant)>);

#[async_trait]
impl Channel for Bell {
    async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate> {
        self.0.send((outgoing.key.session, Instant::now())).expect("it is heard");
        Ok(())
    }
}

/// So many times, so many new visitors at once say a word each.
async fn measure(name: &str, store: Arc<dyn Store>, at_once: usize, messages: usize) {
    let (rings, mut heard) = unbounded_channel();
    let watch = Stopwatch::default();
    let bell = Bell(rings);
    let engine = Talk::engine(Host).channel("web", bell).observer(watch.clone()).store(store);
    engine.worker().start();
    sleep(Duration::from_millis(50)).await;
    let (mut returned, mut handed_over) = (Vec::new(), Vec::new());
    for number in 0..messages {
        let mut talks = JoinSet::new();
        for _ in 0..at_once {
            let (engine, watch, id) = (engine.clone(), watch.clone(), SessionId::random());
            talks.spawn(async move {
                let message = Input::text("Ana").with_id(format!("wamid.{number}"));
                engine.handle(id, message.with_address(Address::new("web", "visitor-7"))).await.expect("a turn");
                watch.committed(id).elapsed()
            });
        }
        for _ in 0..at_once {
            let (id, at) = heard.recv().await.expect("a reply");
            handed_over.push(at.saturating_duration_since(watch.committed(id)));
        }
        returned.extend(talks.join_all().await);
    }
    for (what, mut times) in [("returned", returned), ("handed over", handed_over)] {
        times.sort();
        let of = |share: usize| times[times.len() * share / 1_000];
        println!("{name:7} {at_once:2} at once: {what:12} p50 {:>9.1?}, p99 {:>9.1?}", of(500), of(990));
    }
    assert!(engine.shutdown(Duration::from_secs(10)).await.is_complete());
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    for (at_once, messages) in [(1, 5_000), (16, 300)] {
        measure("memory", Arc::new(MemoryStore::new()), at_once, messages).await;
        let sqlite = SqliteStore::open(folder.path().join(format!("{at_once}.db"))).expect("a store");
        measure("sqlite", Arc::new(sqlite), at_once, messages.min(2_000)).await;
    }
}
