//! Several processes that serve one account keep to its limit together.

use std::{
    sync::{Arc, Mutex},
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

use crate::{
    log::{listen, logged},
    post_office::{Clerk, Postman},
};

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

/// How often the store was written to, and how long a call of it took at most.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<(usize, Duration)>>);

impl Observer for Calls {
    fn call_ended(&self, call: &CallEnded<'_>) {
        let (commits, longest) = &mut *self.0.lock().expect("a lock");
        *commits += usize::from(call.verb == Verb::Commit);
        *longest = call.took.max(*longest);
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

/// How late this machine was with what it was to do.
#[derive(Clone, Copy)]
struct Lateness {
    /// Until what waits was woken.
    waking: Duration,
    /// Until a slot was given: a look at the record, and a write.
    giving: Duration,
}

impl Lateness {
    /// Whether it can be judged how many were sent: a process whose store does not answer for half a second goes on alone, as it must.
    fn can_be_judged(self) -> bool {
        self.waking < Duration::from_millis(200) && self.giving < Duration::from_millis(400)
    }

    /// How many may be sent in a second by somebody who was given a hundred slots of it, and is late with some.
    fn most_in_a_second(self) -> f64 {
        let late = self.waking + self.giving;
        // Each slot is used in its time, which is a hundredth, at the beginning or at the end of it.
        100.0 * (1.0 + late.as_secs_f64()) + 2.0
    }
}

/// Wakes again and again while something is done, and tells how late it was at most.
async fn lateness_while(what: impl Future<Output = ()>) -> Duration {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut latest = Duration::ZERO;
    let waking = async {
        loop {
            let asleep = Instant::now();
            sleep(PAUSE).await;
            latest = latest.max(asleep.elapsed().saturating_sub(PAUSE));
        }
    };
    tokio::select! {
        () = what => {}
        () = waking => {}
    }
    latest
}

/// So often it is looked at most until it can be judged.
const LOOKS: usize = 10;

/// Three processes send what they can by one account, over stores that are one.
async fn keeps_to_it<S: Store + 'static>(store: impl Fn() -> S) {
    for _ in 0..LOOKS {
        let (sent, commits, late) = looks(&store).await;
        let in_window = |first: &Instant| sent.iter().filter(|at| (*first..*first + SECOND).contains(at)).count();
        let most = sent.iter().map(in_window).max().expect("some");
        // What is given up is not told to observers.
        if !late.can_be_judged() || logged().contains("the store takes too long") {
            continue;
        }
        let may = late.most_in_a_second();
        assert!(f64::from(u32::try_from(most).expect("few")) <= may, "{most} in a second, and {may} may be");
        assert!((200..=450).contains(&sent.len()), "what there is, is used: {}", sent.len());
        // A few times a second, and not for each message. Some lose, and ask again.
        assert!(commits <= sent.len() / 3, "{commits} commits for {} messages", sent.len());
        return;
    }
    panic!("this machine was too busy all the time");
}

const SECOND: Duration = Duration::from_secs(1);

/// When each was sent, how often the store was written to for it, and how late that was.
async fn looks<S: Store + 'static>(store: impl Fn() -> S) -> (Vec<Instant>, usize, Lateness) {
    listen();
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
    let waking = lateness_while(async { drop(processes.join_all().await) }).await;
    let (commits, longest) = *calls.0.lock().expect("a lock");
    let sent = counter.0.lock().expect("a lock").clone();
    (sent, commits, Lateness { waking, giving: 2 * longest })
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
