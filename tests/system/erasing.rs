//! Erasing and exporting a person, and forgetting by age, whatever is under way.

use std::{sync::Arc, time::Duration};

use flow_core::{Archive, EngineError, Expiry, Limits, Opened, Resume, SessionId};

use crate::{
    flow::Booking,
    shelf::archiving,
    stage::{Stage, TO_REVIEW, salon},
};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn archived(stage: &Stage<Booking>) {
    stage.clock.advance(MINUTE);
    stage.works().await;
}

#[tokio::test]
async fn an_erased_person_is_in_no_store_no_index_and_no_archive() {
    let (stage, _shelf) = archiving(|salon| salon);
    stage.says_all(&TO_REVIEW).await;
    archived(&stage).await;
    stage.says("Yes").await;
    assert!(stage.engine.erase(stage.id).await.expect("erased"));
    assert_eq!(stage.engine.export(stage.id).await.expect("an export"), None);
    assert_eq!(stage.store.behind().load(stage.id, 0).await.expect("a store").record, None);
    stage.clock.advance(DAY);
    assert_eq!(stage.engine.worker().look().await.expect("a look"), 0, "nobody wakes for it");
    assert!(!stage.engine.erase(stage.id).await.expect("erased"), "there is nothing left");
    assert_eq!(stage.says("hi").await.opened, Some(Opened::First));
}

#[tokio::test]
async fn a_flush_in_flight_brings_nobody_back() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.says_all(&TO_REVIEW).await;
    stage.clock.advance(MINUTE);
    let passes = shelf.holds_writes();
    let worker = tokio::spawn(stage.engine.worker().look());
    while stage.engine.stats().archive.queued == 0 {
        tokio::task::yield_now().await;
    }
    assert!(stage.engine.erase(stage.id).await.expect("erased"));
    passes.add_permits(100);
    worker.await.expect("a task").expect("a look");
    assert_eq!(shelf.latest(stage.id).await.expect("an archive"), None);
    assert_eq!(stage.engine.export(stage.id).await.expect("an export"), None);
}

#[tokio::test]
async fn a_late_writer_that_brings_the_record_back_to_the_store_is_found_by_the_tombstone() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book"]).await;
    let mut late = stage.store.last_written();
    stage.engine.erase(stage.id).await.expect("erased");
    late.expect = flow_core::store::Expect::Absent;
    stage.store.behind().commit(late).await.expect("a store");
    archived(&stage).await;
    assert_eq!(stage.store.behind().load(stage.id, 0).await.expect("a store").record, None);
    assert_eq!(shelf.latest(stage.id).await.expect("an archive"), None);
}

#[tokio::test]
async fn who_returns_after_an_erasure_is_archived_again() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book"]).await;
    archived(&stage).await;
    stage.engine.erase(stage.id).await.expect("erased");
    stage.clock.advance(Duration::from_millis(1));
    stage.says("hi again").await;
    archived(&stage).await;
    assert_eq!(shelf.steps(stage.id).await, ["· -> WELCOME (opened)"]);
}

#[tokio::test]
async fn an_export_tells_everything_that_is_held() {
    let (stage, shelf) = archiving(|salon| salon.limits(Limits::default().history(1)));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    archived(&stage).await;
    stage.says("hello?").await;
    stage.clock.advance(MINUTE);
    // The flush is in flight while it is told.
    let passes = shelf.holds_writes();
    let worker = tokio::spawn(stage.engine.worker().look());
    while stage.engine.stats().archive.queued == 0 {
        tokio::task::yield_now().await;
    }
    let export = stage.engine.export(stage.id).await.expect("an export").expect("something is held");
    passes.add_permits(100);
    worker.await.expect("a task").expect("a look");
    assert_eq!(export["session"], stage.id.to_string());
    assert_eq!(export["record"]["data"]["email"], "ana@example.com");
    assert_eq!(export["archived"]["record"]["data"]["email"], "ana@example.com");
    assert_eq!(export["archived"]["history"].as_array().map(Vec::len), Some(8));
    assert_eq!(export["archived"]["checkpoints"][0]["data"]["phone"], "+1234567890");
}

#[tokio::test]
async fn purging_forgets_by_age_and_nobody_else() {
    let (stage, shelf) = archiving(|salon| salon.expiry(Expiry::default().idle(DAY)));
    let mut ids = Vec::new();
    for _ in 0..1_200 {
        let id = SessionId::random();
        stage.engine.handle(id, "hi").await.expect("a turn");
        ids.push(id);
    }
    stage.clock.advance(2 * DAY);
    stage.works().await;
    archived(&stage).await;
    stage.says("hi").await;
    archived(&stage).await;
    stage.clock.advance(30 * DAY);
    assert_eq!(stage.engine.purge(40 * DAY).await.expect("purged"), 0);
    assert_eq!(stage.engine.purge(31 * DAY).await.expect("purged"), 1_200);
    assert_eq!(shelf.latest(ids[0]).await.expect("an archive"), None);
    assert!(shelf.latest(stage.id).await.expect("an archive").is_some());
    let without = Stage::new();
    assert!(matches!(without.engine.purge(DAY).await, Err(EngineError::NoArchive)));
}

#[tokio::test]
async fn who_was_being_taken_up_from_the_archive_is_erased_all_the_same() {
    for resume in [Resume::Within(90 * DAY), Resume::Never] {
        let (stage, shelf) = archiving(|salon| salon.expiry(Expiry::default().idle(DAY).grace(MINUTE)).resume(resume));
        let elsewhere = salon().expiry(Expiry::default().idle(DAY)).resume(resume).archive(Arc::clone(&shelf));
        let elsewhere = stage.second(elsewhere);
        stage.says_all(&TO_REVIEW).await;
        for _ in 0..3 {
            stage.clock.advance(DAY);
            stage.works().await;
        }
        assert_eq!(
            stage.store.behind().load(stage.id, 0).await.expect("a store").record,
            None,
            "it is in the archive alone"
        );
        let (passes, id) = (shelf.holds_answers(), stage.id);
        let returns = tokio::spawn(async move { elsewhere.handle(id, "hello?").await });
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        stage.clock.advance(Duration::from_millis(1));
        assert!(stage.engine.erase(stage.id).await.expect("erased"));
        stage.clock.advance(Duration::from_millis(1));
        passes.add_permits(100);
        returns.await.expect("a task").expect("a turn");
        archived(&stage).await;
        assert!(stage.engine.export(stage.id).await.expect("an export").is_none());
    }
}
