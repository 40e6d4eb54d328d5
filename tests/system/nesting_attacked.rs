//! Flows in flows, attacked: buttons of corrections, two processes at once, a person who takes over, what is private, what expires.

use std::time::Duration;

use flow_core::{Expiry, Input, Message, Outcome, Reply, Resume, Session};

use crate::{
    meddler::Meddling,
    nesting::{Booking, Host, Parlour, parlour},
    stage::{Stage, by},
};

const TO_REVIEW: [&str; 7] = ["hi", "Book", "Canarina", "canary@example.com", "1 Canary St", "Lisbon", "1"];

const REVIEW: &str = "Mon 10:00, for Canarina, to canary@example.com?";

async fn session(stage: &Stage<Parlour>) -> Session<Parlour> {
    stage.engine.peek(stage.id).await.expect("it is read").expect("a session")
}

async fn standing(stage: &Stage<Parlour>) -> String {
    session(stage).await.standing()
}

/// The tokens of the question's buttons, by their labels.
fn tokens(reply: &Reply) -> Vec<(String, String)> {
    reply.buttons().iter().map(|button| (button.label().to_owned(), button.token().to_owned())).collect()
}

fn token(reply: &Reply, label: &str) -> String {
    let found = tokens(reply).into_iter().find(|(other, _)| other == label);
    found.unwrap_or_else(|| panic!("no {label}: {:?}", tokens(reply))).1
}

async fn presses(stage: &Stage<Parlour>, token: &str) -> Outcome<Parlour> {
    stage.says(Input::button(token)).await
}

#[tokio::test]
async fn corrections_have_numbers_and_buttons_which_a_question_that_is_shown_again_has_too() {
    let stage = parlour();
    let review = stage.says_all(&TO_REVIEW).await;
    let labels: Vec<_> = tokens(&review.replies[0]).into_iter().map(|(label, _)| label).collect();
    assert_eq!(labels, ["Yes", "Not now", "Change name", "Change e-mail", "Change address", "Another time"]);
    assert_eq!(stage.says("4").await.texts(), ["And your e-mail, Canarina?"]);
    assert_eq!(stage.says("back").await.texts(), [REVIEW]);
    let shown = stage.engine.prompt(stage.id).await.expect("it is asked").expect("a question");
    assert_eq!(tokens(&shown), tokens(&review.replies[0]));
    assert_eq!(presses(&stage, &token(&shown, "Another time")).await.texts(), ["Which suits you?"]);
    // Its own numbers are those of its offer.
    assert_eq!(stage.says("2").await.texts(), ["Tue 14:30, for Canarina, to canary@example.com?"]);
    assert_eq!(stage.says("1").await.texts(), ["A link is on its way to canary@example.com."]);
}

#[tokio::test]
async fn a_correction_that_is_tapped_twice_is_begun_once_and_can_be_begun_again_later() {
    let stage = parlour();
    let review = stage.says_all(&TO_REVIEW).await;
    let change = token(&review.replies[0], "Change e-mail");
    let first = presses(&stage, &change).await;
    let second = presses(&stage, &change).await;
    assert!(second.is_repeat() && second.replies == first.replies);
    assert_eq!(standing(&stage).await, "VISIT/REVIEW/ASK_EMAIL");
    // What belongs to the question below is over as long as this one is asked.
    assert!(presses(&stage, &token(&review.replies[0], "Yes")).await.is_over());
    stage.says("eve@example.com").await;
    assert_eq!(presses(&stage, &change).await.texts(), ["And your e-mail, Canarina?"]);
    stage.says("back").await;
    let outcome = presses(&stage, &token(&review.replies[0], "Yes")).await;
    assert_eq!(outcome.texts(), ["A link is on its way to eve@example.com."]);
}

