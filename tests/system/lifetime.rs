//! How long one session lives, asked and changed without a turn: what people who kept sessions by hand have with `EXISTS`,
//! `TTL`, `EXPIRE` and `PERSIST`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use flow_core::{
    Clock, EngineBuilder, EngineError, Expiry, Flow, Opened, Outage, Resume, SessionId, Step, Store, Turn,
    store::{Commit, Expect},
};
use flow_memory::MemoryStore;
use flow_testkit::ManualClock;
use serde::{Deserialize, Serialize};

use crate::{
    flow::Booking,
    meddler::{Meddler, Meddling},
    shelf::archiving,
    stage::{Stage, salon},
};

const HOUR: Duration = Duration::from_secs(3600);

/// Sessions that expire after two hours of silence, and five in all.
fn expiring() -> EngineBuilder<Booking> {
    salon().expiry(Expiry::default().idle(2 * HOUR).absolute(5 * HOUR))
}

async fn time_to_live<F: Flow>(stage: &Stage<F>) -> Option<Duration> {
    stage.engine.time_to_live(stage.id).await.expect("there is a session")
}

#[tokio::test]
async fn a_session_exists_until_it_expires_and_asking_renews_nothing() {
    let stage = Stage::with(expiring());
    assert!(!stage.engine.exists(stage.id).await.expect("a store"));
    stage.says_all(&["hi", "Not today"]).await;
    let writes = stage.store.writes();
    assert!(stage.engine.exists(stage.id).await.expect("a store"), "also where the conversation has ended");
    stage.passes(1);
    assert!(stage.engine.exists(stage.id).await.expect("a store"));
    assert_eq!(time_to_live(&stage).await, Some(HOUR));
    stage.passes(1);
    assert!(!stage.engine.exists(stage.id).await.expect("a store"));
    let gone = stage.engine.time_to_live(stage.id).await;
    assert!(matches!(gone, Err(EngineError::NoSession)), "{gone:?}");
    assert_eq!(stage.store.writes(), writes);
}

#[tokio::test]
async fn the_stores_time_decides_how_long_a_session_has_to_live() {
    let clock = ManualClock::default();
    let store = Arc::new(MemoryStore::builder().clock(clock.clone()).build());
    let ahead = ManualClock::at(clock.now() + TimeDelta::minutes(4));
    let expiry = || Expiry::default().idle(Duration::from_secs(180));
    let engine = salon().expiry(expiry()).clock(clock.clone()).store(Arc::clone(&store));
    let other = salon().expiry(expiry()).clock(ahead).store(store);
    let id = SessionId::random();
    engine.handle(id, "hi").await.expect("a turn");
    assert!(other.exists(id).await.expect("a store"), "by its own clock it would be over");
    assert_eq!(other.time_to_live(id).await.expect("a session"), Some(Duration::from_secs(180)));
    other.extend(id).await.expect("a session");
    assert_eq!(engine.time_to_live(id).await.expect("a session"), Some(Duration::from_secs(180)));
}

#[tokio::test]
async fn a_session_is_extended_without_a_turn_and_no_longer_than_the_absolute_expiry() {
    let stage = Stage::with(expiring());
    let before = stage.says_all(&["hi", "Book"]).await;
    let taken = stage.engine.stats().taken;
    for _ in 0..4 {
        stage.passes(1);
        stage.engine.extend(stage.id).await.expect("a live session");
    }
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("it lives");
    assert_eq!((session.state().name(), session.history().len()), ("BOOK_NAME", 2));
    assert_eq!(session.updated_at(), session.history()[1].at, "its last turn was then");
    assert_eq!((stage.engine.stats().taken, session.stamp().version), (taken, before.version + 4));
    assert_eq!(time_to_live(&stage).await, Some(HOUR), "the absolute expiry stays");
    stage.passes(1);
    assert!(matches!(stage.engine.extend(stage.id).await, Err(EngineError::NoSession)));
}

#[tokio::test]
async fn one_session_has_a_time_to_live_of_its_own_which_each_turn_renews() {
    let stage = Stage::with(expiring());
    stage.says("hi").await;
    let minute = Duration::from_secs(60);
    stage.engine.expire_after(stage.id, 10 * minute).await.expect("a live session");
    assert_eq!(time_to_live(&stage).await, Some(10 * minute));
    stage.clock.advance(6 * minute);
    stage.says("Book").await;
    assert_eq!(time_to_live(&stage).await, Some(10 * minute), "by its own time, and not by the engine's");
    stage.clock.advance(6 * minute);
    // In another process too: the record has it.
    stage.second(expiring()).extend(stage.id).await.expect("a live session");
    assert_eq!(time_to_live(&stage).await, Some(10 * minute));
    stage.engine.expire_after(stage.id, 24 * HOUR).await.expect("a live session");
    assert_eq!(time_to_live(&stage).await, Some(288 * minute), "the absolute expiry stays");
    stage.engine.expire_as_others(stage.id).await.expect("a live session");
    assert_eq!(time_to_live(&stage).await, Some(2 * HOUR));
}

