//! Expiry: renewed by each turn, absolute all the same, and told.

use flow_core::Expiry;
use std::time::Duration;

use flow_core::Opened;

use crate::stage::{Stage, salon};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn each_turn_renews_the_idle_expiry() {
    let stage = Stage::with(salon().expiry(Expiry::default().idle(2 * HOUR)));
    for message in ["hi", "Book", "Ana"] {
        stage.passes(1);
        stage.says(message).await;
    }
    assert_eq!(stage.state().await, Some("BOOK_EMAIL"));
}

#[tokio::test]
async fn a_session_that_expired_starts_anew_and_the_outcome_says_so() {
    let stage = Stage::with(salon().expiry(Expiry::default().idle(2 * HOUR)));
    stage.says_all(&["hi", "Book", "Ana"]).await;
    stage.passes(2);
    assert_eq!(stage.state().await, None);
    let outcome = stage.says("ana@example.com").await;
    assert_eq!((outcome.opened, outcome.version), (Some(Opened::AfterExpiry), 4));
    let steps: Vec<_> = outcome.transitions.iter().map(ToString::to_string).collect();
    assert_eq!(steps, ["BOOK_EMAIL -> BOOK_EMAIL (lapsed)", "BOOK_EMAIL -> WELCOME (expired)"]);
    assert_eq!(stage.engine.stats().expired, 1);
}

#[tokio::test]
async fn the_absolute_expiry_is_renewed_by_nothing() {
    let stage = Stage::with(salon().expiry(Expiry::default().idle(2 * HOUR).absolute(3 * HOUR)));
    stage.says("hi").await;
    for message in ["Book", "Ana"] {
        stage.passes(1);
        stage.says(message).await;
    }
    stage.passes(1);
    assert_eq!(stage.says("ana@example.com").await.opened, Some(Opened::AfterExpiry));
}

#[tokio::test]
async fn after_its_grace_an_expired_session_is_forgotten() {
    let stage = Stage::with(salon().expiry(Expiry::default().idle(2 * HOUR).grace(HOUR)));
    stage.says("hi").await;
    stage.passes(3);
    assert_eq!(stage.store.behind().load(stage.id, 0).await.expect("a store").record, None);
    assert_eq!(stage.says("hi").await.opened, Some(Opened::First));
}

#[tokio::test]
async fn peeking_renews_nothing() {
    let stage = Stage::with(salon().expiry(Expiry::default().idle(2 * HOUR)));
    stage.says("hi").await;
    stage.passes(1);
    assert_eq!(stage.state().await, Some("WELCOME"));
    stage.passes(1);
    assert_eq!(stage.state().await, None);
}

#[tokio::test]
async fn without_an_expiry_a_session_stays() {
    let stage = Stage::new();
    stage.says("hi").await;
    stage.passes(24 * 365);
    assert_eq!(stage.state().await, Some("WELCOME"));
}
