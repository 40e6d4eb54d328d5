//! Repeats: the same message again gets the same replies and changes nothing.

use flow_core::{Input, Limits};

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
