//! The store is away: a typed error, or a safe answer, within the deadline, and never in silence.

use std::time::Duration;

use flow_core::{Deadlines, EngineError, Input, Outage, OutcomeKind, StoreError};
use tokio::time::Instant;

use crate::{
    flow::BookingSignal,
    meddler::Meddling,
    stage::{Stage, salon},
};

#[tokio::test(start_paused = true)]
async fn by_default_a_turn_fails_with_the_stores_error_by_its_deadline() {
    let stage = Stage::with(salon().deadlines(Deadlines::default().store(Duration::from_millis(100))));
    stage.store.is_away(true);
    let began = Instant::now();
    let failed = stage.engine.handle(stage.id, "hi").await;
    assert!(matches!(failed, Err(EngineError::Store(StoreError::Unavailable(_)))), "{failed:?}");
    assert!(began.elapsed() <= Duration::from_millis(100));
    stage.store.is_away(false);
    // It may be left alone for a moment, if it was asked often enough.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stage.says("hi").await.version, 1);
}

#[tokio::test(start_paused = true)]
async fn with_say_the_visitor_hears_the_safe_answer_and_nothing_is_stored() {
    let stage = Stage::with(salon().outage(Outage::Say("We will be right back.".into())));
    stage.says("hi").await;
    for is_away in [true, false] {
        stage.store.is_away(is_away);
        tokio::time::sleep(Duration::from_secs(2)).await;
        stage.store.next_commit(Meddling::Refuse(StoreError::Full));
        let outcome = stage.says("Book").await;
        assert!(outcome.is_degraded() && outcome.state.is_none());
        assert_eq!((outcome.texts(), outcome.version), (vec!["We will be right back."], 0));
    }
    stage.store.is_away(false);
    assert_eq!((stage.state().await, stage.engine.stats().degraded), (Some("WELCOME"), 2));
}

#[tokio::test(start_paused = true)]
async fn a_signal_is_never_answered_as_if_it_were_taken() {
    let stage = Stage::with(salon().outage(Outage::Say("We will be right back.".into())));
    stage.says("hi").await;
    stage.store.is_away(true);
    let failed = stage.engine.signal(stage.id, BookingSignal::Booked).await;
    assert!(matches!(failed, Err(EngineError::Store(_))), "{failed:?}");
}

#[tokio::test]
async fn what_is_corrupt_is_no_outage() {
    let stage = Stage::with(salon().outage(Outage::Say("We will be right back.".into())));
    stage.store.next_load(Meddling::Refuse(StoreError::Corrupt("garbage".into())));
    let failed = stage.engine.handle(stage.id, "hi").await;
    assert!(matches!(failed, Err(EngineError::Store(StoreError::Corrupt(_)))), "{failed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_is_away_after_the_deadline() {
    let stage = Stage::with(
        salon().deadlines(Deadlines::default().store(Duration::from_millis(100))).outage(Outage::Say("Later.".into())),
    );
    stage.store.next_load(Meddling::Hang).next_load(Meddling::Hang);
    let began = Instant::now();
    let outcome = stage.says(Input::text("hi").with_id("wamid.1")).await;
    assert!(matches!(outcome.kind, OutcomeKind::Degraded(StoreError::Unavailable(_))), "{:?}", outcome.kind);
    assert_eq!(began.elapsed().as_millis() / 10, 10);
    assert_eq!(stage.says(Input::text("hi").with_id("wamid.1")).await.version, 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_for_a_moment_is_waited_for() {
    let stage = Stage::new();
    stage.says("hi").await;
    stage.store.next_load(Meddling::Hang);
    assert_eq!(stage.says("Book").await.version, 2);
    stage.store.is_away(true);
    let back = async {
        tokio::time::sleep(Duration::from_millis(900)).await;
        stage.store.is_away(false);
    };
    let (outcome, ()) = tokio::join!(stage.says("Ana"), back);
    assert_eq!(outcome.version, 3);
    let counts = stage.engine.stats().store;
    assert!(counts.retries >= 5 && counts.circuit_openings == 0, "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_stays_away_is_left_alone_and_found_again_by_itself() {
    let stage = Stage::with(salon().outage(Outage::Say("Later.".into())));
    stage.says("hi").await;
    stage.store.is_away(true);
    assert!(stage.says("Book").await.is_degraded());
    let (began, calls) = (Instant::now(), stage.store.calls());
    for _ in 0..1_000 {
        assert!(stage.says("Book").await.is_degraded());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(began.elapsed() < Duration::from_secs(11), "each was answered at once: {:?}", began.elapsed());
    assert!(stage.store.calls() - calls < 30, "it was asked {} times in 10 s", stage.store.calls() - calls);
    stage.store.is_away(false);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stage.says("Book").await.version, 2);
    assert_eq!(stage.engine.stats().store.circuit_openings, 1);
}