#[tokio::test]
async fn what_is_private_in_a_flow_inside_is_masked_wherever_it_is_looked_at() {
    let stage = parlour();
    stage.says_all(&TO_REVIEW).await;
    stage.says("Change name").await;
    let session = session(&stage).await;
    let masked = session.masked().expect("it can be shown").to_string();
    assert!(!masked.contains("anarina") && !masked.contains("canary"), "{masked}");
    assert!(masked.contains("VISIT/REVIEW/ASK_NAME") && masked.contains("nested_booking"), "{masked}");
    let shown = format!("{session:?}");
    assert!(!shown.contains("anarina") && !shown.contains("canary"), "{shown}");
    assert!(session.revealed().expect("it can be shown").to_string().contains("Canarina"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_at_once_leave_one_chain() {
    for round in 0..40 {
        let stage = parlour();
        let other = stage.released(Parlour::engine(Host::default()));
        stage.says_all(&TO_REVIEW).await;
        let pairs =
            [("Change e-mail", "change name"), ("a@example.com", "Ben"), ("/hours", "/complain"), ("x", "back")];
        for (number, (one, two)) in pairs.into_iter().enumerate() {
            let message = |said: &str, who: &str| Message::from(said).with_id(format!("{round}-{number}-{who}"));
            let (first, second) = tokio::join!(
                stage.engine.handle(stage.id, message(one, "one")),
                other.engine.handle(stage.id, message(two, "two")),
            );
            assert!(!first.expect("a turn").is_failed() && !second.expect("a turn").is_failed());
        }
        let session = session(&stage).await;
        for steps in session.history().windows(2) {
            assert_eq!(steps[1].from.as_deref(), Some(&*steps[0].to), "{:#?}", session.history());
        }
        assert_eq!(session.history().last().map(|step| step.to.clone()), Some(session.standing()));
    }
}

#[tokio::test]
async fn a_person_takes_over_inside_and_hands_back_with_the_question_of_the_flow_inside() {
    let stage = parlour();
    stage.says_all(&TO_REVIEW).await;
    stage.says("Change e-mail").await;
    stage.engine.operator(by()).pause(stage.id).await.expect("it is paused");
    assert_eq!(stage.says("eve@example.com").await.texts(), [""; 0]);
    stage.engine.operator(by()).resume(stage.id).await.expect("it goes on");
    assert_eq!(standing(&stage).await, "VISIT/REVIEW/ASK_EMAIL");
    assert_eq!(stage.says("eve@example.com").await.texts(), ["Mon 10:00, for Canarina, to eve@example.com?"]);
    let booked = Parlour::Bye;
    stage.engine.operator(by()).force(stage.id, booked).await.expect("it is moved");
    assert_eq!(standing(&stage).await, "BYE");
}

#[tokio::test]
async fn a_talk_inside_expires_there_and_goes_on_there_where_it_may() {
    let minutes = |count: u64| Duration::from_secs(60 * count);
    let expiry = || Expiry::default().idle(minutes(30));
    let stage = Stage::with(Parlour::engine(Host::default()).expiry(expiry()));
    stage.says_all(&TO_REVIEW).await;
    stage.clock.advance(minutes(31));
    let outcome = stage.says("hi").await;
    assert_eq!(outcome.texts(), ["A visit, or a job?"]);
    let steps: Vec<_> = outcome.transitions.iter().map(ToString::to_string).collect();
    assert_eq!(steps, ["VISIT/REVIEW -> VISIT/REVIEW (lapsed)", "VISIT/REVIEW -> MENU (expired)"]);
    assert!(session(&stage).await.state_in::<Booking>().is_none());
    let builder = Parlour::engine(Host::default()).expiry(expiry()).resume(Resume::Within(minutes(120)));
    let stage = Stage::with(builder);
    stage.says_all(&TO_REVIEW).await;
    stage.says("Change e-mail").await;
    stage.clock.advance(minutes(31));
    assert_eq!(stage.says("eve@example.com").await.texts(), ["Mon 10:00, for Canarina, to eve@example.com?"]);
}

#[tokio::test]
async fn whatever_becomes_of_the_write_of_a_turn_inside_it_is_whole_or_nothing() {
    let acts =
        [("Change e-mail", "VISIT/REVIEW/ASK_EMAIL"), ("/complain", "VISIT/REVIEW/COMPLAINT"), ("/jobs", "APPLY/WHO")];
    for (said, place) in acts {
        for meddling in [Meddling::LoseAnswer, Meddling::LoseRequest, Meddling::ApplyAndBuildOn] {
            let stage = parlour();
            stage.says_all(&TO_REVIEW).await;
            let told = format!("{said} {meddling:?}");
            stage.store.next_commit(meddling);
            let message = || Message::from(said).with_id("the message");
            // Whatever its sender hears, the same message once more is the same.
            stage.engine.handle(stage.id, message()).await.ok();
            let outcome = stage.says(message()).await;
            assert_eq!(outcome.standing(), Some(place), "{told}");
            assert_eq!(standing(&stage).await, place, "{told}");
            let steps = session(&stage).await.history().iter().filter(|step| step.to == place).count();
            assert_eq!(steps, 1, "{told}");
        }
    }
}
