//! Write-behind: a changed session is archived soon after, whole, in order, and whatever fails.

use std::{sync::atomic::Ordering, time::Duration};

use flow_core::{
    Archive, Cause, Clock, Deadlines, Expiry, Limits, Record, Retries, SessionId,
    store::{Commit, Expect},
};
use serde_json::Value;

use crate::{
    desk::Desk,
    flow::BookingSignal,
    meddler::Meddling,
    records_of_before::written_as_json,
    shelf::archiving,
    stage::{Stage, TO_REVIEW, by},
};

const MINUTE: Duration = Duration::from_secs(60);

/// A minute passes, and what is due is done.
async fn a_minute_later(stage: &Stage<crate::flow::Booking>) {
    stage.clock.advance(MINUTE);
    stage.works().await;
}

#[tokio::test]
async fn a_changed_session_is_archived_within_the_interval_and_then_left_alone() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book"]).await;
    stage.works().await;
    assert_eq!(shelf.latest(stage.id).await.expect("an archive").archived, None, "not yet");
    a_minute_later(&stage).await;
    assert_eq!(shelf.steps(stage.id).await, ["· -> WELCOME (opened)", "WELCOME -> BOOK_NAME (message)"]);
    assert_eq!(stage.store.last_written().wake_at, None);
    let stats = stage.engine.stats();
    assert_eq!((stats.archived, stats.archive.runs, stats.archive.queued), (1, 1, 0));
    assert!(stats.archive.longest_run > Duration::ZERO);
}

#[tokio::test]
async fn what_a_record_no_longer_holds_the_archive_does_and_nothing_is_cut_before() {
    let (stage, shelf) = archiving(|salon| salon.limits(Limits::default().history(2)));
    stage.says_all(&TO_REVIEW).await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!(session.history().len(), 7, "none of it is archived yet");
    a_minute_later(&stage).await;
    stage.says("Yes").await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!(session.history().len(), 2);
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("a turn");
    a_minute_later(&stage).await;
    let steps = shelf.steps(stage.id).await;
    assert_eq!((steps.len(), steps.last().map(String::as_str)), (9, Some("BOOK_SEND_LINK -> BOOK_CONFIRMED (signal)")));
    let checkpoints = shelf.checkpoints(stage.id).await.expect("checkpoints");
    let states: Vec<_> = checkpoints.iter().map(|checkpoint| checkpoint.state.as_str()).collect();
    assert_eq!(states, ["BOOK_SEND_LINK", "BOOK_CONFIRMED"]);
}

#[tokio::test]
async fn an_archiving_that_could_not_be_noted_is_found_out_and_doubles_nothing() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.clock.advance(Duration::from_nanos(1_999));
    stage.says_all(&["hi", "Book"]).await;
    stage.clock.advance(MINUTE);
    stage.store.next_commit(Meddling::Refuse(flow_core::StoreError::Full));
    stage.works().await;
    assert_eq!(shelf.steps(stage.id).await.len(), 2, "it is archived, and the record does not know");
    stage.says("Ana").await;
    a_minute_later(&stage).await;
    assert_eq!(shelf.steps(stage.id).await.len(), 3);
    let stats = stage.engine.stats();
    assert_eq!((stats.archive_repaired, stats.archived), (0, 2));
}

#[tokio::test]
async fn a_lineage_that_a_failover_lost_is_joined_with_the_one_that_goes_on_and_counted() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book"]).await;
    a_minute_later(&stage).await;
    let mut tail_begins = stage.store.last_written();
    stage.says_all(&["Ana", "ana@example.com"]).await;
    a_minute_later(&stage).await;
    let lost = shelf.latest(stage.id).await.expect("an archive").archived.expect("kept").record.stamp();
    // A replica that had not heard of the tail takes over.
    let replica = stage.store.behind();
    replica.remove(stage.id).await.expect("a store");
    tail_begins.expect = Expect::Absent;
    replica.commit(tail_begins).await.expect("a store");
    stage.says("Bea").await;
    a_minute_later(&stage).await;
    let steps = shelf.steps(stage.id).await;
    assert_eq!(steps[3], "BOOK_EMAIL -> BOOK_PHONE (message)", "what was archived stays");
    assert_eq!(steps[4..], ["BOOK_NAME -> BOOK_EMAIL (message)"], "and what goes on follows it");
    let kept = shelf.latest(stage.id).await.expect("an archive").archived.expect("kept").record.stamp();
    assert!(kept.version > lost.version, "never an older version over a newer");
    assert_eq!(stage.engine.stats().archive_repaired, 1);
    stage.says("bea@example.com").await;
    a_minute_later(&stage).await;
    assert_eq!(shelf.steps(stage.id).await.len(), 6);
}

