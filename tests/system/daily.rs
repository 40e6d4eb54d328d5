//! What is done once a day is done once, by whichever process comes first, and made up for.

use std::{sync::Arc, time::Duration};

use flow_core::{Archival, Archive as _, Engine, EngineBuilder, engine::Daily};
use flow_testkit::ManualClock;

use crate::{
    flow::Booking,
    log::{listen, logged},
    shelf::{Shelf, archiving},
    stage::{Stage, salon},
};

const DAY: Duration = Duration::from_secs(86_400);

/// At midnight, to the second.
fn daily() -> Daily {
    Daily::at(0, 0).spread(Duration::ZERO)
}

/// A conversation is archived long after it was changed, unless it is looked for.
fn seldom(builder: EngineBuilder<Booking>) -> EngineBuilder<Booking> {
    builder.archival(Archival::default().interval(1000 * DAY))
}

/// Goes on to the next midnight, and a little.
fn midnight(clock: &ManualClock) {
    let seconds = clock_seconds(clock) % 86_400;
    clock.advance(Duration::from_secs(86_400 - seconds + 5));
}

fn clock_seconds(clock: &ManualClock) -> u64 {
    use flow_core::Clock as _;
    u64::try_from(clock.now().timestamp()).expect("after 1970")
}

async fn looks(engine: &Engine<Booking>, daily: Daily) {
    engine.worker().daily(daily).look().await.expect("a store");
}

/// A stage whose fleet has begun, with a second process of it.
async fn fleet() -> (Stage<Booking>, Arc<Shelf>, Engine<Booking>) {
    let (stage, shelf) = archiving(seldom);
    let second = stage.second(seldom(salon()).archive(Arc::clone(&shelf)));
    looks(&stage.engine, daily()).await;
    assert_eq!(stage.engine.stats().days, 0, "the days before are not its own");
    (stage, shelf, second)
}

async fn is_archived(stage: &Stage<Booking>, shelf: &Shelf) -> bool {
    shelf.latest(stage.id).await.expect("an archive").archived.is_some()
}

#[tokio::test]
async fn once_a_day_one_of_all_processes_archives_what_is_overdue() {
    let (stage, shelf, second) = fleet().await;
    stage.says("hi").await;
    looks(&stage.engine, daily()).await;
    assert!(!is_archived(&stage, &shelf).await, "the day's work is done");
    midnight(&stage.clock);
    tokio::join!(looks(&stage.engine, daily()), looks(&second, daily()), looks(&stage.engine, daily()));
    assert!(is_archived(&stage, &shelf).await);
    assert_eq!(stage.engine.stats().days + second.stats().days, 1);
    for _ in 0..3 {
        looks(&second, daily()).await;
    }
    assert_eq!(stage.engine.stats().days + second.stats().days, 1);
    midnight(&stage.clock);
    looks(&second, daily()).await;
    assert_eq!(stage.engine.stats().days + second.stats().days, 2);
}

#[tokio::test]
async fn what_is_old_is_forgotten_if_that_is_declared_and_days_off_are_made_up_for_once() {
    let (stage, shelf, second) = fleet().await;
    stage.says("hi").await;
    stage.engine.archive_now(stage.id).await.expect("an archive");
    stage.store.behind().remove(stage.id).await.expect("a store");
    stage.clock.advance(30 * DAY);
    midnight(&stage.clock);
    looks(&second, daily()).await;
    assert!(is_archived(&stage, &shelf).await, "nobody has declared how long it is kept");
    midnight(&stage.clock);
    looks(&second, daily().purge(60 * DAY)).await;
    assert!(is_archived(&stage, &shelf).await, "it is not that old");
    midnight(&stage.clock);
    looks(&second, daily().purge(29 * DAY)).await;
    assert!(!is_archived(&stage, &shelf).await);
    assert_eq!(second.stats().days, 3, "not one for each of thirty days");
}

#[tokio::test]
async fn while_the_archive_is_away_the_work_rests_and_is_done_when_it_is_back() {
    let (stage, shelf, second) = fleet().await;
    stage.says("hi").await;
    midnight(&stage.clock);
    listen();
    shelf.is_away(true);
    looks(&stage.engine, daily()).await;
    assert!(logged().contains("what is done once a day cannot be done now, and will be tried again"));
    shelf.is_away(false);
    looks(&second, daily()).await;
    assert_eq!(second.stats().days, 0, "it rests, for all");
    stage.passes(1);
    looks(&second, daily()).await;
    assert_eq!(second.stats().days, 1);
    assert!(logged().contains("what is done once a day was done archived=1 left=0 purged=0"), "{}", logged());
}

#[tokio::test]
async fn what_a_killed_process_had_begun_another_one_does_an_hour_later() {
    let (stage, shelf, second) = fleet().await;
    stage.says("hi").await;
    midnight(&stage.clock);
    let _writes = shelf.holds_writes();
    // Dropped in the midst of it, as the process is with a kill.
    let killed = tokio::time::timeout(Duration::from_millis(50), looks(&stage.engine, daily())).await;
    assert!(killed.is_err());
    shelf.lets_writes_pass();
    looks(&second, daily()).await;
    assert_eq!(second.stats().days, 0, "it may still be at it");
    stage.passes(1);
    looks(&second, daily()).await;
    assert_eq!(second.stats().days, 1);
    assert!(is_archived(&stage, &shelf).await);
}

#[tokio::test]
async fn a_worker_that_runs_does_it_and_one_that_ends_in_the_midst_leaves_it_to_the_next_at_once() {
    let (stage, shelf, second) = fleet().await;
    stage.says("hi").await;
    midnight(&stage.clock);
    let _writes = shelf.holds_writes();
    let worker = stage.engine.worker().daily(daily()).start();
    while shelf.last_entries().is_empty() {
        tokio::task::yield_now().await;
    }
    let shutdown = stage.engine.shutdown(Duration::from_millis(300)).await;
    assert_eq!((shutdown.is_complete(), shutdown.unarchived()), (true, 1));
    worker.await.expect("it ends");
    shelf.lets_writes_pass();
    let worker = second.worker().daily(daily()).start();
    while second.stats().days == 0 {
        tokio::task::yield_now().await;
    }
    assert!(is_archived(&stage, &shelf).await);
    let _ = second.shutdown(Duration::from_secs(5)).await;
    worker.await.expect("it ends");
}

#[tokio::test]
async fn what_the_fleet_knows_of_its_days_is_no_session_of_the_flow() {
    let (stage, _shelf, _second) = fleet().await;
    assert_eq!(stage.engine.count().await.expect("a store"), 0);
    assert!(stage.engine.sessions(None, 10).await.expect("a store").sessions.is_empty());
    let page = stage.store.behind().browse(None, 10).await.expect("a store");
    assert_eq!(page.ids.len(), 1, "one record, whatever there is of sessions");
    stage.clock.advance(50 * DAY);
    let page = stage.store.behind().browse(None, 10).await.expect("a store");
    assert_eq!(page.ids.len(), 0, "it does not outlive its fleet for long");
}

#[tokio::test]
async fn without_an_archive_there_is_nothing_to_do() {
    let stage = Stage::new();
    looks(&stage.engine, daily()).await;
    midnight(&stage.clock);
    looks(&stage.engine, daily()).await;
    assert_eq!(stage.engine.stats().days, 0);
}
