//! Clocks that disagree: an engine whose machine is ten minutes ahead of its store, or behind. What time it is, the store says.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    Clock, Deadlines, Engine, Expiry, Flow, Opened, SessionId, Step, Store, SystemClock, Turn,
    store::{Commit, Expect},
};
use flow_memory::MemoryStore;
use flow_postgres::PostgresStore;
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use flow_testkit::ManualClock;
use serde::{Deserialize, Serialize};

const MINUTE: Duration = Duration::from_secs(60);

/// How long a visitor asks to be left alone before the reminder.
const NAP: Duration = Duration::from_secs(4);

/// For how long a worker of this test keeps a session from others.
const LEASE: Duration = Duration::from_secs(3);

/// A nap, and the reminder that ends it.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "nap")]
enum Nap {
    #[state(start, silent, remind(Ring), to(Over))]
    Awake,
    #[state(end)]
    Over,
}

/// Rings, unless its process is about to die over it.
#[derive(Default)]
struct Bedside {
    dies: bool,
    is_dying: Arc<AtomicBool>,
}

impl NapHandler for Bedside {
    async fn awake(&self, _: nap::Awake, mut turn: Turn<'_, nap::Awake>) -> Step<nap::Awake> {
        turn.remind_in(NAP, nap::AwakeReminder::Ring);
        turn.stay("Sleep well.")
    }

    async fn awake_on_ring(&self, _: nap::Awake, turn: Turn<'_, nap::Awake>) -> Step<nap::Awake> {
        if self.dies {
            self.is_dying.store(true, Ordering::SeqCst);
            std::future::pending::<()>().await;
        }
        turn.stay("Ring!")
    }
}

/// A clock that differs from another one.
struct Apart {
    from: Arc<dyn Clock>,
    by: TimeDelta,
}

impl Clock for Apart {
    fn now(&self) -> DateTime<Utc> {
        self.from.now() + self.by
    }
}

/// A store, and how its time passes.
struct Place {
    store: Arc<dyn Store>,
    turned: Option<ManualClock>,
    rings: Arc<AtomicU64>,
    expiries: Arc<AtomicU64>,
}

impl Place {
    fn new(store: impl Store + 'static, turned: Option<ManualClock>) -> Self {
        Self { store: Arc::new(store), turned, rings: Arc::default(), expiries: Arc::default() }
    }

    /// An engine on a machine whose clock differs from the store's.
    fn engine(&self, by: TimeDelta, bedside: Bedside) -> Engine<Nap> {
        let from: Arc<dyn Clock> = match &self.turned {
            Some(clock) => Arc::new(clock.clone()),
            None => Arc::new(SystemClock),
        };
        let (rings, expiries) = (Arc::clone(&self.rings), Arc::clone(&self.expiries));
        let count = |counter: &AtomicU64| {
            counter.fetch_add(1, Ordering::SeqCst);
            std::future::ready(Ok::<(), String>(()))
        };
        let builder = Nap::engine(bedside).expiry(Expiry::default().idle(5 * MINUTE));
        let builder = builder.on_announcement(move |_| count(&rings)).on_expired(move |_| count(&expiries));
        // A busy machine is no reason to give a call up.
        let builder = builder.deadlines(Deadlines::default().store(MINUTE));
        builder.clock(Apart { from, by }).store(Arc::clone(&self.store))
    }

    async fn passes(&self, time: Duration) {
        match &self.turned {
            Some(clock) => clock.advance(time),
            None => tokio::time::sleep(time).await,
        }
    }

    fn rung(&self) -> u64 {
        self.rings.swap(0, Ordering::SeqCst)
    }
}

async fn look(engine: &Engine<Nap>) {
    engine.worker().lease(LEASE).look().await.expect("the store tells what is due");
}

/// What must hold on every store, however far the clock of one of two machines is off.
async fn holds_on(place: Place) {
    for by in [TimeDelta::minutes(10), TimeDelta::minutes(-10)] {
        let (right, wrong) =
            (place.engine(TimeDelta::zero(), Bedside::default()), place.engine(by, Bedside::default()));
        nobody_lapses(&place, &right, &wrong).await;
        timers_ring_in_time(&place, &right, &wrong).await;
        a_lease_ends_in_time(&place, &right, by).await;
    }
    assert_eq!(place.expiries.load(Ordering::SeqCst), 0, "no session was idle for five minutes");
}

