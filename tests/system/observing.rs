//! What an observer hears of an engine's work: turns and calls, each with its kind, its time and its error.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{
    Address, Fate, Input, Observer, Outage,
    engine::{BatchEnded, CallEnded, DeliveryEnded, Event, LetterTried, TurnEnded},
};
use tokio::time::sleep;

use crate::{
    flow::BookingSignal,
    meddler::Meddling,
    post_office::{Office, at_work, from_web},
    shelf::archiving,
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
    stage.says("what?").await;
    let remembered = ["Reasked", "commit", "Remembered", "booking Message taken in WELCOME after 1"];
    assert_eq!(diary.read(), remembered, "it is as this process has left it");
    stage.store.next_commit(Meddling::Refuse(flow_core::StoreError::Full));
    stage.says("Book").await;
    let full = "commit (the store is full)";
    assert_eq!(diary.read(), [full, "booking Message degraded in ? after 1"]);
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

/// Writes down deliveries, messages that waited, and batches.
#[derive(Default)]
struct Ledger(Diary);

impl Observer for Ledger {
    fn turn_ended(&self, turn: &TurnEnded<'_>) {
        self.0.write(format!("{:?} in by {:?}", turn.kind, turn.channel));
    }

    fn delivery_ended(&self, delivery: &DeliveryEnded<'_>) {
        let DeliveryEnded { kind, channel, fate, tries, waited, .. } = delivery;
        // A worker looks about once a second.
        let seconds = waited.as_secs() / 10 * 10;
        self.0.write(format!("{kind:?} by {channel:?}: {fate:?}, try {tries}, after {seconds} s and some"));
    }

    fn letter_tried(&self, letter: &LetterTried) {
        let seconds = letter.waited.as_secs();
        assert!(letter.is_handled && (18..=20).contains(&seconds), "{seconds}");
        self.0.write(format!("waited, {:?} left", letter.left));
    }

    fn batch_ended(&self, batch: &BatchEnded<'_>) {
        let (sessions, lag, failed) = (batch.sessions, batch.lag.as_secs(), batch.error.is_some());
        self.0.write(format!("{sessions} archived, {lag} s late, failed {failed}"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_hears_what_became_of_each_try_to_deliver_and_how_late_it_was() {
    let (ledger, office) = (Arc::new(Ledger::default()), Office::new());
    let engine = office.built(office.builder().observer(Arc::clone(&ledger)));
    office.channel.answers(Err(std::io::Error::other("down").into()));
    office.channel.answers(Err(Fate::never("blocked")));
    // No worker is there for a while.
    office.says(&engine, "hi").await;
    sleep(Duration::from_secs(30)).await;
    let worker = at_work(engine.worker()).await;
    sleep(Duration::from_secs(10)).await;
    worker.abort();
    assert_eq!(
        ledger.0.read(),
        [
            r#"Taken in by Some("web")"#,
            r#"Reply by Some("web"): Failed, try 1, after 30 s and some"#,
            r#"Reply by Some("web"): Never, try 2, after 30 s and some"#,
        ]
    );
    let forged = Input::text("hi").with_address(Address::new("<script>", "4711"));
    engine.handle(flow_core::SessionId::random(), forged).await.expect_err("no such channel");
    assert_eq!(ledger.0.read(), [r#"Refused in by Some("other")"#]);
}

#[tokio::test(start_paused = true)]
async fn an_observer_hears_how_long_a_message_had_waited_and_how_many_wait_behind_it() {
    let (ledger, office) = (Arc::new(Ledger::default()), Office::new());
    let engine = office.built(office.builder().observer(Arc::clone(&ledger)));
    office.says(&engine, "hi").await;
    for said in ["think 20", "two", "three"] {
        engine.accept(office.id, from_web(said)).await.expect("accepted");
    }
    sleep(Duration::from_secs(5)).await;
    let stats = engine.stats();
    assert_eq!((stats.posted, stats.inboxes, stats.inbox_waits.as_secs()), (3, 1, 5));
    sleep(Duration::from_secs(30)).await;
    let waited: Vec<_> = ledger.0.read().into_iter().filter(|line| line.starts_with("waited")).collect();
    assert_eq!(waited, ["waited, Some(1) left", "waited, Some(0) left"]);
    let stats = engine.stats();
    assert_eq!((stats.inboxes, stats.inbox_waits), (0, Duration::ZERO));
}

#[tokio::test]
async fn an_observer_hears_of_each_batch_how_late_it_was_and_whether_it_was_archived() {
    let ledger = Arc::new(Ledger::default());
    let (stage, shelf) = archiving(|salon| salon.observer(Arc::clone(&ledger)));
    stage.says("hi").await;
    ledger.0.read();
    shelf.is_away(true);
    stage.clock.advance(Duration::from_secs(70));
    stage.works().await;
    shelf.is_away(false);
    stage.clock.advance(Duration::from_secs(120));
    stage.works().await;
    assert_eq!(ledger.0.read(), ["1 archived, 10 s late, failed true", "1 archived, 130 s late, failed false"]);
}
