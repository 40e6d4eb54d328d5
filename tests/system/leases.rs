//! What one process does for all is done by one: however another is killed, stopped or cut off from the store.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use flow_core::{Clock as _, Engine, EngineError, Flow, Step, Store, Turn, engine::Lease};
use flow_memory::MemoryStore;
use flow_postgres::PostgresStore;
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use flow_testkit::ManualClock;
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use crate::{courier::RunningClock, meddler::Meddler};

/// How soon another process has what its holder does not give up.
const BOUND: Duration = Duration::from_secs(15);

/// How soon where it is given up.
const SOON: Duration = Duration::from_secs(3);

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "poller")]
enum Poller {
    #[state(start, endless, ask = "Yes?", handled, to(Listening))]
    Listening,
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "other_poller")]
enum OtherPoller {
    #[state(start, endless, ask = "Yes?", handled, to(Hearing))]
    Hearing,
}

struct Clerk;

impl PollerHandler for Clerk {
    async fn listening(&self, _: poller::Listening, turn: Turn<'_, poller::Listening>) -> Step<poller::Listening> {
        turn.stay("Yes.")
    }
}

impl OtherPollerHandler for Clerk {
    async fn hearing(
        &self,
        _: other_poller::Hearing,
        turn: Turn<'_, other_poller::Hearing>,
    ) -> Step<other_poller::Hearing> {
        turn.stay("Yes.")
    }
}

/// A fleet on a store in memory, whose time runs with the test's.
struct Fleet {
    clock: RunningClock,
    store: Arc<MemoryStore>,
}

impl Fleet {
    fn new() -> Self {
        let clock = RunningClock::new();
        Self { clock, store: Arc::new(MemoryStore::builder().clock(clock).build()) }
    }

    fn engine(&self) -> Engine<Poller> {
        Poller::engine(Clerk).clock(self.clock).store(Arc::clone(&self.store))
    }

    /// A process that can be cut off from the store.
    fn apart(&self) -> (Engine<Poller>, Arc<Meddler>) {
        let way = Arc::new(Meddler::over(Arc::clone(&self.store)));
        (Poller::engine(Clerk).clock(self.clock).store(Arc::clone(&way)), way)
    }
}

async fn within(bound: Duration, engine: &Engine<Poller>) -> Lease {
    timeout(bound, engine.lease("poll")).await.expect("in time").expect("a lease")
}

async fn is_kept_from(engine: &Engine<Poller>) -> bool {
    timeout(Duration::from_secs(60), engine.lease("poll")).await.is_err()
}

