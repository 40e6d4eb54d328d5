//! The whole booking, as it is said and done.

use std::time::Duration;

use flow_core::{Expiry, SessionId};
use flow_testkit::Chat;

use crate::{
    calendar::Calendar,
    flow::BookingSignal,
    salon::Salon,
    stage::{SLOTS, TO_REVIEW, chat, salon_alone},
};

#[tokio::test]
async fn a_visit_is_booked() {
    let mut chat = chat();
    chat.says(TO_REVIEW).await.says(["1", "is it there?"]).await.signals(BookingSignal::Booked).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn wrong_answers_are_asked_again() {
    let mut chat = chat();
    chat.says(["hi", "perhaps", "Book", "12345", "Ana", "not an email", "ana@example.com", "12"]).await;
    chat.says(["+1 234 567 890", "-", "some day", "Wed 09:00", "3"]).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn a_review_is_corrected() {
    let mut chat = chat();
    chat.says(TO_REVIEW).await;
    chat.says(["Change e-mail", "ana.silva@example.com", "change company", "Acme"]).await;
    chat.says(["another time", "Tue 14:30", "yes"]).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn words_that_count_anywhere_cancel_restart_and_help() {
    let mut chat = chat();
    chat.says(["hi", "Book", "help", "Ana", " CANCEL ", "hello again", "Book", "restart", "Not today"]).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn too_many_tries_leave_the_state() {
    let mut chat = chat();
    chat.says(["hi", "Book", "Ana", "ana@example.com", "one", "two", "three"]).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn a_button_is_an_answer_and_a_strange_signal_is_none() {
    let mut chat = chat();
    chat.says(["hi"]).await.presses("book").await.signals(BookingSignal::Booked).await;
    chat.signals_by_name("calendar.full", ()).await.says(["Ana"]).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn restarts_and_repeats_in_the_middle_change_nothing() {
    let mut chat = chat();
    chat.says(TO_REVIEW[..4].iter().copied()).await.comes_again().await;
    chat.restarts_process().comes_again().await.switches_process().says(TO_REVIEW[4..].iter().copied()).await;
    chat.restarts_process().says(["Yes"]).await.switches_process().comes_again().await;
    chat.signals(BookingSignal::Booked).await.restarts_process().comes_again().await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn silence_lets_a_booking_expire() {
    let mut chat = Chat::new(|| salon_alone().expiry(Expiry::default().idle(Duration::from_secs(1_800))));
    chat.says(["hi", "Book"]).await.waits(Duration::from_secs(1_799)).await.says(["Ana"]).await;
    chat.waits(Duration::from_secs(1_800)).await.says(["ana@example.com"]).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn the_slower_of_two_visitors_is_told_kindly_and_takes_another_slot() {
    let calendar = Calendar::of(SLOTS);
    let visitor = || {
        let calendar = calendar.clone();
        Chat::new(move || Salon::new(calendar.clone()).engine()).with_id(SessionId::random())
    };
    let (mut slower, mut faster) = (visitor(), visitor());
    slower.says(TO_REVIEW).await;
    faster.says(TO_REVIEW).await.says(["Yes"]).await;
    slower.says(["Yes", "Mon 10:00", "Tue 14:30", "Yes"]).await;
    insta::assert_snapshot!(slower.transcript());
    assert_eq!((slower.state().await, faster.state().await), (Some("BOOK_SEND_LINK"), Some("BOOK_SEND_LINK")));
}

#[tokio::test]
async fn who_cancels_gives_the_slot_back() {
    let mut chat = chat();
    chat.says(TO_REVIEW).await.says(["Yes", "cancel"]).await.says(TO_REVIEW[..6].iter().copied()).await;
    let outcome = chat.outcome().as_ref().expect("a turn");
    let offered: Vec<_> = outcome.replies[0].choices().iter().map(|choice| choice.label.as_str()).collect();
    assert_eq!(offered, SLOTS);
}
