//! The promises of a turn, each by its name: load, recognise, decide, commit, afterwards.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use flow_core::{Busy, Deadlines, EngineError, Expiry, Flow, Input, Limits, Message, Outcome, Session, store::Expect};

use crate::{
    flow::Booking,
    meddler::Meddling,
    stage::{Stage, TO_REVIEW, ok, salon, salon_alone},
};

#[tokio::test]
async fn a_turn_is_one_commit_after_one_load_at_the_most() {
    for (warm, calls) in [(0, 2), (1_000_000, 1)] {
        let stage = Stage::with(salon().warm(warm));
        stage.says_all(&TO_REVIEW[..2]).await;
        let before = stage.store.calls();
        stage.says("Ana Silva").await;
        assert_eq!(stage.store.calls() - before, calls);
    }
}

#[tokio::test]
async fn everything_of_a_turn_is_in_its_one_record() {
    let stage = Stage::new();
    stage.says_all(&TO_REVIEW).await;
    stage.says(Input::text("Yes").with_id("wamid.7")).await;
    let written = &stage.store.written.lock().expect("a lock")[7];
    let record = written.record.readable();
    assert_eq!(record["current"], "BOOK_SEND_LINK");
    assert_eq!(record["data"]["name"], "Ana Silva");
    assert_eq!(record["history"][7]["to"], "BOOK_SEND_LINK");
    assert_eq!(record["seen"][7]["id"], "wamid.7");
    assert_eq!(record["seen"][7]["replies"][0]["text"], "A link is on its way to ana@example.com.");
    assert_eq!(record["todo"]["pending"].as_array().map(Vec::len), Some(2));
    assert!(written.wake_at.is_some());
}

#[tokio::test]
async fn a_record_reads_as_documented() {
    let stage = Stage::with(salon().expiry(Expiry::default().idle(std::time::Duration::from_secs(1800))));
    stage.says_all(&TO_REVIEW[..2]).await;
    stage.says(Input::text("Ana Silva").with_id("wamid.3").with_language("en")).await;
    let record = stage.store.last_written().record;
    let mut json = record.readable();
    assert_eq!(json["lastTurn"], serde_json::json!({"version": 3, "writeId": json["writeId"]}));
    for unforeseen in ["writeId", "origin", "lastTurn"] {
        json[unforeseen] = "…".into();
    }
    for seen in 0..2 {
        json["seen"][seen]["id"] = "…".into();
    }
    insta::assert_json_snapshot!(json);
}

#[tokio::test]
async fn restoring_a_session_never_reenters_its_state() {
    let stage = Stage::new();
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    stage.works().await;
    let delivered = stage.engine.stats().delivered;
    let restarted = stage.second(salon());
    let outcome = restarted.handle(stage.id, "are you there?").await.expect("a turn");
    assert_eq!(outcome.texts(), ["The link is in your mailbox; I'll confirm as soon as you have picked it up."]);
    assert!(outcome.transitions.is_empty() && outcome.checkpoints.is_empty());
    restarted.worker().look().await.expect("a look");
    assert_eq!((delivered, restarted.stats().delivered), (2, 0));
}

#[tokio::test]
async fn a_turn_that_comes_second_is_run_again_on_what_is_there() {
    let stage = Stage::with(salon().warm(0));
    stage.says_all(&TO_REVIEW[..2]).await;
    // Another instance takes the name, between this one's load and commit.
    let other = Stage::new();
    other.store.behind().commit(copied(&stage)).await.expect("a copy");
    let other_engine = &other.engine;
    other_engine.handle(stage.id, "Ana Silva").await.expect("a turn");
    stage.store.next_commit(Meddling::ComesSecond(other.store.last_written()));
    let calls = stage.store.calls();
    let outcome = stage.says("ana@example.com").await;
    assert_eq!(outcome.state.as_ref().map(Flow::name), Some("BOOK_PHONE"));
    assert_eq!(outcome.version, 4);
    // The conflict handed the record back: no second load.
    assert_eq!(stage.store.calls() - calls, 3);
    assert_eq!(stage.engine.stats().conflicts, 1);
}

/// The commit that puts this stage's record into an empty store.
fn copied(stage: &Stage<Booking>) -> flow_core::store::Commit {
    let mut commit = stage.store.last_written();
    commit.expect = Expect::Absent;
    commit
}

#[tokio::test]
async fn two_instances_that_race_leave_one_serial_history() {
    let stage = Stage::new();
    let second = stage.second(salon().limits(Limits::default().rounds(1000)));
    stage.says("hi").await;
    let race = |engine: flow_core::Engine<Booking>, id, name: &'static str| async move {
        for turn in 0..200 {
            engine.handle(id, Input::text("neither").with_id(format!("{name}{turn}"))).await.expect("a turn");
            tokio::task::yield_now().await;
        }
    };
    let first = stage.second(salon().limits(Limits::default().rounds(1000)));
    let racing = [tokio::spawn(race(first, stage.id, "a")), tokio::spawn(race(second, stage.id, "b"))];
    for task in racing {
        task.await.expect("the race ends");
    }
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!(session.stamp().version, 401);
}