#[tokio::test(start_paused = true)]
async fn one_has_it_for_as_long_as_it_likes_and_the_next_one_when_it_is_given_up() {
    let fleet = Fleet::new();
    let (one, other) = (fleet.engine(), fleet.engine());
    let lease = within(SOON, &one).await;
    assert!(is_kept_from(&other).await && is_kept_from(&one).await && lease.is_held());
    // One of another name, or of another flow.
    let _too = timeout(SOON, one.lease("poll too")).await.expect("free").expect("a lease");
    let others = OtherPoller::engine(Clerk).clock(fleet.clock).store(Arc::clone(&fleet.store));
    let of_others = timeout(SOON, others.lease("poll")).await.expect("free").expect("a lease");
    lease.give_up().await;
    let second = within(SOON, &other).await;
    assert_eq!((second.term(), of_others.term(), second.name()), (2, 1, "poll"));
    drop(second);
    assert_eq!(within(SOON, &one).await.term(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_is_cut_off_from_the_store_knows_that_it_has_lost_it_before_another_has_it() {
    let fleet = Fleet::new();
    let ((one, way), other) = (fleet.apart(), fleet.engine());
    let first = within(SOON, &one).await;
    sleep(Duration::from_secs(3_600)).await;
    assert!(first.is_held());
    way.is_away(true);
    let cut_off_at = tokio::time::Instant::now();
    let watching = async {
        first.lost().await;
        cut_off_at.elapsed()
    };
    let taking = async {
        let second = within(BOUND, &other).await;
        assert!(!first.is_held(), "two have it");
        (second, cut_off_at.elapsed())
    };
    let (lost_after, (second, taken_after)) = tokio::join!(watching, taking);
    assert!(lost_after <= Duration::from_secs(9) && taken_after > lost_after, "{lost_after:?} {taken_after:?}");
    // It comes back too late.
    way.is_away(false);
    sleep(Duration::from_secs(60)).await;
    assert!(second.is_held() && !first.is_held());
}

#[tokio::test(start_paused = true)]
async fn a_short_absence_of_the_store_costs_nobody_its_lease() {
    let fleet = Fleet::new();
    let ((one, way), other) = (fleet.apart(), fleet.engine());
    let lease = within(SOON, &one).await;
    for _ in 0..5 {
        way.is_away(true);
        sleep(Duration::from_secs(4)).await;
        way.is_away(false);
        sleep(Duration::from_secs(6)).await;
        assert!(lease.is_held());
    }
    assert!(is_kept_from(&other).await);
}

#[tokio::test]
async fn a_process_that_stood_still_knows_at_once_that_it_may_have_lost_it() {
    let clock = ManualClock::new();
    let store = Arc::new(MemoryStore::builder().clock(clock.clone()).build());
    let engine = || Poller::engine(Clerk).clock(clock.clone()).store(Arc::clone(&store));
    let (one, other) = (engine(), engine());
    let first = within(SOON, &one).await;
    clock.advance(Duration::from_secs(8));
    assert!(first.is_held());
    // No task of it has run since.
    clock.advance(Duration::from_secs(1));
    assert!(!first.is_held());
    clock.advance(Duration::from_secs(1));
    let second = within(SOON, &other).await;
    assert!(second.is_held() && !first.is_held());
    // What was lost stays lost, whatever the clock says later.
    clock.set(clock.now() - chrono::TimeDelta::seconds(10));
    assert!(!first.is_held());
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_shuts_down_gives_it_up_and_is_given_none() {
    let fleet = Fleet::new();
    let (one, other) = (fleet.engine(), fleet.engine());
    let lease = within(SOON, &one).await;
    let waiting = tokio::spawn({
        let one = one.clone();
        async move { one.lease("poll").await.map(drop) }
    });
    sleep(Duration::from_secs(1)).await;
    assert!(one.shutdown(Duration::from_secs(5)).await.is_complete());
    assert!(!lease.is_held());
    assert!(matches!(waiting.await.expect("no panic"), Err(EngineError::ShuttingDown)));
    assert!(matches!(one.lease("poll").await, Err(EngineError::ShuttingDown)));
    assert!(within(SOON, &other).await.is_held());
}

#[tokio::test(start_paused = true)]
async fn of_many_that_ask_at_once_one_has_it_at_a_time() {
    let fleet = Fleet::new();
    let (held, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (engine, held, most) = (fleet.engine(), Arc::clone(&held), Arc::clone(&most));
            tokio::spawn(async move {
                let lease = engine.lease("poll").await.expect("a lease");
                most.fetch_max(held.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                sleep(Duration::from_secs(1)).await;
                held.fetch_sub(1, Ordering::SeqCst);
                lease.give_up().await;
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("its turn");
    }
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

/// Another process: this program once more, that holds the lease whenever it can, and says so.
struct Process {
    child: Child,
    /// When it last said that it holds it, in milliseconds since `began`.
    said_at: Arc<AtomicU64>,
    is_told: Arc<AtomicBool>,
    began: Instant,
}

/// Where the other process finds its store.
const STORE: &str = "FLOW_TEST_LEASE_STORE";

impl Process {
    fn start(store: &str) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new(program)
            .args(["--exact", "leases::another_process", "--ignored", "--nocapture"])
            .env(STORE, store)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let lines = BufReader::new(child.stdout.take().expect("its words")).lines();
        let (said_at, is_told, began) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default(), Instant::now());
        let (at, told) = (Arc::clone(&said_at), Arc::clone(&is_told));
        thread::spawn(move || {
            for _ in lines.map_while(Result::ok).filter(|line| line == "held") {
                at.store(u64::try_from(began.elapsed().as_millis()).expect("no age"), Ordering::SeqCst);
                told.store(true, Ordering::SeqCst);
            }
        });
        Self { child, said_at, is_told, began }
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }

    /// Waits until it says that it holds the lease.
    async fn has_it(&self) {
        self.is_told.store(false, Ordering::SeqCst);
        let told = async {
            while !self.is_told.load(Ordering::SeqCst) {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(30), told).await.expect("it has the lease");
    }

    fn last_said(&self) -> Instant {
        self.began + Duration::from_millis(self.said_at.load(Ordering::SeqCst))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn open(store: &str) -> Arc<dyn Store> {
    if let Some(path) = store.strip_prefix("sqlite:") {
        return Arc::new(SqliteStore::open(path).expect("a store"));
    }
    if store.starts_with("redis:") {
        return Arc::new(RedisStore::builder(store).connect().await.expect("a store"));
    }
    Arc::new(PostgresStore::builder(store).lazy().expect("an address"))
}

#[tokio::test]
#[ignore = "it is the other process of the tests below"]
async fn another_process() {
    let store = std::env::var(STORE).expect("one of the tests below starts it");
    let engine = Poller::engine(Clerk).store(open(&store).await);
    loop {
        let lease = engine.lease("poll").await.expect("a lease");
        while lease.is_held() {
            println!("held");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn goes_from_one_to_the_other(store: &str) {
    let process = Process::start(store);
    process.has_it().await;
    let engine = Poller::engine(Clerk).store(open(store).await);
    process.signal("-STOP");
    let stopped_at = Instant::now();
    let second = within(BOUND, &engine).await;
    let taken_after = stopped_at.elapsed();
    let said_last = process.last_said();
    process.signal("-CONT");
    sleep(Duration::from_secs(2)).await;
    // A line may have been on its way as it was stopped.
    assert!(process.last_said() <= said_last.max(stopped_at + Duration::from_millis(100)), "two have it");
    assert!(second.is_held());
    second.give_up().await;
    process.has_it().await;
    process.signal("-KILL");
    let killed_at = Instant::now();
    let fourth = within(BOUND, &engine).await;
    println!("{}: {taken_after:?} after a stop, {:?} after a kill", &store[..5], killed_at.elapsed());
    assert_eq!(fourth.term(), 4);
}

#[tokio::test]
async fn a_process_on_a_file_that_is_stopped_or_killed_is_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    goes_from_one_to_the_other(&format!("sqlite:{}", folder.path().join("bot.db").display())).await;
}

#[tokio::test]
async fn a_process_on_redis_that_is_stopped_or_killed_is_followed() {
    let server = RedisServer::start();
    goes_from_one_to_the_other(&server.url()).await;
}

#[tokio::test]
async fn a_process_on_postgres_that_is_stopped_or_killed_is_followed() {
    let server = PostgresServer::start_quick();
    goes_from_one_to_the_other(&server.url("postgres")).await;
}
