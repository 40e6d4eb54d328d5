//! Several processes that serve one account keep to its limit together.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::Utc;
use flow_core::{
    Address, Channel as _, Fate, Key, Observer, Outgoing, Secret, SessionId, Stamp, Store,
    engine::{CallEnded, Verb},
};
use flow_http::platform::{Arrivals, Forged, Hook, Line, Pace, Part, Platform, Rate, Screen, Unreadable};
use flow_memory::MemoryStore;
use flow_proving::RedisServer;
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::post_office::{Clerk, Postman};

/// When each message came.
#[derive(Clone, Default)]
struct Counter(Arc<Mutex<Vec<Instant>>>);

#[async_trait]
impl Platform for Counter {
    const SCREEN: Screen = Screen::of_text(160);
    const PACE: Pace = Pace::NONE.overall(Rate::per_second(100));
    type Wire = ();

    fn verify(&self, _: &Hook<'_>) -> Result<(), Forged> {
        Ok(())
    }

    fn read(&self, _: &Hook<'_>) -> Result<Arrivals, Unreadable> {
        Ok(Arrivals::none())
    }

    fn render(&self, _: &Part<'_>) {}

    async fn send(&self, _: &str, (): &(), _: &str) -> Result<(), Fate> {
        self.0.lock().expect("a lock").push(Instant::now());
        Ok(())
    }
}

/// How often the store was called.
#[derive(Clone, Default)]
struct Calls(Arc<AtomicUsize>);

impl Observer for Calls {
    fn call_ended(&self, call: &CallEnded<'_>) {
        if call.verb == Verb::Commit {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

const TIME: Duration = Duration::from_secs(3);

/// Sends as fast as it may, from so many tasks, for a while.
async fn floods(line: Line<Counter>, tasks: usize) {
    let began = Instant::now();
    let mut all = JoinSet::new();
    for task in 0..tasks {
        let line = line.clone();
        all.spawn(async move {
            while began.elapsed() < TIME {
                let key = Key::new(SessionId::random(), Stamp::first(), 0);
                let address = Address::new("counter", format!("visitor {task}"));
                if let Err(fate) = line.send(&Outgoing::new(key, address, "hi".into(), Utc::now())).await {
                    sleep(fate.wait().expect("it is to wait").0).await;
                }
            }
        });
    }
    all.join_all().await;
}

/// How often it is looked: a process whose store does not answer for half a second goes on alone, and on a machine that is busy enough
/// that happens.
const LOOKS: usize = 3;

/// Three processes send what they can by one account, over stores that are one.
async fn keeps_to_it<S: Store + 'static>(store: impl Fn() -> S) {
    let mut most = Vec::new();
    for _ in 0..LOOKS {
        most.push(most_in_a_second(&store).await);
        // A machine that is busy wakes what waits too late, at the worst with all of a share that was given for a quarter of a second.
        if most.last().is_some_and(|most| *most <= 125) {
            return;
        }
    }
    panic!("{most:?} in a second");
}

/// How many are sent in a second, at most.
async fn most_in_a_second<S: Store + 'static>(store: impl Fn() -> S) -> usize {
    let (counter, calls) = (Counter::default(), Calls::default());
    let secret = || Secret::new("a secret of at least sixteen bytes").expect("long enough");
    let mut processes = JoinSet::new();
    let mut engines = Vec::new();
    for _ in 0..3 {
        let line = Line::new("counter", counter.clone(), secret());
        let builder = Postman::engine(Clerk::default()).channel("counter", line.clone()).observer(calls.clone());
        let engine = builder.store(store());
        line.share_pace(&engine);
        engines.push(engine);
        processes.spawn(floods(line, 8));
    }
    processes.join_all().await;
    let sent = counter.0.lock().expect("a lock").clone();
    let window = Duration::from_secs(1);
    let in_window = |first: &Instant| sent.iter().filter(|at| (*first..*first + window).contains(at)).count();
    let most = sent.iter().map(in_window).max().expect("some");
    assert!(sent.len() >= 200, "what there is, is used: {}", sent.len());
    // A few times a second, and not for each message. Some lose, and ask again.
    let commits = calls.0.load(Ordering::Relaxed);
    assert!(commits <= sent.len() / 3, "{commits} commits for {} messages", sent.len());
    most
}

#[tokio::test]
async fn three_processes_on_redis_keep_to_the_limit_of_their_account() {
    let server = RedisServer::start();
    let mut stores = Vec::new();
    for _ in 0..3 * LOOKS {
        stores.push(RedisStore::builder(&server.url()).connect().await.expect("a store"));
    }
    let stores = Mutex::new(stores);
    keeps_to_it(|| stores.lock().expect("a lock").pop().expect("one each")).await;
}

#[tokio::test]
async fn three_processes_on_one_file_keep_to_the_limit_of_their_account() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bot.db");
    keeps_to_it(|| SqliteStore::open(&path).expect("a store")).await;
}

#[tokio::test]
async fn three_engines_of_one_process_keep_to_the_limit_of_their_account() {
    let store = Arc::new(MemoryStore::new());
    keeps_to_it(|| Arc::clone(&store)).await;
}
