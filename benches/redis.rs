//! Turns over a Redis beside the bare commits of its store, in rounds that take turns with each other; read the ratios.
//!
//! `cargo bench -p flow-bench --bench redis`, with `redis-server` installed.

mod conversation;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use flow_core::{
    Engine, Input, Limits, Record, SessionId, Stamp, Store,
    store::{Commit, Expect, Verdict},
};
use flow_proving::RedisServer;
use flow_redis::RedisStore;
use tokio::task::JoinSet;

use conversation::{Host, Talk};

/// How long each candidate runs in each round.
const SPELL: Duration = Duration::from_millis(700);

const ROUNDS: usize = 7;

/// How many times a second `act` was done by so many at once.
async fn rate<A: Future<Output = ()> + Send + 'static>(
    at_once: usize,
    act: impl Fn(usize) -> A + Clone + Send + 'static,
) -> f64 {
    let (count, began, mut workers) = (Arc::new(AtomicU64::new(0)), Instant::now(), JoinSet::new());
    for worker in 0..at_once {
        let (act, count) = (act.clone(), Arc::clone(&count));
        workers.spawn(async move {
            while began.elapsed() < SPELL {
                act(worker).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while workers.join_next().await.is_some() {}
    let count = u32::try_from(count.load(Ordering::Relaxed)).expect("a count");
    f64::from(count) / began.elapsed().as_secs_f64()
}

/// Commits of a record of about a kilobyte, and nothing else.
async fn commits(store: Arc<RedisStore>, at_once: usize) -> f64 {
    let ids: Arc<Vec<_>> = Arc::new((0..at_once).map(|_| SessionId::random()).collect());
    let stamps = Arc::new((0..at_once).map(|_| tokio::sync::Mutex::new(None::<Stamp>)).collect::<Vec<_>>());
    rate(at_once, move |worker| {
        let (store, ids, stamps) = (Arc::clone(&store), Arc::clone(&ids), Arc::clone(&stamps));
        async move {
            let mut last = stamps[worker].lock().await;
            let stamp = last.map_or_else(Stamp::first, |stamp| stamp.next());
            let record = Record::compose(stamp, &[b'x'; 900]);
            let expect = last.map_or(Expect::Absent, |stamp| Expect::At(stamp.into()));
            let commit = Commit::new(ids[worker], expect, record, "talk", "BEGIN");
            assert_eq!(store.commit(commit).await.expect("a commit"), Verdict::Done { waiting: 0 });
            *last = Some(stamp);
        }
    })
    .await
}

async fn turns(engine: Engine<Talk>, at_once: usize) -> f64 {
    let ids: Arc<Vec<_>> = Arc::new((0..at_once).map(|_| SessionId::random()).collect());
    let count = Arc::new(AtomicU64::new(0));
    rate(at_once, move |worker| {
        let (engine, ids, count) = (engine.clone(), Arc::clone(&ids), Arc::clone(&count));
        async move {
            let message = Input::text("Ana").with_id(format!("wamid.{}", count.fetch_add(1, Ordering::Relaxed)));
            engine.handle(ids[worker], message).await.expect("a turn");
        }
    })
    .await
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = RedisServer::start();
    let store = Arc::new(runtime.block_on(RedisStore::connect(&server.url())).expect("a store"));
    let engine = |warm| -> Engine<Talk> {
        let limits = Limits::default().history(10).remembered_messages(4);
        Talk::engine(Host).limits(limits).warm(warm).store(Arc::clone(&store))
    };
    let (remembers, reads) = (engine(64 * 1024 * 1024), engine(0));
    let mut rates = [const { Vec::new() }; 6];
    for _ in 0..ROUNDS {
        for (place, at_once) in [(0, 1), (3, 64)] {
            rates[place].push(runtime.block_on(commits(Arc::clone(&store), at_once)));
            rates[place + 1].push(runtime.block_on(turns(remembers.clone(), at_once)));
            rates[place + 2].push(runtime.block_on(turns(reads.clone(), at_once)));
        }
    }
    let names = ["commit", "turn", "turn that reads first"];
    let names = [1, 64].into_iter().flat_map(|at_once| names.map(|name| format!("{name}, {at_once} at once")));
    let medians = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    });
    for (name, median) in names.zip(medians) {
        println!("{name:35} {median:9.0}/s  {:.2} of 64 commits at once", median / medians[3]);
    }
}