/// Another instance says this, and each of its turns is stored just before the next commit of this stage.
async fn a_rival_comes_first(stage: &Stage<Booking>, said: impl IntoIterator<Item = impl Into<Message>>) {
    let rival = Stage::new();
    rival.store.behind().commit(copied(stage)).await.expect("a copy");
    for message in said {
        rival.engine.handle(stage.id, message).await.expect("a turn");
        stage.store.next_commit(Meddling::ComesSecond(rival.store.last_written()));
    }
}

#[tokio::test]
async fn beyond_the_bound_of_rounds_a_turn_is_busy() {
    let stage = Stage::with(salon().limits(Limits::default().rounds(2)));
    stage.says("hi").await;
    a_rival_comes_first(&stage, ["neither"; 2]).await;
    let refused = stage.engine.handle(stage.id, "Book").await;
    assert!(matches!(refused, Err(EngineError::Busy(Busy::Contended { rounds: 2 }))), "{refused:?}");
    assert_eq!(stage.state().await, Some("WELCOME"));
    assert_eq!(stage.engine.stats().busy, 1);
}

#[tokio::test(start_paused = true)]
async fn an_applied_write_whose_answer_was_lost_is_a_turn_taken_once() {
    let stage = Stage::new();
    stage.says("hi").await;
    stage.store.next_commit(Meddling::LoseAnswer).next_commit(Meddling::LoseRequest);
    let outcome = stage.says("Book").await;
    assert_eq!(outcome.state, Some(Booking::BookName));
    assert_eq!((outcome.version, outcome.is_repeat()), (2, false));
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!(session.stamp().version, 2);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_never_arrived_is_sent_again() {
    let stage = Stage::new();
    stage.says("hi").await;
    stage.store.next_commit(Meddling::LoseRequest).next_commit(Meddling::Hang);
    assert_eq!(stage.says("Book").await.state, Some(Booking::BookName));
}

#[tokio::test(start_paused = true)]
async fn a_lost_write_that_another_writer_built_on_is_known_again_by_its_message() {
    let (stage, outcome) = lost_and_built_on(Input::text("Book").with_id("wamid.1")).await;
    assert!(outcome.is_repeat(), "{outcome:?}");
    assert_eq!((outcome.texts(), outcome.version), (vec!["What is your name?"], 2));
    assert_eq!((outcome.transitions.len(), stage.engine.stats().transitions), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_lost_write_without_a_message_id_that_another_writer_built_on_is_told_as_it_was() {
    let (stage, outcome) = lost_and_built_on(Input::text("Book")).await;
    assert!(!outcome.is_repeat(), "{outcome:?}");
    assert_eq!((outcome.texts(), outcome.version), (vec!["What is your name?"], 2));
    assert_eq!((outcome.transitions.len(), stage.engine.stats().transitions), (1, 2));
}

/// What becomes of "Book" when its write holds, its answer is lost, and another instance goes on from it before it is
/// sent again.
async fn lost_and_built_on(book: impl Into<Message>) -> (Stage<Booking>, Outcome<Booking>) {
    let stage = Stage::new();
    stage.says("hi").await;
    stage.store.next_commit(Meddling::LoseAnswer);
    let rival = async {
        while stage.store.writes() < 2 {
            tokio::task::yield_now().await;
        }
        // The clock stands still while anyone has something to do, so that this is over before the pause is.
        stage.behind(salon()).handle(stage.id, "Ana Silva").await.expect("a turn")
    };
    let (outcome, built_on) = tokio::join!(stage.says(book), rival);
    assert_eq!((built_on.version, stage.state().await), (3, Some("BOOK_EMAIL")));
    // The one conflict is the write that was sent again, and what is stored in the end is the rival's.
    assert_eq!((stage.engine.stats().conflicts, stage.store.writes()), (1, 2));
    (stage, outcome)
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_holds_is_known_again_though_it_could_not_ask_to_be_let_write() {
    let stage = Stage::new();
    stage.says("hi").await;
    a_rival_comes_first(&stage, ["neither"; 3]).await;
    // The fourth try holds; that it does is told by a conflict, upon which the turn would ask, and there is no room.
    stage.store.next_commit(Meddling::ApplyAndBuildOn).next_commit(Meddling::Pass);
    stage.store.next_commit(Meddling::Refuse(flow_core::StoreError::Full));
    let outcome = stage.says(Input::text("Book").with_id("wamid.1")).await;
    assert_eq!((outcome.is_repeat(), outcome.texts()), (true, vec!["What is your name?"]));
    assert_eq!(stage.state().await, Some("BOOK_NAME"));
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_holds_is_never_called_busy() {
    let stage = Stage::with(salon().limits(Limits::default().rounds(1)));
    stage.says("hi").await;
    // The write that comes first is the same message, handled by another instance.
    a_rival_comes_first(&stage, [Input::text("Book").with_id("wamid.1")]).await;
    let outcome = stage.says(Input::text("Book").with_id("wamid.1")).await;
    assert_eq!((outcome.is_repeat(), outcome.texts()), (true, vec!["What is your name?"]));
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_stays_unknown_is_reported_and_the_message_finds_it_out() {
    let stage = Stage::new();
    stage.says("hi").await;
    stage.store.next_commit(Meddling::LoseAnswer);
    for _ in 0..1_000 {
        stage.store.next_commit(Meddling::LoseRequest);
    }
    let message = Input::text("Book").with_id("wamid.1");
    let unknown = stage.engine.handle(stage.id, message.clone()).await;
    assert!(matches!(unknown, Err(EngineError::Store(flow_core::StoreError::Unknown(_)))), "{unknown:?}");
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let outcome = stage.says(message).await;
    assert!(outcome.is_repeat());
    assert_eq!(outcome.texts(), ["What is your name?"]);
}

#[tokio::test]
async fn a_turn_dropped_at_any_await_is_whole_or_nothing() {
    let mut whole = 0;
    for polls in 0..40 {
        let stage = Stage::new();
        stage.says_all(&TO_REVIEW).await;
        let message = Input::text("Yes").with_id("wamid.7");
        poll_times(polls, stage.engine.handle(stage.id, message.clone())).await;
        let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
        let is_whole = session.state().name() == "BOOK_SEND_LINK";
        assert_eq!(session.history().len(), if is_whole { 8 } else { 7 });
        // Whatever was dropped, the same message leads to the same place, and all is delivered.
        let outcome = stage.says(message).await;
        assert_eq!(outcome.is_repeat(), is_whole);
        assert_eq!(outcome.texts(), ["A link is on its way to ana@example.com."]);
        stage.works().await;
        assert_eq!(stage.engine.peek(stage.id).await.expect("readable").map(|session| session.pending()), Some(0));
        whole += usize::from(is_whole);
    }
    assert!((1..40).contains(&whole), "both kinds were met, {whole} of 40 whole");
}

/// Polls a future so often, and drops it. A runtime that yields at every chance makes each poll one await.
async fn poll_times<T>(polls: usize, future: impl Future<Output = T>) {
    let mut future = pin!(future);
    for _ in 0..polls {
        let done = poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await;
        if done {
            return;
        }
    }
}

#[tokio::test]
async fn turns_in_flight_finish_and_new_ones_are_refused() {
    let stage = Stage::with(salon().deadlines(Deadlines::default().store(std::time::Duration::from_secs(3600))));
    stage.says("hi").await;
    stage.store.next_commit(Meddling::Hang);
    let (engine, id) = (stage.engine.clone(), stage.id);
    let turn = tokio::spawn(async move { engine.handle(id, "Book").await });
    while stage.store.calls() < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(stage.engine.stats().in_flight, 1);
    assert!(!stage.engine.shutdown(std::time::Duration::from_millis(1)).await.is_complete(), "one is still in flight");
    let refused = stage.engine.handle(id, "hello").await;
    assert!(matches!(refused, Err(EngineError::ShuttingDown)), "{refused:?}");
    turn.abort();
    let _ = turn.await;
    assert!(stage.engine.shutdown(std::time::Duration::from_secs(5)).await.is_complete());
}

#[tokio::test]
async fn observers_see_each_step_and_cannot_fail_the_turn() {
    let steps = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&steps);
    let builder = salon_alone()
        .on_checkpoint(|_| ok())
        .on_transition(|_, _| panic!("an observer that breaks"))
        .on_transition(move |_, transition| seen.lock().expect("a lock").push(transition.to_string()));
    let stage = Stage::with(builder);
    stage.says_all(&["hi", "nonsense", "Book"]).await;
    assert_eq!(*steps.lock().expect("a lock"), ["· -> WELCOME (opened)", "WELCOME -> BOOK_NAME (message)"]);
}

#[tokio::test]
async fn the_counts_tell_what_happened() {
    let stage = Stage::new();
    stage.says_all(&["hi", "nonsense", "Book", "Ana", "cancel"]).await;
    let stats = stage.engine.stats();
    assert_eq!((stats.taken, stats.opened, stats.transitions, stats.reasked, stats.ended), (5, 1, 4, 1, 1));
    let session: Option<Session<Booking>> = stage.engine.peek(stage.id).await.expect("readable");
    assert_eq!(session.map(|session| session.history().len()), Some(4));
}
