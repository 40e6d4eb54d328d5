//! Repeats: the same message again gets the same replies and changes nothing.

use std::time::Duration;

use flow_core::{EngineError, Input, Limits, StoreError, engine::Inbox};
use tokio::time::sleep;

use crate::stage::{Stage, salon};

#[tokio::test]
async fn a_repeat_gets_the_same_replies_and_changes_nothing() {
    let stage = Stage::new();
    stage.says("hi").await;
    let first = stage.says(Input::text("Book").with_id("wamid.1")).await;
    stage.says("Ana").await;
    let writes = stage.store.writes();
    let repeat =
        stage.second(salon()).handle(stage.id, Input::text("Book").with_id("wamid.1")).await.expect("a repeat");
    assert!(repeat.is_repeat());
    assert_eq!((repeat.replies, repeat.version), (first.replies, first.version));
    assert_eq!((repeat.transitions.len(), stage.store.writes()), (0, writes));
    assert_eq!(stage.state().await, Some("BOOK_EMAIL"));
}

#[tokio::test]
async fn a_message_delivered_a_hundred_times_at_once_over_two_instances_is_one_transition() {
    let patient = || salon().limits(Limits::default().turns_in_line(100));
    let stage = Stage::with(patient());
    stage.says("hi").await;
    let engines = [stage.engine.clone(), stage.second(patient())];
    let deliveries = (0..100).map(|delivery| {
        let (engine, id) = (engines[delivery % 2].clone(), stage.id);
        tokio::spawn(async move { engine.handle(id, Input::text("Book").with_id("wamid.1")).await.expect("a turn") })
    });
    let mut taken = 0;
    for delivery in deliveries.collect::<Vec<_>>() {
        let outcome = delivery.await.expect("no panic");
        assert_eq!(outcome.texts(), ["What is your name?"]);
        taken += usize::from(!outcome.is_repeat());
    }
    assert_eq!(taken, 1);
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!((session.stamp().version, session.history().len()), (2, 2));
}

#[tokio::test]
async fn the_repeat_of_a_message_that_ended_the_conversation_opens_no_new_one() {
    let stage = Stage::new();
    stage.says("hi").await;
    let message = Input::text("Not today").with_id("wamid.2");
    let first = stage.says(message.clone()).await;
    let repeat = stage.says(message).await;
    assert_eq!((repeat.is_repeat(), repeat.replies), (true, first.replies));
    assert_eq!(stage.state().await, Some("CANCELLED"));
}

#[tokio::test]
async fn as_many_messages_are_remembered_as_was_chosen() {
    let stage = Stage::with(salon().limits(Limits::default().remembered_messages(2).known_ids(0)));
    for id in ["1", "2", "3"] {
        stage.says(Input::text("hi").with_id(id)).await;
    }
    assert!(stage.says(Input::text("hi").with_id("2")).await.is_repeat());
    assert!(!stage.says(Input::text("hi").with_id("1")).await.is_repeat());
}

#[tokio::test]
async fn messages_without_an_id_or_with_an_empty_one_are_never_repeats() {
    let stage = Stage::new();
    stage.says("hi").await;
    for name in ["", ""] {
        assert!(!stage.says(Input::text("neither").with_id(name)).await.is_repeat());
        assert!(!stage.says("neither").await.is_repeat());
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeat_of_what_was_told_as_unconfirmed_is_told_so_again_until_it_is_confirmed() {
    // So that it is not stored to wait, which a letter may be that is confirmed.
    let stage = Stage::with(salon().inbox(Inbox::default().patience(Duration::from_secs(10))));
    let message = || Input::text("hi").with_id("1");
    stage.store.is_unconfirmed(false);
    stage.says(message()).await;
    stage.store.is_unconfirmed(true);
    let handled = stage.engine.handle(stage.id, message()).await;
    assert!(matches!(handled, Err(EngineError::Store(StoreError::Unknown(_)))), "{handled:?}");
    // For a while calls to such a store fail at once.
    sleep(Duration::from_secs(60)).await;
    let accepted = stage.engine.accept(stage.id, message()).await;
    assert!(matches!(accepted, Err(EngineError::Store(_))), "{accepted:?}");
    stage.store.is_unconfirmed(false);
    sleep(Duration::from_secs(60)).await;
    let again = stage.says(message()).await;
    assert!(again.is_repeat() && !again.texts().is_empty());
    let accepted = stage.engine.accept(stage.id, message()).await.expect("it is confirmed");
    assert!(accepted.outcome().expect("it was handled").is_repeat());
}
