//! What an observer hears of an engine's work: turns and calls, each with its kind, its time and its error.

use std::sync::{Arc, Mutex};

use flow_core::{
    Input, Observer, Outage,
    engine::{CallEnded, Event, TurnEnded},
};

use crate::{
    flow::BookingSignal,
    meddler::Meddling,
    stage::{SLOTS, Stage, TO_REVIEW, salon},
};

/// Writes down what it hears, but for the times.
#[derive(Default)]
struct Diary(Mutex<Vec<String>>);

impl Diary {
    fn write(&self, line: String) {
        self.0.lock().expect("a lock").push(line);
    }

    fn read(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("a lock"))
    }
}

impl Observer for Diary {
    fn turn_ended(&self, turn: &TurnEnded<'_>) {
        let error = turn.error.map(|error| format!(" ({error})")).unwrap_or_default();
        let (kind, state, rounds) = (turn.kind.as_str(), turn.state.unwrap_or("?"), turn.rounds);
        self.write(format!("{} {:?} {kind} in {state} after {rounds}{error}", turn.flow, turn.trigger));
    }

    fn call_ended(&self, call: &CallEnded<'_>) {
        let error = call.error.map(|error| format!(" ({error})")).unwrap_or_default();
        self.write(format!("{}{error}", call.verb.as_str()));
    }

    fn happened(&self, event: Event) {
        self.write(format!("{event:?}"));
    }
}

#[tokio::test]
async fn an_observer_hears_of_turns_of_calls_and_of_what_else_is_worth_counting() {
    let diary = Arc::new(Diary::default());
    let outage = Outage::Say("Later.".into());
    let stage = Stage::with(salon().observer(Arc::clone(&diary)).outage(outage));
    stage.says(Input::text("hi").with_id("1")).await;
    assert_eq!(diary.read(), ["load", "commit", "booking Message taken in WELCOME after 1"]);
    stage.says(Input::text("hi").with_id("1")).await;
    assert_eq!(diary.read(), ["load", "booking Message repeat in WELCOME after 0"]);
    stage.says("what?").await;
    assert_eq!(diary.read(), ["load", "Reasked", "commit", "booking Message taken in WELCOME after 1"]);
    stage.store.next_commit(Meddling::Refuse(flow_core::StoreError::Full));
    stage.says("Book").await;
    let full = "commit (the store is full)";
    assert_eq!(diary.read(), ["load", full, "booking Message degraded in ? after 1"]);
    stage.engine.signal(flow_core::SessionId::random(), BookingSignal::Booked).await.expect_err("there is no session");
    let refused = "booking Message refused in ? after 1 (there is no live session with this id)";
    assert_eq!(diary.read(), ["load", refused]);
}

#[tokio::test]
async fn an_observer_hears_of_what_is_due_too() {
    let diary = Arc::new(Diary::default());
    let stage = Stage::with(salon().observer(Arc::clone(&diary)));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    diary.read();
    stage.works().await;
    // The beat goes beside the work.
    let (beats, heard): (Vec<_>, Vec<_>) = diary.read().into_iter().partition(|line| line == "beat");
    let delivered = ["due", "Woken", "load", "commit", "Delivered", "Delivered", "commit", "due"];
    assert_eq!((beats.len(), heard), (1, delivered.map(String::from).into()), "{SLOTS:?}");
}

/// An observer that panics.
struct Clumsy;

impl Observer for Clumsy {
    fn call_ended(&self, _: &CallEnded<'_>) {
        panic!("an observer that panics");
    }
}

#[tokio::test]
async fn an_observer_that_panics_fails_no_turn_and_the_others_hear_all_the_same() {
    let diary = Arc::new(Diary::default());
    let stage = Stage::with(salon().observer(Clumsy).observer(Arc::clone(&diary)));
    assert!(!stage.says("hi").await.is_failed());
    assert_eq!(diary.read().len(), 3);
}
