//! The store is away and the conversation goes on in memory, marked, bounded, and handed back.

use std::{sync::Arc, time::Duration};

use flow_core::{
    Archive, Clock, Engine, EngineError, Expiry, Flow, Outage, SessionId, StoreError,
    store::{Commit, Expect},
};

use crate::{
    flow::Booking,
    meddler::Meddling,
    records_of_before::written_as_json,
    shelf::archiving,
    stage::{SLOTS, Stage, TO_REVIEW, by, ok, salon},
};

fn going_on(sessions: usize) -> flow_core::EngineBuilder<Booking> {
    salon().outage(Outage::Memory { sessions })
}

/// Another instance, whose store is not away.
fn elsewhere(stage: &Stage<Booking>) -> Engine<Booking> {
    stage.behind(salon())
}

/// What the store itself holds: the version and the state of the session.
async fn stored(stage: &Stage<Booking>) -> Option<(u64, &'static str)> {
    let session = elsewhere(stage).peek(stage.id).await.expect("readable")?;
    Some((session.stamp().version, session.state().name()))
}

/// The store is there again, and for long enough that it was noticed.
async fn comes_back(stage: &Stage<Booking>) {
    stage.store.is_away(false);
    tokio::time::sleep(Duration::from_secs(3)).await;
}

#[tokio::test(start_paused = true)]
async fn a_session_goes_on_in_memory_and_is_handed_back_by_itself() {
    let stage = Stage::with(going_on(10));
    stage.says_all(&["hi", "Book"]).await;
    stage.store.is_away(true);
    for (said, state) in [("Ana", "BOOK_EMAIL"), ("ana@example.com", "BOOK_PHONE"), ("back", "BOOK_EMAIL")] {
        let outcome = stage.says(said).await;
        assert!(outcome.is_in_memory(), "{:?}", outcome.kind);
        assert_eq!((outcome.state.as_ref().map(Flow::name), stage.state().await), (Some(state), Some(state)));
    }
    assert_eq!(stored(&stage).await, Some((2, "BOOK_NAME")));
    comes_back(&stage).await;
    assert_eq!(stored(&stage).await, Some((5, "BOOK_EMAIL")));
    let outcome = stage.says("ana@example.com").await;
    assert!(!outcome.is_in_memory());
    assert_eq!((outcome.version, outcome.lost_turns), (6, 0));
    let stats = stage.engine.stats();
    assert_eq!((stats.in_memory, stats.handed_back, stats.lost), (3, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_new_visitor_is_welcome_while_the_store_is_away() {
    let stage = Stage::with(going_on(10));
    stage.store.is_away(true);
    assert!(stage.says("hi").await.is_in_memory());
    assert!(stage.says("Book").await.is_in_memory());
    comes_back(&stage).await;
    assert_eq!(stored(&stage).await, Some((2, "BOOK_NAME")));
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_delivered_waits_until_it_is_stored() {
    let stage = Stage::with(going_on(10));
    stage.says_all(&TO_REVIEW).await;
    stage.store.is_away(true);
    assert_eq!(stage.says("Yes").await.checkpoints.len(), 1);
    assert_eq!(stage.engine.stats().delivered, 0);
    comes_back(&stage).await;
    stage.works().await;
    assert_eq!(stage.engine.stats().delivered, 2);
}

#[tokio::test(start_paused = true)]
async fn what_moved_on_elsewhere_is_lost_here_and_told_once() {
    let stage = Stage::with(going_on(10));
    stage.says_all(&["hi", "Book"]).await;
    stage.store.is_away(true);
    stage.says_all(&["Ana", "ana@example.com"]).await;
    elsewhere(&stage).handle(stage.id, "Bea").await.expect("its store is there");
    comes_back(&stage).await;
    assert_eq!(stored(&stage).await, Some((3, "BOOK_EMAIL")));
    let stats = stage.engine.stats();
    assert_eq!((stats.handed_back, stats.lost), (0, 1));
    let outcome = stage.says("bea@example.com").await;
    assert_eq!((outcome.lost_turns, outcome.state.as_ref().map(Flow::name)), (2, Some("BOOK_PHONE")));
    assert_eq!(stage.says("what?").await.lost_turns, 0);
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_was_lost_does_not_stand_against_what_followed_it() {
    let stage = Stage::with(going_on(10));
    stage.says_all(&["hi", "Book"]).await;
    stage.store.next_commit(Meddling::ApplyAndGoAway);
    let outcome = stage.says("Ana").await;
    assert!(outcome.is_in_memory());
    assert_eq!(stored(&stage).await, Some((3, "BOOK_EMAIL")), "it had arrived");
    stage.says("ana@example.com").await;
    comes_back(&stage).await;
    assert_eq!(stored(&stage).await, Some((4, "BOOK_PHONE")));
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!((session.history().len(), stage.engine.stats().lost), (4, 0));
}

#[tokio::test(start_paused = true)]
async fn beyond_the_bound_a_turn_fails_with_the_stores_error() {
    let stage = Stage::with(going_on(1));
    stage.store.is_away(true);
    assert!(stage.says("hi").await.is_in_memory());
    let refused = stage.engine.handle(SessionId::random(), "hi").await;
    assert!(matches!(refused, Err(EngineError::Store(StoreError::Unavailable(_)))), "{refused:?}");
    assert!(stage.says("Book").await.is_in_memory(), "who is here goes on");
}

#[tokio::test(start_paused = true)]
async fn a_repeat_is_recognised_in_memory_and_after_it() {
    let stage = Stage::with(going_on(10));
    stage.says("hi").await;
    stage.store.is_away(true);
    let message = flow_core::Input::text("Book").with_id("wamid.1");
    assert!(stage.says(message.clone()).await.is_in_memory());
    assert!(stage.says(message.clone()).await.is_repeat());
    comes_back(&stage).await;
    assert!(stage.says(message).await.is_repeat());
    assert_eq!(stored(&stage).await, Some((2, "BOOK_NAME")));
}

#[tokio::test(start_paused = true)]
async fn shutdown_hands_back_and_says_if_it_could_not() {
    let stage = Stage::with(going_on(10));
    stage.says("hi").await;
    stage.store.is_away(true);
    stage.says("Book").await;
    let shutdown = stage.engine.shutdown(Duration::from_secs(5)).await;
    assert_eq!((shutdown.is_complete(), shutdown.only_in_memory()), (false, 1), "the store is away");
    stage.store.is_away(false);
    let shutdown = stage.engine.shutdown(Duration::from_secs(5)).await;
    assert_eq!((shutdown.is_complete(), shutdown.only_in_memory()), (true, 0));
    assert_eq!(stored(&stage).await, Some((2, "BOOK_NAME")));
}

#[tokio::test(start_paused = true)]
async fn many_sessions_are_handed_back_whoever_speaks_meanwhile() {
    let stage = Arc::new(Stage::with(going_on(200)));
    let ids: Vec<_> = (0..100).map(|_| SessionId::random()).collect();
    for id in &ids {
        stage.engine.handle(*id, "hi").await.expect("a turn");
    }
    stage.store.is_away(true);
    for id in &ids {
        assert!(stage.engine.handle(*id, "Book").await.expect("a turn").is_in_memory());
    }
    stage.store.is_away(false);
    for id in ids.iter().step_by(3) {
        stage.engine.handle(*id, "Ana").await.expect("a turn");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    comes_back(&stage).await;
    let other = elsewhere(&stage);
    for (number, id) in ids.iter().enumerate() {
        let session = other.peek(*id).await.expect("readable").expect("there");
        let expected = if number % 3 == 0 { "BOOK_EMAIL" } else { "BOOK_NAME" };
        assert_eq!(session.state().name(), expected, "{SLOTS:?}");
    }
    assert_eq!((stage.engine.stats().handed_back, stage.engine.stats().lost), (100, 0));
}

#[tokio::test(start_paused = true)]
async fn what_a_worker_did_in_memory_is_archived_once_it_is_stored() {
    let expiry = Expiry::default().idle(Duration::from_secs(3600));
    let (stage, shelf) = archiving(|salon| salon.outage(Outage::Memory { sessions: 10 }).expiry(expiry));
    stage.says_all(&["hi", "Book"]).await;
    // Its expiry and its archiving are due, and the store refuses what is written of the first.
    stage.passes(2);
    for _ in 0..2 {
        stage.store.next_commit(Meddling::Refuse(StoreError::Full));
    }
    stage.works().await;
    assert_eq!(stage.engine.stats().in_memory, 1);
    let archived =
        shelf.latest(stage.id).await.expect("an archive").archived.map(|archived| archived.record.stamp().version);
    assert_eq!((stage.store.writes(), archived), (2, None), "no record that the store has never had");
    // The lease ends.
    stage.clock.advance(Duration::from_secs(60));
    stage.works().await;
    let steps = shelf.steps(stage.id).await;
    assert_eq!(steps[2..], ["BOOK_NAME -> BOOK_NAME (lapsed)"]);
    let stats = stage.engine.stats();
    assert_eq!((stats.handed_back, stats.lost, stats.archive_repaired), (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_a_worker_did_in_memory_is_handed_back_though_nobody_speaks() {
    let expiry = Expiry::default().idle(Duration::from_secs(3600));
    let stage = Stage::with(going_on(10).expiry(expiry).on_expired(|_| ok()));
    stage.says_all(&["hi", "Book"]).await;
    stage.passes(2);
    for _ in 0..2 {
        stage.store.next_commit(Meddling::Refuse(StoreError::Full));
    }
    stage.works().await;
    assert_eq!((stage.engine.stats().in_memory, stage.store.writes()), (1, 2));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((stage.engine.stats().handed_back, stage.store.writes()), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_session_goes_on_in_memory_though_another_turn_had_reserved_its_next_write() {
    let stage = Stage::with(going_on(10));
    stage.says("hi").await;
    let last = stage.store.last_written();
    let until = stage.clock.now() + Duration::from_secs(60);
    let mut json = last.record.readable();
    json["held"] = serde_json::json!({"by": "9f1c0000-0000-4000-8000-000000000000", "until": until});
    let record = written_as_json(last.record.stamp().next(), json);
    let reserved = Commit::new(stage.id, Expect::At(last.record.prefix()), record, last.flow, last.state);
    stage.store.behind().commit(reserved).await.expect("planted");
    assert!(stage.engine.peek(stage.id).await.expect("readable").is_some(), "this process has seen it");
    stage.store.is_away(true);
    let outcome = stage.says("Book").await;
    assert!(outcome.is_in_memory());
    comes_back(&stage).await;
    assert_eq!(stored(&stage).await, Some((3, "BOOK_NAME")));
}

#[tokio::test(start_paused = true)]
async fn what_is_erased_while_the_store_is_away_is_not_handed_back() {
    let stage = Stage::with(going_on(10));
    stage.store.is_away(true);
    stage.says("hi").await;
    stage.engine.operator(by()).erase(stage.id).await.expect_err("the store is away");
    comes_back(&stage).await;
    assert_eq!((stored(&stage).await, stage.engine.stats().handed_back), (None, 0));
}
