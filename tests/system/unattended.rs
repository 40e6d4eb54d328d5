//! Where no worker runs: that is told, and what waits for one does not stay for ever, if so wished.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use flow_core::{EngineBuilder, Expiry, Retries, SessionId, Store};
use flow_memory::MemoryStore;
use flow_postgres::PostgresStore;
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use tokio::time::Instant;

use crate::{
    flow::Booking,
    log::{listen, logged},
    meddler::Heart,
    pizza::{Pizza, Pizzeria},
    stage::{Stage, TO_REVIEW, ok, salon, salon_alone},
};

const HOUR: Duration = Duration::from_secs(3600);
const MISSED: &str = "sessions wait for a worker, and none is there";
const BACK: &str = "a worker is there again";

/// A salon whose every session waits for a worker, which is to tell its expiry.
fn waiting() -> EngineBuilder<Booking> {
    salon().expiry(Expiry::default().idle(2 * HOUR)).on_expired(|_| ok())
}

impl Stage<Booking> {
    /// Time passes, for the store and for what waits.
    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        tokio::time::sleep(time).await;
    }

    /// A minute and more passes, and then a visitor says something.
    async fn looks(&self) {
        self.pass(Duration::from_secs(61)).await;
        self.says("what?").await;
        // What a turn begins beside itself comes to its end.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }

    fn is_unattended(&self) -> bool {
        self.engine.stats().unattended
    }

    fn asked(&self) -> usize {
        self.store.asked.load(Ordering::SeqCst)
    }
}

fn times(line: &str) -> usize {
    logged().lines().filter(|logged| logged.contains(line)).count()
}

