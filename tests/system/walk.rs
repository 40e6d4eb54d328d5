//! The whole booking, as it is said and done.

use flow_core::{Input, Message, SessionId};

use crate::stage::{Stage, TO_REVIEW, texts, transcript};

#[tokio::test]
async fn a_visit_is_booked() {
    let stage = Stage::new();
    let mut messages = texts(TO_REVIEW);
    messages.extend(["1".into(), Message::from("is it there?"), Input::signal("calendar.booked").into()]);
    insta::assert_snapshot!(transcript(&stage, messages).await);
}

#[tokio::test]
async fn wrong_answers_are_asked_again() {
    let stage = Stage::new();
    let said = [
        "hi",
        "perhaps",
        "Book",
        "12345",
        "Ana",
        "not an email",
        "ana@example.com",
        "12",
        "+1 234 567 890",
        "-",
        "some day",
        "Wed 09:00",
    ];
    insta::assert_snapshot!(transcript(&stage, texts(said)).await);
}

#[tokio::test]
async fn a_review_is_corrected() {
    let stage = Stage::new();
    let mut messages = texts(TO_REVIEW);
    messages.extend(texts(["Change e-mail", "ana.silva@example.com", "+1 234 567 890", "Acme", "Tue 14:30", "yes"]));
    insta::assert_snapshot!(transcript(&stage, messages).await);
}

#[tokio::test]
async fn words_that_count_anywhere_cancel_restart_and_help() {
    let stage = Stage::new();
    let said = ["hi", "Book", "help", "Ana", " CANCEL ", "hello again", "Book", "restart", "Not today"];
    insta::assert_snapshot!(transcript(&stage, texts(said)).await);
}

#[tokio::test]
async fn too_many_tries_leave_the_state() {
    let stage = Stage::new();
    let said = ["hi", "Book", "Ana", "ana@example.com", "one", "two", "three"];
    insta::assert_snapshot!(transcript(&stage, texts(said)).await);
}

#[tokio::test]
async fn a_button_is_an_answer_and_a_stranger_signal_is_none() {
    let stage = Stage::new();
    let messages = [
        Message::from("hi"),
        Input::button("book").into(),
        Input::signal("calendar.booked").into(),
        Input::timer("reminder").into(),
        Message::from("Ana"),
    ];
    insta::assert_snapshot!(transcript(&stage, messages).await);
}

#[tokio::test]
async fn the_slower_of_two_visitors_is_told_kindly_and_takes_another_slot() {
    let stage = Stage::new();
    stage.says_all(&TO_REVIEW).await;
    let faster = SessionId::random();
    for message in TO_REVIEW.into_iter().chain(["Yes"]) {
        stage.engine.handle(faster, message).await.expect("a turn");
    }
    let said = ["Yes", "Mon 10:00", "Tue 14:30", "Yes"];
    insta::assert_snapshot!(transcript(&stage, texts(said)).await);
}

#[tokio::test]
async fn who_cancels_gives_the_slot_back() {
    let stage = Stage::new();
    stage.says_all(&TO_REVIEW).await;
    stage.says_all(&["Yes", "cancel"]).await;
    let outcome = stage.says_all(&TO_REVIEW[..6]).await;
    let offered: Vec<_> = outcome.replies[0].offered().iter().map(|choice| choice.label.as_str()).collect();
    assert_eq!(offered, crate::stage::SLOTS);
}
