//! An operator's hand: peek, force, remove.

use flow_core::{Expiry, Flow, SessionId};

use crate::{
    flow::Booking,
    stage::{Stage, by, salon},
};

#[tokio::test]
async fn a_session_is_moved_and_the_history_says_by_whom() {
    let stage = Stage::new();
    stage.says_all(&["hi", "Book", "Ana"]).await;
    let outcome = stage.engine.operator(by()).force(stage.id, Booking::BookName).await.expect("a turn");
    assert_eq!(outcome.texts(), ["What is your name?"]);
    assert_eq!(outcome.transitions[0].to_string(), "BOOK_EMAIL -> BOOK_NAME (operator, olga: a test wants it)");
    let outcome = stage.says("back").await;
    assert_eq!(outcome.texts()[0], "There is no way back from here.");
}

#[tokio::test]
async fn an_ended_or_expired_session_is_taken_up_again() {
    let hour = std::time::Duration::from_secs(3600);
    let stage = Stage::with(salon().expiry(Expiry::default().idle(hour)));
    stage.says_all(&["hi", "Not today"]).await;
    stage.engine.operator(by()).force(stage.id, Booking::BookName).await.expect("a turn");
    assert_eq!(stage.says("Ana").await.state.as_ref().map(Flow::name), Some("BOOK_EMAIL"));
    stage.passes(1);
    stage.engine.operator(by()).force(stage.id, Booking::BookName).await.expect("a turn");
    assert_eq!(stage.state().await, Some("BOOK_NAME"));
}

#[tokio::test]
async fn a_session_beyond_its_absolute_expiry_begins_its_time_anew() {
    let hour = std::time::Duration::from_secs(3600);
    let stage = Stage::with(salon().expiry(Expiry::default().absolute(hour)));
    stage.says_all(&["hi", "Book"]).await;
    stage.passes(1);
    stage.engine.operator(by()).force(stage.id, Booking::BookName).await.expect("a turn");
    assert_eq!(stage.state().await, Some("BOOK_NAME"));
    stage.passes(1);
    assert_eq!(stage.state().await, None);
}

#[tokio::test]
async fn a_removed_session_is_gone_and_begins_anew() {
    let stage = Stage::new();
    stage.says_all(&["hi", "Book"]).await;
    assert!(stage.engine.remove(stage.id).await.expect("a store"));
    assert!(!stage.engine.remove(stage.id).await.expect("a store"));
    assert_eq!(stage.state().await, None);
    assert_eq!(stage.says("hi").await.version, 1);
}

#[tokio::test]
async fn peeking_at_nobody_finds_nobody() {
    let stage = Stage::new();
    assert!(stage.engine.peek(SessionId::random()).await.expect("a store").is_none());
}