#[tokio::test]
async fn a_session_that_persists_outlives_any_silence() {
    let stage = Stage::with(salon().expiry(Expiry::default().idle(HOUR)));
    stage.says("hi").await;
    stage.engine.persist(stage.id).await.expect("a live session");
    assert_eq!(time_to_live(&stage).await, None);
    stage.works().await;
    stage.passes(24 * 365);
    stage.works().await;
    assert_eq!(stage.state().await, Some("WELCOME"));
    stage.engine.extend(stage.id).await.expect("a live session");
    assert_eq!(time_to_live(&stage).await, None, "it stays so");
    stage.engine.expire_as_others(stage.id).await.expect("a live session");
    stage.passes(1);
    assert_eq!(stage.state().await, None);
}

#[tokio::test]
async fn its_own_time_is_over_with_the_conversation() {
    let stage = Stage::with(expiring());
    stage.says("hi").await;
    stage.engine.expire_after(stage.id, HOUR).await.expect("a live session");
    stage.passes(1);
    assert_eq!(stage.says("hi").await.opened, Some(Opened::AfterExpiry));
    assert_eq!(time_to_live(&stage).await, Some(2 * HOUR));
}

#[tokio::test]
async fn its_own_time_outlives_the_store_in_the_archive() {
    let (stage, _shelf) = archiving(|_| expiring().resume(Resume::Unexpired));
    stage.says("hi").await;
    stage.engine.expire_after(stage.id, HOUR).await.expect("a live session");
    stage.engine.archive_now(stage.id).await.expect("an archive");
    stage.store.behind().remove(stage.id).await.expect("a store");
    assert!(!stage.engine.exists(stage.id).await.expect("a store"), "only a turn looks into the archive");
    assert!(stage.says("Book").await.resumed.is_some());
    assert_eq!(time_to_live(&stage).await, Some(HOUR));
}

