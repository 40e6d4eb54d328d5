//! Erasing and exporting a person, and forgetting by age, whatever is under way.

use std::{sync::Arc, time::Duration};

use flow_core::{
    Archive, EngineError, Expiry, Limits, Opened, Resume, SessionId,
    store::{Commit, Expect},
};
use flow_memory::MemoryArchive;
use flow_postgres::PostgresArchive;
use flow_proving::PostgresServer;
use flow_sqlite::SqliteStore;

use crate::{
    flow::Booking,
    records_of_before::written_as_json,
    shelf::{Shelf, archiving},
    stage::{Stage, TO_REVIEW, by, salon},
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
    assert!(stage.engine.operator(by()).erase(stage.id).await.expect("erased"));
    assert_eq!(stage.engine.export(stage.id).await.expect("an export"), None);
    assert_eq!(stage.store.behind().load(stage.id, 0).await.expect("a store").record, None);
    stage.clock.advance(DAY);
    assert_eq!(stage.engine.worker().look().await.expect("a look"), 0, "nobody wakes for it");
    assert!(!stage.engine.operator(by()).erase(stage.id).await.expect("erased"), "there is nothing left");
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
    assert!(stage.engine.operator(by()).erase(stage.id).await.expect("erased"));
    passes.add_permits(100);
    worker.await.expect("a task").expect("a look");
    assert_eq!(shelf.latest(stage.id).await.expect("an archive").archived, None);
    assert_eq!(stage.engine.export(stage.id).await.expect("an export"), None);
}

#[tokio::test]
async fn a_late_writer_that_brings_the_record_back_to_the_store_is_found_by_the_tombstone() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book"]).await;
    let mut late = stage.store.last_written();
    stage.engine.operator(by()).erase(stage.id).await.expect("erased");
    late.expect = Expect::Absent;
    stage.store.behind().commit(late).await.expect("a store");
    archived(&stage).await;
    assert_eq!(stage.store.behind().load(stage.id, 0).await.expect("a store").record, None);
    assert_eq!(shelf.latest(stage.id).await.expect("an archive").archived, None);
}

#[tokio::test]
async fn who_returns_after_an_erasure_is_archived_again() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book"]).await;
    archived(&stage).await;
    stage.engine.operator(by()).erase(stage.id).await.expect("erased");
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
    assert_eq!(shelf.latest(ids[0]).await.expect("an archive").archived, None);
    assert!(shelf.latest(stage.id).await.expect("an archive").archived.is_some());
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
        assert!(stage.engine.operator(by()).erase(stage.id).await.expect("erased"));
        stage.clock.advance(Duration::from_millis(1));
        passes.add_permits(100);
        returns.await.expect("a task").expect("a turn");
        archived(&stage).await;
        assert!(stage.engine.export(stage.id).await.expect("an export").is_none());
    }
}

/// A turn finds a session in the archive, and takes it up after the session was erased; before a worker has archived that, the
/// conversation begins anew, later than the erasure by every clock.
async fn taken_up_erased_and_begun_anew(archive: Arc<dyn Archive>) {
    let shelf = Arc::new(Shelf::over(archive));
    let expiry = || Expiry::default().idle(DAY).grace(MINUTE);
    let builder = || salon().expiry(expiry()).resume(Resume::Within(90 * DAY)).archive(Arc::clone(&shelf));
    let stage = Stage::with(builder());
    let elsewhere = stage.second(builder());
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
    assert!(shelf.steps(stage.id).await.len() > 5, "all that was said is there");
    let (passes, id) = (shelf.holds_answers(), stage.id);
    let returns = tokio::spawn(async move { elsewhere.handle(id, "hello?").await });
    while shelf.waiting_answers() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(stage.engine.operator(by()).erase(id).await.expect("erased"));
    passes.add_permits(100);
    let returned = returns.await.expect("a task").expect("a turn");
    assert!(returned.resumed.is_some(), "it was taken up after its erasure");
    stage.clock.advance(100 * DAY);
    assert_eq!(stage.says("hello again").await.opened, Some(Opened::AfterExpiry));
    for _ in 0..3 {
        archived(&stage).await;
    }
    assert_eq!(shelf.steps(id).await, Vec::<String>::new());
    assert_eq!(stage.engine.export(id).await.expect("an export"), None);
    // Whoever comes now is a stranger, and is archived as one.
    assert_eq!(stage.says("hi").await.opened, Some(Opened::First));
    archived(&stage).await;
    assert_eq!(shelf.steps(id).await, ["· -> WELCOME (opened)"]);
}