#[tokio::test]
async fn an_archive_that_is_away_loses_nothing_and_lags() {
    let (stage, shelf) = archiving(|salon| salon);
    shelf.is_away(true);
    stage.says_all(&["hi", "Book"]).await;
    for _ in 0..5 {
        stage.says("help").await;
        a_minute_later(&stage).await;
    }
    assert!(stage.engine.stats().archive_failures >= 4);
    shelf.is_away(false);
    a_minute_later(&stage).await;
    assert!(stage.engine.stats().archive.lag >= 4 * MINUTE, "{:?}", stage.engine.stats().archive);
    assert_eq!(shelf.steps(stage.id).await.len(), 2);
    stage.says("Ana").await;
    a_minute_later(&stage).await;
    assert_eq!((shelf.steps(stage.id).await.len(), stage.engine.stats().archive.lag), (3, Duration::ZERO));
}

#[tokio::test]
async fn a_session_that_the_archive_refuses_is_set_aside_the_others_pass_and_it_can_be_offered_again() {
    let (stage, shelf) = archiving(|salon| salon);
    let other = SessionId::random();
    stage.says("hi").await;
    stage.engine.handle(other, "hi").await.expect("a turn");
    shelf.refuses(Some(stage.id));
    a_minute_later(&stage).await;
    assert_eq!((shelf.steps(stage.id).await.len(), shelf.steps(other).await.len()), (0, 1));
    assert_eq!((stage.engine.stats().archive_refused, stage.store.last_written().wake_at), (1, None));
    shelf.refuses(None);
    stage.engine.operator(by()).retry(stage.id).await.expect("an amendment");
    a_minute_later(&stage).await;
    let steps = shelf.steps(stage.id).await;
    assert_eq!(steps.len(), 2, "{steps:?}");
    assert!(steps[1].contains("retried"), "{steps:?}");
}

