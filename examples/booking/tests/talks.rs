//! What is said with the salon, in virtual time: by one visitor, by two who want the same slot, and while no worker is there.

// The program is no library: its conversation and its handler are read here as they stand.
#[path = "../calendar.rs"]
mod calendar;
#[path = "../flow.rs"]
mod flow;
#[path = "../salon.rs"]
mod salon;

use std::time::Duration;

use flow_testkit::{Chat, Coverage};

use calendar::Calendar;
use flow::{Booking, BookingSignal};
use salon::Salon;

const HOUR: Duration = Duration::from_secs(3_600);

/// What Ana says to book a visit, up to the review.
const ANA: [&str; 7] = ["hi", "Book", "Ana", "ana@example.com", "+49 30 1234567", "skip", "Mon 10:00"];

/// The same of Ben, who wants the same slot.
const BEN: [&str; 7] = ["hello", "Book", "Ben", "ben@example.com", "+49 30 7654321", "skip", "Mon 10:00"];

/// A chat with a salon that has two free slots.
fn chat() -> Chat<Booking> {
    chat_with(Calendar::of(SLOTS))
}

fn chat_with(calendar: Calendar) -> Chat<Booking> {
    let salon = Salon::new(calendar);
    Chat::new(move || salon.tell_calendar(salon.clone().engine()))
}

const SLOTS: [&str; 2] = ["Mon 10:00", "Tue 14:30"];

#[tokio::test]
async fn a_visit_is_booked_with_a_corrected_address() {
    let mut chat = chat();
    chat.says(ANA).await.says(["Change e-mail", "ana@salon.example", "change company", "Acme", "Yes"]).await;
    chat.signals(BookingSignal::Booked).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn of_two_who_want_one_slot_at_once_the_slower_is_told_kindly_and_takes_another() {
    // Both are under way while the calendar is asked.
    let mut chat = chat_with(Calendar::of(SLOTS).slow(Duration::from_millis(5)));
    for (visitor, said) in [("ana", ANA), ("ben", BEN)] {
        chat.visitor(visitor).says(said).await;
        assert_eq!(chat.state().await, Some("BOOK_REVIEW"));
    }
    let before = chat.transcript().len();
    chat.says_at_once([("ben", "Yes"), ("ana", "Yes")]).await;
    chat.visitor("ana").says(["Tue 14:30", "Yes"]).await;
    insta::assert_snapshot!(&chat.transcript()[before..]);
}

#[tokio::test]
async fn a_slot_that_is_given_back_is_free_for_the_other() {
    let mut chat = chat();
    chat.visitor("ana").says(ANA).await.says(["Yes"]).await.visitor("ben").says(BEN).await;
    assert_eq!(chat.state().await, Some("BOOK_SLOT"), "it is Ana's");
    chat.visitor("ana").says(["cancel"]).await.visitor("ben").says(["Mon 10:00", "Tue 14:30"]).await;
    chat.says(["restart"]).await.says(BEN[1..].iter().copied()).await.says(["Yes"]).await;
    assert_eq!(chat.state().await, Some("BOOK_SEND_LINK"));
    // Who has begun anew and taken another gives the first back.
    chat.says(["restart"]).await.says(BEN[1..6].iter().copied()).await.says(["Tue 14:30", "Yes"]).await;
    chat.visitor("ana").says(ANA).await.says(["Yes"]).await;
    assert_eq!(chat.state().await, Some("BOOK_SEND_LINK"), "{}", chat.transcript());
}

#[tokio::test]
async fn a_link_that_is_not_picked_up_is_spoken_of_and_then_given_up() {
    let mut chat = chat();
    chat.says(ANA).await.says(["Yes"]).await;
    let before = chat.transcript().len();
    chat.waits(HOUR).await.waits(24 * HOUR).await;
    insta::assert_snapshot!(&chat.transcript()[before..]);
}

#[tokio::test]
async fn who_comes_back_too_late_begins_anew_though_no_worker_was_there() {
    let mut chat = chat();
    chat.says(ANA).await.says(["Yes"]).await;
    let before = chat.transcript().len();
    chat.stops_worker().waits(25 * HOUR).await.says(["Is it there?"]).await;
    insta::assert_snapshot!(&chat.transcript()[before..]);
}

#[tokio::test]
async fn who_does_not_want_to_come_or_has_no_phone_number_is_left_alone() {
    for said in [&["hi", "Not today"][..], &["hi", "Book", "Ana", "ana@example.com", "none", "I have none", "why?"]] {
        let mut chat = chat();
        chat.says(said.iter().copied()).await;
        assert_eq!(chat.state().await, Some("CANCELLED"), "{}", chat.transcript());
    }
}

#[tokio::test]
async fn from_wherever_the_talk_is_it_can_be_cancelled_and_begun_again() {
    let talk = [&ANA[..], &["Yes"]].concat();
    for said in 1..=talk.len() {
        for (word, state) in [("cancel", "CANCELLED"), ("restart", "WELCOME")] {
            let mut chat = chat();
            chat.says(talk[..said].iter().copied()).await.says([word]).await;
            assert_eq!(chat.state().await, Some(state), "{}", chat.transcript());
        }
    }
}

#[tokio::test]
async fn whatever_is_corrected_in_the_review_is_asked_again_and_all_else_stays() {
    let mut chat = chat();
    chat.says(ANA).await;
    for (said, asking, answer) in [
        ("change name", "BOOK_REVIEW/BOOK_NAME", "Anna"),
        ("change phone", "BOOK_REVIEW/BOOK_PHONE", "+49 30 7777777"),
        ("change company", "BOOK_REVIEW/BOOK_COMPANY", "Acme"),
        ("change time", "BOOK_REVIEW/BOOK_SLOT", "Tue 14:30"),
    ] {
        chat.says([said]).await;
        let steps: Vec<_> =
            chat.outcome().iter().flat_map(|outcome| &outcome.transitions).map(|step| &*step.to).collect();
        assert_eq!(steps, [asking], "{}", chat.transcript());
        chat.says([answer]).await;
        assert_eq!(chat.state().await, Some("BOOK_REVIEW"), "{}", chat.transcript());
    }
    let texts = chat.outcome().as_ref().expect("a turn").texts();
    assert_eq!(texts, ["Tue 14:30, for Anna. Shall I send the link?"]);
}

#[test]
fn every_edge_is_taken_by_a_test() {
    Coverage::of_this_binary::<Booking>(|coverage| {
        assert_eq!(coverage.untaken(), [""; 0], "{}", coverage.to_mermaid());
    });
}