async fn nobody_lapses(place: &Place, right: &Engine<Nap>, wrong: &Engine<Nap>) {
    let visitors: Vec<_> = (0..20).map(|_| SessionId::random()).collect();
    for id in &visitors {
        right.handle(*id, "hi").await.expect("a turn");
    }
    look(wrong).await;
    for (id, engine) in visitors.iter().zip([wrong, right].into_iter().cycle()) {
        assert_eq!(engine.handle(*id, "still here").await.expect("a turn").opened, None, "it is under way");
    }
    place.passes(NAP).await;
    look(right).await;
    assert_eq!(place.rung(), 20, "what the last turns have set, of either engine");
}

async fn timers_ring_in_time(place: &Place, right: &Engine<Nap>, wrong: &Engine<Nap>) {
    for sets in [right, wrong] {
        let id = SessionId::random();
        for said in ["hi", "good night"] {
            sets.handle(id, said).await.expect("a turn");
        }
    }
    for looks in [right, wrong] {
        look(looks).await;
        assert_eq!(place.rung(), 0, "not yet");
    }
    place.passes(NAP).await;
    look(wrong).await;
    assert_eq!(place.rung(), 2, "as soon as their time has come");
}

async fn a_lease_ends_in_time(place: &Place, right: &Engine<Nap>, by: TimeDelta) {
    let bedside = Bedside { dies: true, ..Bedside::default() };
    let is_dying = Arc::clone(&bedside.is_dying);
    let wrong = place.engine(by, bedside);
    let id = SessionId::random();
    for said in ["hi", "good night"] {
        right.handle(id, said).await.expect("a turn");
    }
    place.passes(NAP).await;
    let dies = tokio::spawn(async move { look(&wrong).await });
    while !is_dying.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    dies.abort();
    look(right).await;
    assert_eq!(place.rung(), 0, "it is kept from others until the lease ends");
    place.passes(LEASE).await;
    look(right).await;
    assert_eq!(place.rung(), 1, "the next worker takes it over");
}

/// An engine whose clock is off by so much, over a store whose clock is turned by hand.
fn off_by(by: TimeDelta) -> (Place, Engine<Nap>, ManualClock) {
    let clock = ManualClock::new();
    let place = Place::new(MemoryStore::builder().clock(clock.clone()).build(), Some(clock.clone()));
    let engine = place.engine(by, Bedside::default());
    (place, engine, clock)
}

#[tokio::test]
async fn within_the_bound_an_expiry_is_declared_by_the_stores_time() {
    let (place, engine, _) = off_by(TimeDelta::minutes(4));
    let id = SessionId::random();
    engine.handle(id, "hi").await.expect("a turn");
    assert_eq!(engine.stats().skew, Some(TimeDelta::minutes(-4)), "the store is behind");
    place.passes(4 * MINUTE).await;
    look(&engine).await;
    assert_eq!(place.expiries.load(Ordering::SeqCst), 0);
    place.passes(MINUTE).await;
    look(&engine).await;
    assert_eq!(place.expiries.load(Ordering::SeqCst), 1);
    assert_eq!(engine.handle(id, "hi").await.expect("a turn").opened, Some(Opened::AfterExpiry));
}

#[tokio::test]
async fn a_clock_a_year_away_declares_no_expiry_and_all_else_goes_on() {
    let (place, engine, _) = off_by(TimeDelta::days(365));
    let id = SessionId::random();
    for said in ["hi", "good night"] {
        engine.handle(id, said).await.expect("a turn");
    }
    place.passes(5 * MINUTE).await;
    look(&engine).await;
    assert_eq!((place.rung(), place.expiries.load(Ordering::SeqCst)), (1, 0), "the timer rings, and no expiry is told");
    assert!(engine.peek(id).await.expect("readable").is_some(), "it is live, for all that this machine can tell");
    // On a machine whose clock is right the same session has expired.
    let right = place.engine(TimeDelta::zero(), Bedside::default());
    assert!(right.peek(id).await.expect("readable").is_none());
    assert_eq!(engine.handle(id, "still here").await.expect("a turn").opened, None);
}

