//! The store is away: a typed error, or a safe answer, within the deadline, and never in silence.

use std::time::Duration;

use flow_core::{EngineError, Input, Outage, OutcomeKind, StoreError};
use tokio::time::Instant;

use crate::{
    meddler::Meddling,
    stage::{Stage, salon},
};

fn away() -> Meddling {
    Meddling::Refuse(StoreError::Unavailable("connection refused".into()))
}

#[tokio::test]
async fn by_default_a_turn_fails_with_the_stores_error() {
    let stage = Stage::new();
    stage.store.next_load(away());
    let failed = stage.engine.handle(stage.id, "hi").await;
    assert!(matches!(failed, Err(EngineError::Store(StoreError::Unavailable(_)))), "{failed:?}");
    assert_eq!(stage.says("hi").await.version, 1);
}

#[tokio::test]
async fn with_say_the_visitor_hears_the_safe_answer_and_nothing_is_stored() {
    let stage = Stage::with(salon().outage(Outage::Say("We will be right back.".into())));
    stage.says("hi").await;
    for meddling in [away(), Meddling::Refuse(StoreError::Full)] {
        stage.store.next_commit(meddling);
        let outcome = stage.says("Book").await;
        assert!(outcome.is_degraded() && outcome.state.is_none());
        assert_eq!((outcome.texts(), outcome.version), (vec!["We will be right back."], 0));
    }
    assert_eq!((stage.state().await, stage.engine.stats().degraded), (Some("WELCOME"), 2));
}

#[tokio::test]
async fn a_signal_is_never_answered_as_if_it_were_taken() {
    let stage = Stage::with(salon().outage(Outage::Say("We will be right back.".into())));
    stage.says("hi").await;
    stage.store.next_load(away());
    let failed = stage.engine.signal(stage.id, "calendar.booked", ()).await;
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
    let stage = Stage::with(salon().store_deadline(Duration::from_millis(100)).outage(Outage::Say("Later.".into())));
    stage.store.next_load(Meddling::Hang);
    let began = Instant::now();
    let outcome = stage.says(Input::text("hi").id("wamid.1")).await;
    assert!(matches!(outcome.kind, OutcomeKind::Degraded(StoreError::Unavailable(_))), "{:?}", outcome.kind);
    assert_eq!(began.elapsed().as_millis() / 10, 10);
    assert_eq!(stage.says(Input::text("hi").id("wamid.1")).await.version, 1);
}