#[tokio::test]
async fn a_time_that_nothing_lives_is_an_error_and_changes_nothing() {
    let stage = Stage::with(expiring());
    stage.says("hi").await;
    let writes = stage.store.writes();
    let years = |years: u64| Duration::from_secs(years * 365 * 24 * 3600);
    for time in [Duration::ZERO, years(300_000), years(10_000_000), Duration::MAX] {
        let refused = stage.engine.expire_after(stage.id, time).await;
        assert!(matches!(refused, Err(EngineError::TimeToLive)), "{time:?}: {refused:?}");
    }
    let nobody = SessionId::random();
    let asked = [
        stage.engine.extend(nobody).await,
        stage.engine.persist(nobody).await,
        stage.engine.expire_after(nobody, HOUR).await,
        stage.engine.expire_as_others(nobody).await,
    ];
    assert!(asked.iter().all(|asked| matches!(asked, Err(EngineError::NoSession))), "{asked:?}");
    assert_eq!((stage.store.writes(), time_to_live(&stage).await), (writes, Some(2 * HOUR)));
    stage.engine.expire_after(stage.id, Duration::from_nanos(1)).await.expect("however short");
    stage.passes(1);
    assert!(!stage.engine.exists(stage.id).await.expect("a store"));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_renews_nothing_and_says_so() {
    let stage = Stage::with(expiring().outage(Outage::Memory { sessions: 10 }));
    stage.says("hi").await;
    stage.store.is_away(true);
    stage.says("Book").await;
    assert!(stage.engine.exists(stage.id).await.expect("it is in memory"));
    assert!(matches!(stage.engine.extend(stage.id).await, Err(EngineError::Store(_))));
    stage.store.is_away(false);
    // It is left alone for a moment, having been asked often enough.
    tokio::time::sleep(Duration::from_secs(2)).await;
    stage.engine.extend(stage.id).await.expect("a live session");
    assert_eq!(stage.state().await, Some("BOOK_NAME"), "it was handed back first");
}

#[tokio::test]
async fn a_record_of_before_there_was_such_a_time_opens_and_one_without_says_nothing_of_it() {
    let stage = Stage::with(expiring());
    stage.says("hi").await;
    let body = |stage: &Stage<Booking>| stage.store.last_written().record.readable().to_string();
    assert!(!body(&stage).contains("ownIdle"), "{}", body(&stage));
    stage.engine.expire_after(stage.id, HOUR).await.expect("a live session");
    assert!(body(&stage).contains(r#""ownIdle":{"after":3600000000}"#), "{}", body(&stage));
    stage.engine.persist(stage.id).await.expect("a live session");
    assert!(body(&stage).contains(r#""ownIdle":"never""#), "{}", body(&stage));
}

/// Counts how often it was asked.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "counted")]
enum Counted {
    #[state(start, silent, to(Counted))]
    Begun,
    #[state(silent, endless, to(Begun))]
    Counted,
}

#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

impl CountedHandler for Counter {
    async fn begun(&self, _: counted::Begun, turn: Turn<'_, counted::Begun>) -> Step<counted::Begun> {
        self.0.fetch_add(1, Ordering::SeqCst);
        turn.to(counted::Counted)
    }

    async fn counted(&self, _: counted::Counted, turn: Turn<'_, counted::Counted>) -> Step<counted::Counted> {
        self.0.fetch_add(1, Ordering::SeqCst);
        turn.stay("Again.")
    }
}

/// What another process writes when it has this session live longer.
async fn written_elsewhere(stage: &Stage<Counted>, idle: Duration, own: Option<Duration>) -> Commit {
    let record = stage.store.behind().load(stage.id, 0).await.expect("a store").record.expect("a record");
    let store = Arc::new(Meddler::over(MemoryStore::builder().clock(stage.clock.clone()).build()));
    store.commit(Commit::new(stage.id, Expect::Absent, record, "counted", "BEGUN")).await.expect("a store");
    let builder = Counted::engine(Counter::default()).expiry(Expiry::default().idle(idle));
    let engine = builder.clock(stage.clock.clone()).store(Arc::clone(&store));
    match own {
        Some(own) => engine.expire_after(stage.id, own).await.expect("a live session"),
        None => engine.extend(stage.id).await.expect("a live session"),
    }
    store.last_written()
}

#[tokio::test]
async fn a_turn_and_a_renewal_at_the_same_time_both_hold_and_the_handler_is_asked_once() {
    for own in [None, Some(6 * HOUR)] {
        let counter = Counter::default();
        let stage = Stage::with(Counted::engine(counter.clone()).expiry(Expiry::default().idle(2 * HOUR)));
        stage.says("hi").await;
        stage.passes(1);
        stage.store.next_commit(Meddling::ComesSecond(written_elsewhere(&stage, 2 * HOUR, own).await));
        stage.says("count").await;
        assert_eq!((counter.0.load(Ordering::SeqCst), stage.engine.stats().conflicts), (1, 1));
        assert_eq!(stage.state().await, Some("COUNTED"));
        assert_eq!(time_to_live(&stage).await, Some(own.unwrap_or(2 * HOUR)));
        stage.says("count").await;
        assert_eq!(time_to_live(&stage).await, Some(own.unwrap_or(2 * HOUR)), "it was not lost");
    }
}

#[tokio::test]
async fn a_renewal_that_comes_second_stands_on_the_turn_that_came_first() {
    let stage = Stage::with(Counted::engine(Counter::default()).expiry(Expiry::default().idle(2 * HOUR)));
    stage.says("hi").await;
    stage.passes(1);
    // The turn of another process, prepared: it is in the store before the renewal is.
    let other = stage.behind(Counted::engine(Counter::default()).expiry(Expiry::default().idle(2 * HOUR)));
    let before = stage.store.behind().load(stage.id, 0).await.expect("a store").record.expect("a record");
    other.handle(stage.id, "count").await.expect("a turn");
    let turn = stage.store.behind().load(stage.id, 0).await.expect("a store").record.expect("a record");
    stage.store.behind().remove(stage.id).await.expect("a store");
    let put_back = Commit::new(stage.id, Expect::Absent, before.clone(), "counted", "BEGUN");
    stage.store.behind().commit(put_back).await.expect("a store");
    let turn = Commit::new(stage.id, Expect::At(before.prefix()), turn, "counted", "COUNTED");
    stage.store.next_commit(Meddling::ComesSecond(turn));
    stage.engine.expire_after(stage.id, 6 * HOUR).await.expect("a live session");
    assert_eq!((stage.state().await, time_to_live(&stage).await), (Some("COUNTED"), Some(6 * HOUR)));
}

#[tokio::test]
async fn what_a_worker_has_told_to_be_expired_is_not_extended_and_what_was_extended_is_not_told() {
    let stage = Stage::with(expiring().on_expired(|_| crate::stage::ok()));
    stage.says("hi").await;
    stage.passes(1);
    stage.engine.extend(stage.id).await.expect("a live session");
    stage.passes(1);
    stage.works().await;
    assert_eq!((stage.engine.stats().lapsed, stage.state().await), (0, Some("WELCOME")));
    stage.passes(1);
    stage.works().await;
    assert_eq!(stage.engine.stats().lapsed, 1);
    assert!(matches!(stage.engine.extend(stage.id).await, Err(EngineError::NoSession)));
}