#[tokio::test]
async fn what_was_taken_up_while_it_was_erased_stays_erased_when_it_begins_anew() {
    taken_up_erased_and_begun_anew(Arc::new(MemoryArchive::new())).await;
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = SqliteStore::open(folder.path().join("archive.db")).expect("an archive");
    taken_up_erased_and_begun_anew(Arc::new(sqlite)).await;
    let server = PostgresServer::start_quick();
    let postgres = PostgresArchive::connect(&server.url("postgres")).await.expect("an archive");
    taken_up_erased_and_begun_anew(Arc::new(postgres)).await;
}

/// How a session began, and with that whether its record says an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begun {
    /// The archive was asked, and had nothing.
    Asked,
    /// The archive was away, and nobody insisted.
    Unasked,
    /// The engine had no archive.
    WithoutOne,
    /// Its record has the form of before the first edition, which says no epoch.
    Before,
}

impl Begun {
    const ALL: [Self; 4] = [Self::Asked, Self::Unasked, Self::WithoutOne, Self::Before];

    /// A session whose visitor has said a few things, and that expires in a day.
    async fn session(begun: Self) -> (Stage<Booking>, Arc<Shelf>) {
        let (stage, shelf) = archiving(|salon| salon.expiry(Expiry::default().idle(DAY)));
        shelf.is_away(begun == Self::Unasked);
        if begun == Self::WithoutOne {
            let without = stage.second(salon().expiry(Expiry::default().idle(DAY)));
            without.handle(stage.id, "hi").await.expect("a turn");
        } else {
            stage.says("hi").await;
        }
        shelf.is_away(false);
        stage.says_all(&["Book", "Ana Silva"]).await;
        if begun == Self::Before {
            let record = stage.store.behind().load(stage.id, 0).await.expect("a store").record.expect("a record");
            let old = written_as_json(record.stamp(), record.readable());
            stage.store.behind().remove(stage.id).await.expect("a store");
            let commit = Commit::new(stage.id, Expect::Absent, old, "booking", "BOOK_NAME");
            stage.store.behind().commit(commit).await.expect("a store");
        }
        (stage, shelf)
    }
}

#[tokio::test]
async fn a_record_that_comes_back_after_its_erasure_is_not_kept_whatever_it_began_as_and_though_it_begins_anew() {
    for begun in Begun::ALL {
        let (stage, shelf) = Begun::session(begun).await;
        let late = stage.store.behind().load(stage.id, 0).await.expect("a store").record.expect("a record");
        assert!(stage.engine.operator(by()).erase(stage.id).await.expect("erased"), "{begun:?}");
        // As an instance hands it back that had it in memory while the store was away.
        let commit = Commit::new(stage.id, Expect::Absent, late, "booking", "BOOK_NAME");
        stage.store.behind().commit(commit).await.expect("a store");
        stage.clock.advance(2 * DAY);
        assert_eq!(stage.says("hello again").await.opened, Some(Opened::AfterExpiry), "{begun:?}");
        for _ in 0..3 {
            archived(&stage).await;
        }
        assert_eq!(shelf.steps(stage.id).await, Vec::<String>::new(), "{begun:?}");
        assert_eq!(stage.engine.export(stage.id).await.expect("an export"), None, "{begun:?}");
    }
}

#[tokio::test]
async fn a_session_that_begins_after_an_erasure_is_kept_whatever_it_begins_as() {
    for begun in Begun::ALL {
        let (stage, shelf) = Begun::session(begun).await;
        stage.engine.archive_all().await.expect("archived");
        assert_eq!(shelf.steps(stage.id).await.len(), 3, "{begun:?}: nobody has erased it yet");
        stage.engine.operator(by()).erase(stage.id).await.expect("erased");
        stage.clock.advance(Duration::from_millis(1));
        shelf.is_away(begun == Begun::Unasked);
        if begun == Begun::WithoutOne {
            stage.second(salon()).handle(stage.id, "hi").await.expect("a turn");
        } else {
            stage.says("hi").await;
        }
        shelf.is_away(false);
        stage.says("Book").await;
        archived(&stage).await;
        archived(&stage).await;
        assert_eq!(shelf.steps(stage.id).await.len(), 2, "{begun:?}");
        assert!(stage.engine.peek(stage.id).await.expect("a store").is_some(), "{begun:?}: and it goes on");
    }
}

#[tokio::test]
async fn a_session_that_begins_after_an_erasure_is_kept_though_the_clock_of_its_store_went_back() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.says("hi").await;
    archived(&stage).await;
    // Erased by an instance whose store, another one, is an hour ahead.
    let ahead = Stage::with(salon().archive(Arc::clone(&shelf)));
    ahead.clock.advance(60 * MINUTE);
    ahead.engine.operator(by()).erase(stage.id).await.expect("erased");
    stage.engine.remove(stage.id).await.expect("removed");
    stage.says("hi again").await;
    archived(&stage).await;
    assert_eq!(shelf.steps(stage.id).await, ["· -> WELCOME (opened)"]);
}
