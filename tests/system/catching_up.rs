//! The archive catches up when it is asked to: for one session, for all of them, and when an engine shuts down.

use std::{sync::Arc, time::Duration};

use flow_core::{
    Archive, EngineError, Outage, Record, SessionId, Store,
    store::{Commit, Expect},
};

use tokio::sync::Semaphore;

use crate::{
    flow::Booking,
    meddler::Meddling,
    shelf::{Shelf, archiving},
    stage::{Stage, salon},
};

/// As long as a shutdown may take where nothing hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Begins this many conversations.
async fn crowd(stage: &Stage<Booking>, count: usize) -> Vec<SessionId> {
    let ids: Vec<_> = (0..count).map(|_| SessionId::random()).collect();
    for id in &ids {
        stage.engine.handle(*id, "hi").await.expect("a turn");
    }
    ids
}

async fn archived(shelf: &Shelf, ids: &[SessionId]) -> usize {
    let mut count = 0;
    for id in ids {
        count += usize::from(shelf.latest(*id).await.is_ok_and(|latest| latest.archived.is_some()));
    }
    count
}

#[tokio::test]
async fn fifty_sessions_are_in_the_archive_when_their_engine_has_shut_down() {
    let (stage, shelf) = archiving(|salon| salon);
    let ids = crowd(&stage, 50).await;
    assert_eq!(archived(&shelf, &ids).await, 0, "the interval is not over");
    let shutdown = stage.engine.shutdown(PATIENCE).await;
    assert_eq!((archived(&shelf, &ids).await, shutdown.unarchived(), shutdown.is_complete()), (50, 0, true));
    // What is archived is noted, so that no worker comes for it again.
    stage.passes(1);
    let next = stage.second(salon().archive(Arc::clone(&shelf)));
    assert_eq!(next.worker().look().await.expect("a store"), 0);
}

#[tokio::test]
async fn a_shutdown_beside_a_working_worker_leaves_nothing_to_be_archived_either() {
    let (stage, shelf) = archiving(|salon| salon);
    let worker = stage.engine.worker().start();
    let ids = crowd(&stage, 50).await;
    assert_eq!(stage.engine.shutdown(PATIENCE).await.unarchived(), 0);
    assert_eq!(archived(&shelf, &ids).await, 50);
    worker.await.expect("it ends");
}

#[tokio::test]
async fn a_shutdown_tells_what_it_leaves_to_the_workers() {
    let (stage, shelf) = archiving(|salon| salon);
    let ids = crowd(&stage, 3).await;
    shelf.is_away(true);
    let shutdown = stage.engine.shutdown(PATIENCE).await;
    assert_eq!((shutdown.unarchived(), shutdown.is_complete(), shutdown.only_in_memory()), (3, true, 0));
    shelf.is_away(false);
    stage.passes(1);
    let next = stage.second(salon().archive(Arc::clone(&shelf)));
    next.worker().look().await.expect("a store");
    assert_eq!(archived(&shelf, &ids).await, 3);
}

#[tokio::test(start_paused = true)]
async fn an_archive_that_hangs_holds_a_shutdown_up_no_longer_than_its_patience() {
    let (stage, shelf) = archiving(|salon| salon);
    crowd(&stage, 2).await;
    let _passes = shelf.holds_writes();
    let began = tokio::time::Instant::now();
    let shutdown = stage.engine.shutdown(Duration::from_secs(2)).await;
    assert_eq!((began.elapsed(), shutdown.unarchived(), shutdown.is_complete()), (Duration::from_secs(2), 2, true));
}

#[tokio::test]
async fn what_another_process_has_archived_meanwhile_is_not_left() {
    let (stage, shelf) = archiving(|salon| salon);
    let ids = crowd(&stage, 3).await;
    stage.passes(1);
    let other = stage.second(salon().archive(Arc::clone(&shelf)));
    other.worker().look().await.expect("a store");
    assert_eq!(archived(&shelf, &ids).await, 3);
    assert_eq!(stage.engine.shutdown(PATIENCE).await.unarchived(), 0);
}

#[tokio::test]
async fn what_was_handed_back_at_the_end_is_archived_too() {
    let (stage, shelf) = archiving(|salon| salon.outage(Outage::Memory { sessions: 10 }));
    stage.says("hi").await;
    stage.store.is_away(true);
    stage.says("Book").await;
    assert!(matches!(stage.engine.archive_now(stage.id).await, Err(EngineError::Store(_))), "it is in memory alone");
    stage.store.is_away(false);
    assert_eq!(stage.engine.shutdown(PATIENCE).await.unarchived(), 0);
    assert_eq!(shelf.steps(stage.id).await, ["· -> WELCOME (opened)", "WELCOME -> BOOK_NAME (message)"]);
}

#[tokio::test]
async fn one_session_is_in_the_archive_when_archive_now_returns() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book"]).await;
    assert!(stage.engine.archive_now(stage.id).await.expect("an archive"), "there was something");
    assert_eq!(shelf.steps(stage.id).await.len(), 2);
    assert!(!stage.engine.archive_now(stage.id).await.expect("an archive"), "there is nothing new");
    stage.says("Ana").await;
    assert!(stage.engine.archive_now(stage.id).await.expect("an archive"));
    assert_eq!((shelf.steps(stage.id).await.len(), stage.engine.stats().archive_repaired), (3, 0));
}