#[tokio::test]
async fn what_expires_is_archived_before_its_store_forgets_it() {
    let (stage, shelf) = archiving(|salon| salon.expiry(Expiry::default().idle(2 * MINUTE).grace(MINUTE)));
    stage.says_all(&["hi", "Book", "Ana"]).await;
    stage.clock.advance(Duration::from_secs(24 * 3600));
    assert!(
        stage.store.behind().load(stage.id, 0).await.expect("a store").record.is_some(),
        "there is something to be done yet"
    );
    stage.works().await;
    a_minute_later(&stage).await;
    assert_eq!(shelf.steps(stage.id).await.last().map(String::as_str), Some("BOOK_EMAIL -> BOOK_EMAIL (lapsed)"));
    stage.clock.advance(MINUTE);
    assert_eq!(stage.store.behind().load(stage.id, 0).await.expect("a store").record, None);
    assert_eq!(shelf.beginnings(stage.id).await, [(Cause::Opened, 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_takes_its_time_keeps_nobody_from_being_archived() {
    let (stage, shelf) = archiving(|salon| {
        salon
            .on_checkpoint(|_| std::future::pending::<Result<(), String>>())
            .deadlines(Deadlines::default().hook(60 * MINUTE))
    });
    let _worker = stage.engine.worker().start();
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let other = SessionId::random();
    stage.engine.handle(other, "hi").await.expect("a turn");
    stage.clock.advance(MINUTE);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(stage.engine.stats().delivered, 1, "the effect alone: the checkpoint takes its time");
    assert_eq!(shelf.steps(other).await.len(), 1);
}

#[tokio::test]
async fn what_was_archived_of_one_lineage_is_not_noted_in_another() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book", "Ana"]).await;
    stage.clock.advance(MINUTE);
    let passes = shelf.holds_writes();
    let worker = tokio::spawn(stage.engine.worker().look());
    while stage.engine.stats().archive.queued == 0 {
        tokio::task::yield_now().await;
    }
    // Its store loses it, and the visitor begins anew before it is archived.
    stage.store.behind().remove(stage.id).await.expect("a store");
    stage.says_all(&["hello", "Book"]).await;
    passes.add_permits(100);
    worker.await.expect("a task").expect("a look");
    for _ in 0..3 {
        a_minute_later(&stage).await;
    }
    assert_eq!(shelf.beginnings(stage.id).await, [(Cause::Opened, 1), (Cause::Opened, 2)]);
    assert_eq!(shelf.steps(stage.id).await.len(), 5);
    let kept = shelf.latest(stage.id).await.expect("an archive").archived.expect("kept").record.stamp();
    assert!(kept.version > 3, "never an older version over a newer: {kept:?}");
}

#[tokio::test]
async fn an_instance_without_an_archive_cuts_nothing_that_is_to_be_archived() {
    let (stage, shelf) = archiving(|salon| salon.limits(Limits::default().history(2)));
    let without = stage.second(crate::stage::salon().limits(Limits::default().history(2)));
    stage.says("hi").await;
    for said in &TO_REVIEW[1..] {
        without.handle(stage.id, *said).await.expect("a turn");
    }
    a_minute_later(&stage).await;
    assert_eq!(shelf.steps(stage.id).await.len(), 7);
    // What it changes of an archived session is archived as well.
    without.handle(stage.id, "Yes").await.expect("a turn");
    a_minute_later(&stage).await;
    assert_eq!(shelf.steps(stage.id).await.len(), 8);
    assert_eq!(shelf.checkpoints(stage.id).await.expect("checkpoints").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_look_comes_to_its_end_though_the_archive_does_not_answer() {
    let (stage, shelf) = archiving(|salon| salon);
    let _nobody_passes = shelf.holds_writes();
    for _ in 0..3 {
        stage.engine.handle(SessionId::random(), "hi").await.expect("a turn");
    }
    stage.clock.advance(MINUTE);
    // The engine's clock goes on while the archive is waited for.
    let clock = stage.clock.clone();
    let ticking = async move {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            clock.advance(Duration::from_secs(1));
        }
    };
    let worker = stage.engine.worker().at_once(1).lease(Duration::from_secs(8));
    tokio::select! {
        looked = worker.look() => assert_eq!(looked.expect("a look"), 3),
        () = ticking => unreachable!("it has no end"),
        () = tokio::time::sleep(10 * MINUTE) => panic!("it looks for ever"),
    }
}

#[tokio::test]
async fn a_checkpoint_stands_in_a_record_once_though_a_hook_and_the_archive_want_it() {
    let desk = Desk::default();
    let (stage, shelf) = archiving(|_| desk.salon());
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let snapshots = || {
        let record = stage.store.last_written().record;
        String::from_utf8_lossy(record.bytes()).matches(r#""checkpoint":{"#).count()
    };
    assert_eq!(snapshots(), 1, "for both");
    stage.works().await;
    assert_eq!((desk.received().len(), snapshots()), (2, 1), "for the archive, once it is delivered");
    a_minute_later(&stage).await;
    assert_eq!(snapshots(), 0);
    let kept = shelf.checkpoints(stage.id).await.expect("checkpoints");
    assert_eq!(kept.iter().map(|kept| kept.state.as_str()).collect::<Vec<_>>(), ["BOOK_SEND_LINK"]);
}

#[tokio::test]
async fn a_checkpoint_that_is_archived_before_it_is_delivered_is_delivered_all_the_same_and_archived_once() {
    let desk = Desk::default();
    let (stage, shelf) = archiving(|_| desk.salon());
    desk.refusals.store(3, Ordering::SeqCst);
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    for _ in 0..6 {
        a_minute_later(&stage).await;
    }
    assert_eq!((desk.received().len(), stage.pending().await), (5, 0), "three were refused");
    let kept = shelf.checkpoints(stage.id).await.expect("checkpoints");
    assert_eq!(kept.len(), 1);
}

#[tokio::test]
async fn what_the_archive_itself_has_lost_is_archived_again_from_the_start() {
    let (stage, shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book"]).await;
    a_minute_later(&stage).await;
    let purged = shelf.purge_before(stage.clock.now() + MINUTE, 10).await.expect("an archive");
    assert_eq!(purged, 1);
    stage.says("Ana").await;
    a_minute_later(&stage).await;
    a_minute_later(&stage).await;
    assert_eq!(shelf.steps(stage.id).await.len(), 3);
    assert_eq!(stage.engine.stats().archive_repaired, 0, "there was no other lineage");
}

#[tokio::test]
async fn a_checkpoint_that_waits_while_lineages_are_joined_is_delivered_under_its_key_and_archived_under_another() {
    let desk = Desk::default();
    let (stage, shelf) = archiving(|_| desk.salon());
    stage.says_all(&TO_REVIEW).await;
    a_minute_later(&stage).await;
    let tail_begins = stage.store.last_written();
    stage.says_all(&["help", "help", "change e-mail", "bea@example.com", "+1 234 567 891", "skip"]).await;
    a_minute_later(&stage).await;
    let lost = shelf.latest(stage.id).await.expect("an archive").archived.expect("kept").record.stamp();
    // A replica that had not heard of the tail takes over.
    let replica = stage.store.behind();
    replica.remove(stage.id).await.expect("a store");
    let mut commit = tail_begins;
    commit.expect = Expect::Absent;
    replica.commit(commit).await.expect("a store");
    desk.refusals.store(3, Ordering::SeqCst);
    let checkpoint = stage.says("Yes").await.checkpoints[0];
    assert!(checkpoint.stamp.version <= lost.version, "the lost turns had such versions too");
    for _ in 0..6 {
        a_minute_later(&stage).await;
    }
    let name = format!("BOOK_SEND_LINK {}/{}", checkpoint.stamp.version, checkpoint.index);
    assert_eq!(desk.received_as_checkpoints(), [&*name; 4], "three tries were refused");
    let kept = shelf.checkpoints(stage.id).await.expect("checkpoints");
    assert_eq!(kept.iter().map(|kept| kept.key).collect::<Vec<_>>(), [checkpoint], "under the key that was told");
    assert_eq!(stage.engine.stats().archive_repaired, 1);
}

#[tokio::test]
async fn a_worker_archives_no_more_sessions_together_than_it_is_told() {
    let (stage, _shelf) = archiving(|salon| salon);
    for _ in 0..3 {
        stage.engine.handle(SessionId::random(), "hi").await.expect("a turn");
    }
    stage.clock.advance(MINUTE);
    stage.engine.worker().batch(1).look().await.expect("a look");
    let stats = stage.engine.stats();
    assert_eq!((stats.archived, stats.archive.runs), (3, 3));
}

/// The record as an older release wrote it: what a hook and the archive want stands in it twice.
fn as_an_older_release_wrote_it(record: &Record) -> Record {
    let mut json = record.readable();
    let todo = &mut json["todo"];
    let mut twice = Vec::new();
    for (list, inner) in [("pending", ""), ("setAside", "/pending")] {
        for waiting in todo[list].as_array_mut().into_iter().flatten() {
            let pending = waiting.pointer_mut(inner).and_then(Value::as_object_mut).expect("something that waits");
            if pending.remove("archive").is_some() {
                twice.push(Value::Object(pending.clone()));
            }
        }
    }
    assert_eq!(twice.len(), 2, "{todo}");
    todo["archiving"]["checkpoints"] = twice.into();
    written_as_json(record.stamp().next(), json)
}

#[tokio::test]
async fn a_checkpoint_that_stood_twice_in_an_older_record_is_delivered_once_and_archived_once() {
    let desk = Desk::default();
    let (stage, shelf) = archiving(|_| desk.salon().retries(Retries::default().tries(1)));
    desk.refusals.store(1, Ordering::SeqCst);
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    stage.works().await;
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("a turn");
    // One is a dead letter, and one waits.
    let last = stage.store.last_written();
    let record = as_an_older_release_wrote_it(&last.record);
    let older = Commit::new(stage.id, Expect::At(last.record.prefix()), record, last.flow, last.state);
    stage.store.behind().commit(older.wake_at(last.wake_at)).await.expect("planted");
    desk.received.lock().expect("a lock").clear();
    stage.works().await;
    assert_eq!(stage.engine.operator(by()).retry(stage.id).await.expect("an amendment"), 1);
    for _ in 0..3 {
        a_minute_later(&stage).await;
    }
    let mut received = desk.received();
    received.sort();
    assert_eq!(received, ["BOOK_CONFIRMED 11/0", "BOOK_SEND_LINK 8/0"]);
    let kept = shelf.checkpoints(stage.id).await.expect("checkpoints");
    assert_eq!(kept.iter().map(|kept| kept.state.as_str()).collect::<Vec<_>>(), ["BOOK_SEND_LINK", "BOOK_CONFIRMED"]);
    let record = stage.store.last_written().record;
    assert!(!String::from_utf8_lossy(record.bytes()).contains(r#""checkpoint""#), "none is kept for anybody any more");
}