#[tokio::test(start_paused = true)]
async fn that_no_worker_is_there_is_told_once_and_that_one_is_there_again_too() {
    listen();
    let stage = Stage::with(waiting());
    stage.says("hi").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((stage.is_unattended(), stage.asked()), (false, 0), "a worker may be about to begin");
    for _ in 0..3 {
        stage.looks().await;
        assert!(stage.is_unattended());
    }
    assert_eq!((times(MISSED), times(BACK), stage.asked()), (1, 0, 3));
    // Elsewhere cron runs one, once.
    stage.second(waiting()).worker().look().await.expect("a look");
    stage.looks().await;
    assert!(!stage.is_unattended());
    assert_eq!((times(MISSED), times(BACK)), (1, 1));
    // And then no more.
    stage.pass(Duration::from_secs(90)).await;
    stage.looks().await;
    assert!(stage.is_unattended());
    assert_eq!((times(MISSED), times(BACK)), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_worker_of_the_same_process_counts_without_being_asked_for() {
    let stage = Stage::with(waiting());
    stage.looks().await;
    assert!(stage.is_unattended());
    let asked = stage.asked();
    stage.engine.worker().start();
    tokio::task::yield_now().await;
    assert!(!stage.is_unattended());
    for _ in 0..5 {
        stage.looks().await;
    }
    assert_eq!((stage.is_unattended(), stage.asked()), (false, asked));
}

#[tokio::test(start_paused = true)]
async fn the_store_is_asked_for_a_worker_once_in_five_seconds_however_many_gauges_are_read() {
    let stage = Stage::with(waiting());
    let many = || futures_util::future::join_all((0..50).map(|_| stage.engine.is_attended()));
    assert_eq!(many().await, [Some(false); 50]);
    assert_eq!((many().await, stage.asked()), (vec![Some(false); 50], 1));
    stage.pass(Duration::from_secs(6)).await;
    assert_eq!((many().await, stage.asked()), (vec![Some(false); 50], 2));
    let elsewhere = stage.second(waiting()).worker();
    elsewhere.look().await.expect("a look");
    stage.pass(Duration::from_secs(6)).await;
    assert_eq!((many().await, stage.asked()), (vec![Some(true); 50], 3));
    stage.engine.worker().start();
    tokio::task::yield_now().await;
    stage.pass(Duration::from_secs(6)).await;
    assert_eq!((many().await, stage.asked()), (vec![Some(true); 50], 3), "one of this process is known");
}

#[tokio::test(start_paused = true)]
async fn a_worker_beats_each_half_minute_and_is_missed_soon_after_its_last_beat() {
    let stage = Stage::with(waiting());
    let elsewhere = stage.second(waiting()).worker().start();
    for _ in 0..10 {
        stage.pass(Duration::from_secs(30)).await;
    }
    let beats = stage.store.beats.load(Ordering::SeqCst);
    assert!((10..=15).contains(&beats), "{beats} beats in five minutes");
    stage.looks().await;
    for _ in 0..100 {
        stage.says("what?").await;
    }
    assert_eq!((stage.is_unattended(), stage.asked()), (false, 1), "asked once a minute, however much is said");
    elsewhere.abort();
    stage.pass(Duration::from_secs(90)).await;
    stage.looks().await;
    assert!(stage.is_unattended());
}

#[tokio::test(start_paused = true)]
async fn a_look_counts_for_as_long_as_it_is_said_to() {
    let stage = Stage::with(waiting());
    stage.second(waiting()).worker().heartbeat(25 * HOUR).look().await.expect("a look");
    for _ in 0..5 {
        stage.pass(4 * HOUR).await;
        stage.looks().await;
        assert!(!stage.is_unattended());
    }
    stage.pass(5 * HOUR).await;
    stage.looks().await;
    assert!(stage.is_unattended());
}

#[tokio::test(start_paused = true)]
async fn the_worker_of_another_flow_is_none() {
    let stage = Stage::with(waiting());
    let pizzeria = Pizza::engine(Pizzeria).clock(stage.clock.clone()).store(Arc::clone(&stage.store));
    pizzeria.worker().start();
    tokio::task::yield_now().await;
    stage.looks().await;
    assert!(stage.is_unattended());
}

#[tokio::test(start_paused = true)]
async fn a_heart_that_fails_holds_up_no_turn_and_no_work() {
    for heart in [Heart::Hangs, Heart::Refuses] {
        listen();
        let stage = Stage::with(waiting());
        stage.store.heart(heart);
        stage.pass(Duration::from_secs(61)).await;
        let began = Instant::now();
        stage.says_all(&TO_REVIEW).await;
        stage.says("Yes").await;
        assert_eq!(began.elapsed(), Duration::ZERO, "{heart:?}");
        // Whether one is there is not known, and so nothing is said of it.
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(!stage.is_unattended(), "{heart:?}");
        stage.engine.worker().start();
        stage.pass(Duration::from_secs(300)).await;
        assert_eq!((stage.pending().await, stage.engine.stats().delivered), (0, 2), "{heart:?}");
        assert_eq!(times("a worker could not say that it is there"), 1, "{heart:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_where_nothing_waits_or_the_store_keeps_no_heartbeat() {
    let nothing_waits = Stage::with(salon_alone());
    nothing_waits.looks().await;
    let stage = Stage::with(waiting());
    stage.store.heart(Heart::None);
    stage.looks().await;
    stage.engine.worker().look().await.expect("a look");
    for stage in [nothing_waits, stage] {
        assert_eq!((stage.is_unattended(), stage.asked(), stage.store.beats.load(Ordering::SeqCst)), (false, 0, 0));
    }
}

#[tokio::test]
async fn what_waits_beyond_the_bound_is_given_up_and_the_next_worker_counts_it() {
    let expiry = Expiry::default().idle(2 * HOUR).grace(HOUR);
    for (expiry, stays) in [(expiry.clone(), true), (expiry.unattended(24 * HOUR), false)] {
        listen();
        let stage = Stage::with(waiting().expiry(expiry));
        stage.says("hi").await;
        let is_there = async || stage.store.behind().load(stage.id, 0).await.expect("a load").record.is_some();
        stage.passes(25);
        assert!(is_there().await, "it has been due for 23 hours");
        stage.passes(2);
        assert_eq!(is_there().await, stays);
        stage.works().await;
        let stats = stage.engine.stats();
        assert_eq!((stats.forgotten, stats.lapsed), if stays { (0, 1) } else { (1, 0) });
        assert_eq!(times("the store no longer has sessions for which something was due"), usize::from(!stays));
        stage.works().await;
        assert_eq!(stage.engine.stats().forgotten, stats.forgotten, "it is counted once");
    }
}

#[tokio::test]
async fn a_session_that_is_alive_or_has_dead_letters_is_not_given_up() {
    let failing = || salon_alone().on_effect(|_| ok()).on_checkpoint(|_| async { Err("no room") });
    for is_worked_on in [false, true] {
        let expiry = Expiry::default().idle(720 * HOUR).grace(HOUR).unattended(HOUR);
        let stage = Stage::with(failing().retries(Retries::default().tries(1)).expiry(expiry));
        stage.says_all(&TO_REVIEW).await;
        stage.says("Yes").await;
        if is_worked_on {
            stage.works().await;
            // Beyond its expiry, its grace and the bound.
            stage.passes(800);
        } else {
            stage.passes(700);
        }
        let stored = stage.store.behind().load(stage.id, 0).await.expect("a load").record;
        assert!(stored.is_some(), "worked on: {is_worked_on}");
    }
}

/// Sessions that expire where no worker runs leave their store, and the next worker counts them.
async fn leaves_nothing(store: Arc<dyn Store>) {
    let moment = Duration::from_millis(400);
    let expiry = Expiry::default().idle(moment).grace(moment).unattended(moment);
    let engine = Pizza::engine(Pizzeria).expiry(expiry).on_expired(|_| ok()).store(Arc::clone(&store));
    for _ in 0..20 {
        engine.handle(SessionId::random(), "hi").await.expect("a turn");
    }
    tokio::time::sleep(3 * moment).await;
    assert_eq!(store.browse(None, 100).await.expect("a page").ids, []);
    let (mut looks, worker) = (0, engine.clone());
    // Where a sweep is under way beside it, a look may come a little early.
    while engine.stats().forgotten < 20 && looks < 100 {
        worker.worker().look().await.expect("a look");
        tokio::time::sleep(Duration::from_millis(10)).await;
        looks += 1;
    }
    worker.worker().look().await.expect("a look");
    assert_eq!((engine.stats().forgotten, engine.stats().lapsed), (20, 0));
}

#[tokio::test]
async fn no_store_keeps_what_nobody_works_on_for_ever() {
    leaves_nothing(Arc::new(MemoryStore::new())).await;
    let folder = tempfile::tempdir().expect("a folder");
    leaves_nothing(Arc::new(SqliteStore::open(folder.path().join("bot.db")).expect("a store"))).await;

    let redis = RedisServer::start();
    leaves_nothing(Arc::new(RedisStore::connect(&redis.url()).await.expect("a store"))).await;
    // Nothing but that there is such a flow, and that a worker was there.
    let keys = redis.ask(&["KEYS", "*"]);
    assert!(!keys.contains("state:") && !keys.contains("wake:{"), "{keys}");

    let postgres = PostgresServer::start_quick();
    leaves_nothing(Arc::new(PostgresStore::connect(&postgres.url("postgres")).await.expect("a store"))).await;
    assert_eq!(postgres.ask("SELECT (SELECT count(*) FROM flow.live), (SELECT count(*) FROM flow.forgotten)"), "0|0");
}