#[tokio::test]
async fn a_machines_clock_that_is_set_forward_under_a_delivery_makes_nothing_due() {
    let (clock, machine) = (ManualClock::new(), ManualClock::new());
    let (set_forward, expiries) = (machine.clone(), Arc::new(AtomicU64::default()));
    let told = Arc::clone(&expiries);
    let engine = Nap::engine(Bedside::default())
        .expiry(Expiry::default().idle(5 * MINUTE))
        .on_announcement(move |_| {
            set_forward.advance(365 * 24 * 60 * MINUTE);
            std::future::ready(Err::<(), _>("the desk is closed"))
        })
        .on_expired(move |_| {
            told.fetch_add(1, Ordering::SeqCst);
            std::future::ready(Ok::<(), String>(()))
        })
        .clock(machine.clone())
        .store(MemoryStore::builder().clock(clock.clone()).build());
    let id = SessionId::random();
    for said in ["hi", "good night"] {
        engine.handle(id, said).await.expect("a turn");
    }
    clock.advance(NAP);
    machine.advance(NAP);
    look(&engine).await;
    assert_eq!(expiries.load(Ordering::SeqCst), 0, "it has not been silent for five minutes");
    let session = engine.peek(id).await.expect("readable").expect("it is live");
    let wake_at = session.wake_at().expect("the announcement is tried again");
    assert!(wake_at < clock.now() + MINUTE, "{wake_at} is not next year");
}

#[tokio::test]
async fn the_time_of_a_record_does_not_go_back_with_its_store() {
    let (place, engine, clock) = off_by(TimeDelta::zero());
    let id = SessionId::random();
    let first = engine.handle(id, "hi").await.expect("a turn");
    let record = place.store.load(first.session, 0).await.expect("a load").record.expect("a record");
    // A failover: the same record, on a server whose clock is a minute behind.
    let behind = ManualClock::at(clock.now() - MINUTE);
    let store = MemoryStore::builder().clock(behind.clone()).build();
    store.commit(Commit::new(id, Expect::Absent, record, "nap", "AWAKE")).await.expect("room");
    let place = Place::new(store, Some(behind));
    let engine = place.engine(TimeDelta::zero(), Bedside::default());
    engine.handle(id, "good night").await.expect("a turn");
    let session = engine.peek(id).await.expect("readable").expect("a session");
    assert_eq!(session.updated_at(), clock.now(), "not before its first turn");
    place.passes(NAP).await;
    look(&engine).await;
    assert_eq!(place.rung(), 0, "late");
    place.passes(MINUTE).await;
    look(&engine).await;
    assert_eq!(place.rung(), 1, "and once");
}

#[tokio::test]
async fn on_memory() {
    let clock = ManualClock::new();
    holds_on(Place::new(MemoryStore::builder().clock(clock.clone()).build(), Some(clock))).await;
}

#[tokio::test]
async fn on_sqlite() {
    let (clock, folder) = (ManualClock::new(), tempfile::tempdir().expect("a folder"));
    let store = SqliteStore::builder(folder.path().join("bot.db")).clock(clock.clone()).open().expect("a store");
    holds_on(Place::new(store, Some(clock))).await;
}

#[tokio::test]
async fn on_redis() {
    let server = RedisServer::start();
    let builder = RedisStore::builder(&server.url()).connect_deadline(MINUTE).call_deadline(MINUTE);
    holds_on(Place::new(builder.connect().await.expect("a store"), None)).await;
}

#[tokio::test]
async fn on_postgres() {
    let server = PostgresServer::start_quick();
    let builder = PostgresStore::builder(&server.url("postgres")).connect_deadline(MINUTE).call_deadline(MINUTE);
    holds_on(Place::new(builder.connect().await.expect("a store"), None)).await;
}
