//! Which answers are kept, and what a handler hears of those that are not.

use std::sync::Arc;

use flow_core::{Limits, OnceError, OnceKey, Outcome, OutcomeKind, Step, Turn};

use super::{Clerk, Fate, Open, Till, TillHandler, World, message, served_by};
use crate::stage::Stage;

/// What the handler's failure was.
fn error(outcome: &Outcome<Till>) -> OnceError {
    let OutcomeKind::Failed(failure) = &outcome.kind else { panic!("it failed not: {:?}", outcome.kind) };
    *failure.cause().downcast_ref().expect("the error of a question")
}

#[tokio::test]
async fn one_answer_is_one_write_more_and_no_conflict() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&Clerk::in_the(&world)));
    stage.says("hi").await;
    let (calls, writes) = (stage.store.calls(), stage.store.writes());
    let outcome = stage.says(message("pay", "m1")).await;
    assert_eq!((outcome.texts(), outcome.version), (vec!["charged 1"], 3));
    assert_eq!((stage.store.calls() - calls, stage.store.writes() - writes), (3, 2), "a load, the answer, the turn");
    assert_eq!(stage.engine.stats().conflicts, 0);
    let record = stage.store.last_written().record;
    assert_eq!((record.last_turn(), record.readable().get("once")), (record.stamp(), None));
    // A turn that asks nothing asks the store nothing either.
    let calls = stage.store.calls();
    stage.says(message("note", "m2")).await;
    assert_eq!(stage.store.calls() - calls, 1);
}

#[tokio::test]
async fn two_questions_may_be_under_way_at_once_if_they_have_two_names() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&Clerk::in_the(&world)));
    stage.says("hi").await;
    let (calls, writes) = (stage.store.calls(), stage.store.writes());
    stage.says(message("both", "m1")).await;
    let keys = world.keys();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
    assert_eq!((stage.store.calls() - calls, stage.store.writes() - writes), (4, 3));
    assert_eq!(stage.engine.stats().conflicts, 0);
}

#[tokio::test]
async fn a_second_question_of_a_name_that_is_under_way_is_refused() {
    let world = Arc::new(World::default());
    let clerk = Clerk::in_the(&world);
    let stage = Stage::with(served_by(&clerk));
    stage.says("hi").await;
    let permits = Arc::new(tokio::sync::Semaphore::new(0));
    world.next_question(Fate::Waits(Arc::clone(&permits)));
    let (outcome, ()) = tokio::join!(stage.says(message("twice at once", "m1")), async { permits.add_permits(1) });
    assert_eq!((error(&outcome), world.keys().len()), (OnceError::UnderWay, 1));
}

#[tokio::test]
async fn an_error_is_not_kept_and_the_question_is_asked_again_under_its_key() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&Clerk::in_the(&world)));
    stage.says("hi").await;
    world.next_question(Fate::Fails);
    let writes = stage.store.writes();
    assert!(stage.says(message("pay", "m1")).await.is_failed());
    assert_eq!(stage.store.writes(), writes);
    assert_eq!(stage.says(message("pay", "m1")).await.texts(), ["charged 2"]);
    let keys = world.keys();
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
}

/// A release that asks for another type under the same name.
struct Wordy;

impl TillHandler for Wordy {
    async fn open(&self, _: Open, turn: Turn<'_, Open>) -> Step<Open> {
        let receipt: String = turn.once("charge", |_| async { Ok("another".to_owned()) }).await?;
        turn.stay(receipt)
    }

    async fn open_on_confirmed(&self, _: Open, turn: Turn<'_, Open>) -> Step<Open> {
        turn.stay("")
    }

    async fn open_on_late(&self, _: Open, turn: Turn<'_, Open>) -> Step<Open> {
        turn.stay("")
    }
}

#[tokio::test]
async fn an_answer_of_another_type_is_told_and_stays() {
    let world = Arc::new(World::default());
    let clerk = Clerk::in_the(&world);
    let stage = Stage::with(served_by(&clerk));
    stage.says("hi").await;
    clerk.next_answer(Fate::Fails);
    assert!(stage.says(message("pay", "m1")).await.is_failed());
    let wordy = stage.second(Till::engine(Wordy));
    let outcome = wordy.handle(stage.id, message("pay", "m1")).await.expect("an outcome");
    assert_eq!(error(&outcome), OnceError::OtherType);
    assert_eq!(stage.says(message("pay", "m1")).await.texts(), ["charged 1"], "nothing is lost");
}

#[tokio::test]
async fn what_is_too_large_too_many_or_no_json_is_told_and_nothing_of_it_is_kept() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&Clerk::in_the(&world)).limits(Limits::default().answer(40)));
    stage.says("hi").await;
    let writes = stage.store.writes();
    let outcome = stage.says(message("words", "m1")).await;
    assert_eq!(error(&outcome), OnceError::TooLarge { size: 52, limit: 40 });
    assert_eq!(error(&stage.says(message("not a number", "m2")).await), OnceError::Unwritable);
    assert_eq!(stage.store.writes(), writes);
    assert_eq!(error(&stage.says(message("everything", "m3")).await), OnceError::TooMany { limit: 32 });
    assert_eq!((world.keys().len(), stage.store.writes() - writes), (32, 32), "the last was not asked");
}

#[tokio::test]
async fn a_key_fits_a_header_and_says_nothing_of_the_message() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&Clerk::in_the(&world)));
    stage.says("hi").await;
    stage.says(message("pay", "wamid.secret")).await;
    let key = &world.keys()[0];
    assert!(key.len() <= OnceKey::LONGEST && key.is_ascii() && !key.contains(char::is_whitespace), "{key}");
    assert!(!key.contains("secret") && key.starts_with(&stage.id.to_string()), "{key}");
}

#[tokio::test]
async fn no_answer_stands_in_a_debug_of_its_session() {
    let world = Arc::new(World::default());
    let clerk = Clerk::in_the(&world);
    let stage = Stage::with(served_by(&clerk));
    stage.says("hi").await;
    (0..9).for_each(|_| world.keys.lock().expect("a lock").push("earlier".into()));
    clerk.next_answer(Fate::Fails);
    stage.says(message("pay", "wamid.secret")).await;
    assert_eq!(stage.store.last_written().record.readable()["once"][0]["answer"], 10, "it is kept");
    let session = stage.engine.peek(stage.id).await.expect("a store").expect("a session");
    let shown = format!("{session:?} {session:#?} {:?}", session.masked());
    assert!(!shown.contains("secret") && !shown.contains("charge"), "{shown}");
}