#[tokio::test]
async fn what_could_not_be_archived_is_told() {
    let (stage, shelf) = archiving(|salon| salon);
    let nobody = stage.engine.archive_now(stage.id).await;
    assert!(matches!(nobody, Err(EngineError::NoSession)), "{nobody:?}");
    stage.says("hi").await;
    shelf.is_away(true);
    let away = stage.engine.archive_now(stage.id).await;
    assert!(matches!(away, Err(EngineError::Archive(_))), "{away:?}");
    shelf.is_away(false);
    shelf.refuses(Some(stage.id));
    for _ in 0..2 {
        let refused = stage.engine.archive_now(stage.id).await;
        assert!(matches!(refused, Err(EngineError::ArchiveRefused)), "{refused:?}");
    }
    shelf.refuses(None);
    assert!(stage.engine.archive_now(stage.id).await.expect("an archive"), "it is offered again");
    let without = Stage::new();
    assert!(matches!(without.engine.archive_now(without.id).await, Err(EngineError::NoArchive)));
    assert!(matches!(without.engine.archive_all().await, Err(EngineError::NoArchive)));
}

#[tokio::test]
async fn a_session_of_before_there_was_an_archive_is_archived() {
    let stage = Stage::new();
    stage.says_all(&["hi", "Book"]).await;
    let shelf = Arc::<Shelf>::default();
    let engine = stage.second(salon().archive(Arc::clone(&shelf)));
    assert!(engine.archive_now(stage.id).await.expect("an archive"));
    assert_eq!(shelf.steps(stage.id).await.len(), 2);
}

#[tokio::test]
async fn all_sessions_of_the_flow_are_archived_those_of_other_processes_too_and_the_rest_is_told() {
    let (stage, shelf) = archiving(|salon| salon);
    let mut ids = crowd(&stage, 250).await;
    let other = stage.second(salon().archive(Arc::clone(&shelf)));
    other.handle(stage.id, "hi").await.expect("a turn");
    let refused = ids.pop().expect("one");
    shelf.refuses(Some(refused));
    let (damaged, foreign) = (SessionId::random(), SessionId::random());
    for (id, body, flow) in [(damaged, "{}", "booking"), (foreign, r#"{"flow":"pizza","flowVersion":1}"#, "pizza")] {
        let record = Record::compose(flow_core::Stamp::first(), body.as_bytes());
        let commit = Commit::new(id, Expect::Absent, record, flow, "WELCOME");
        stage.store.behind().commit(commit).await.expect("a store");
    }
    let caught_up = stage.engine.archive_all().await.expect("a store and an archive");
    let mut left: Vec<_> = caught_up.left.iter().map(|(id, error)| (*id, error.to_string())).collect();
    left.sort();
    let mut expected =
        [(refused, "the archive refuses the session as it is"), (damaged, "the stored session cannot be read")];
    expected.sort();
    assert_eq!(left, expected.map(|(id, error)| (id, error.to_owned())), "and no word of another flow's session");
    assert_eq!((caught_up.archived, archived(&shelf, &ids).await), (250, 249));
    assert!(shelf.latest(stage.id).await.expect("an archive").archived.is_some());
    shelf.is_away(true);
    stage.says("Book").await;
    assert!(matches!(stage.engine.archive_all().await, Err(EngineError::Archive(_))));
}

#[tokio::test]
async fn what_is_said_while_an_archived_session_is_looked_at_is_archived_at_the_end() {
    let (stage, shelf) = archiving(|salon| salon);
    let engine = Arc::new(stage.second(salon().archive(Arc::clone(&shelf))));
    engine.handle(stage.id, "hi").await.expect("a turn");
    engine.archive_now(stage.id).await.expect("an archive");
    let permits = Arc::new(Semaphore::new(0));
    stage.store.next_load(Meddling::Wait(Arc::clone(&permits)));
    let everything = tokio::spawn({
        let engine = Arc::clone(&engine);
        async move { engine.archive_all().await }
    });
    let calls = stage.store.calls();
    while stage.store.calls() == calls {
        tokio::task::yield_now().await; // until it waits for the record
    }
    let turn = tokio::spawn({
        let (engine, id) = (Arc::clone(&engine), stage.id);
        async move { engine.handle(id, "Book").await }
    });
    for _ in 0..10 {
        tokio::task::yield_now().await; // until the turn waits for that look
    }
    permits.add_permits(1);
    turn.await.expect("a task").expect("a turn");
    everything.await.expect("a task").expect("an archive");
    let shutdown = engine.shutdown(PATIENCE).await;
    assert_eq!((shelf.steps(stage.id).await.len(), shutdown.unarchived()), (2, 0));
}

#[tokio::test]
async fn an_engine_that_shuts_down_begins_no_archiving() {
    let (stage, _shelf) = archiving(|salon| salon);
    stage.says("hi").await;
    let _ = stage.engine.shutdown(PATIENCE).await;
    assert!(matches!(stage.engine.archive_now(stage.id).await, Err(EngineError::ShuttingDown)));
    assert!(matches!(stage.engine.archive_all().await, Err(EngineError::ShuttingDown)));
}

#[tokio::test]
async fn two_that_archive_the_same_sessions_at_once_double_nothing() {
    let (stage, shelf) = archiving(|salon| salon);
    let ids = crowd(&stage, 40).await;
    let other = stage.second(salon().archive(Arc::clone(&shelf)));
    let (one, two) = tokio::join!(stage.engine.archive_all(), other.archive_all());
    let left = [one.expect("an archive"), two.expect("an archive")].map(|caught_up| caught_up.left.len());
    assert_eq!(left, [0, 0]);
    for id in &ids {
        assert_eq!(shelf.steps(*id).await.len(), 1);
    }
}
