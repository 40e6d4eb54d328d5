//! An engine keeps sessions as it left them: a turn asks the store once, and nothing that happened elsewhere is missed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use flow_core::{
    Engine, EngineBuilder, EngineError, Expiry, Flow, Input, Limits, Outage, Outcome, Step, StoreError, Turn,
    engine::Accepted,
};
use serde::{Deserialize, Serialize};

use crate::{
    meddler::Meddling,
    stage::{Stage, TO_REVIEW, by, salon},
};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "kept_tally", anywhere("stop" => Stopped))]
enum Tally {
    #[state(start, ask = "Say something.", handled, to(Heard))]
    Begin,
    #[state(ask = "And?", handled, to(Heard))]
    Heard { said: Vec<String> },
    #[state(end, say = "Bye.")]
    Stopped,
}

use tally::*;

/// Hears everything, and counts how often it was asked.
#[derive(Clone, Default)]
struct Ear {
    runs: Arc<AtomicUsize>,
    is_deaf: Arc<AtomicUsize>,
}

impl TallyHandler for Ear {
    async fn begin(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        let said = vec![turn.text().to_owned()];
        turn.to(Heard { said })
    }

    async fn heard(&self, Heard { mut said }: Heard, turn: Turn<'_, Heard>) -> Step<Heard> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        if said.len() == self.is_deaf.load(Ordering::SeqCst) {
            Err(std::io::Error::other("it is deaf"))?;
        }
        said.push(turn.text().to_owned());
        turn.to(Heard { said })
    }
}

struct Two {
    stage: Stage<Tally>,
    other: Engine<Tally>,
    ear: Ear,
}

/// Two processes over one store, where one has just taken two turns.
async fn two(builder: impl Fn(EngineBuilder<Tally>) -> EngineBuilder<Tally>) -> Two {
    let ear = Ear::default();
    let stage = Stage::with(builder(Tally::engine(ear.clone())));
    stage.says_all(&["hi", "one"]).await;
    let other = stage.behind(builder(Tally::engine(Ear::default())));
    ear.runs.store(0, Ordering::SeqCst);
    Two { stage, other, ear }
}

fn as_it_is(builder: EngineBuilder<Tally>) -> EngineBuilder<Tally> {
    builder
}

impl Two {
    /// What is said here, with how often the handler was asked and how often the store.
    async fn says(&self, said: impl Into<flow_core::Message>) -> (Outcome<Tally>, usize, usize) {
        let (runs, calls) = (self.ear.runs.load(Ordering::SeqCst), self.stage.store.calls());
        let outcome = self.stage.says(said).await;
        (outcome, self.ear.runs.load(Ordering::SeqCst) - runs, self.stage.store.calls() - calls)
    }

    async fn says_elsewhere(&self, said: impl Into<flow_core::Message>) {
        self.other.handle(self.stage.id, said).await.expect("a turn");
    }

    async fn heard(&self) -> Vec<String> {
        match self.other.peek(self.stage.id).await.expect("it is read").expect("a session").state() {
            Tally::Heard { said } => said.clone(),
            Tally::Begin | Tally::Stopped => Vec::new(),
        }
    }
}

#[tokio::test]
async fn a_turn_after_a_turn_asks_the_store_once() {
    let two = two(as_it_is).await;
    for said in ["two", "three"] {
        let (_, runs, calls) = two.says(said).await;
        assert_eq!((runs, calls), (1, 1));
    }
    assert_eq!(two.heard().await, ["one", "two", "three"]);
    let cold = Stage::with(Tally::engine(Ear::default()).warm(0));
    cold.says("hi").await;
    let calls = cold.store.calls();
    cold.says("one").await;
    assert_eq!(cold.store.calls() - calls, 2, "with no room it is read first");
}

#[tokio::test]
async fn what_another_process_has_written_is_not_missed_and_after_two_losses_it_is_read_first() {
    let two = two(as_it_is).await;
    let mut all = vec!["one".to_owned()];
    for (round, (runs, calls)) in [(2, 2), (2, 2), (1, 2), (1, 2)].into_iter().enumerate() {
        two.says_elsewhere(format!("there {round}")).await;
        let (_, asked, called) = two.says(format!("here {round}")).await;
        assert_eq!((asked, called), (runs, calls), "round {round}");
        all.extend([format!("there {round}"), format!("here {round}")]);
    }
    assert_eq!(two.heard().await, all);
}

#[tokio::test]
async fn a_session_whose_turns_come_here_again_is_kept_again() {
    let two = two(as_it_is).await;
    for _ in 0..3 {
        two.says_elsewhere("there").await;
        two.says("here").await;
    }
    let mut calls = Vec::new();
    for _ in 0..6 {
        calls.push(two.says("here").await.2);
    }
    assert_eq!(calls, [2, 2, 2, 2, 1, 1], "it is read first until four turns in a row have found what was left here");
}

#[tokio::test]
async fn where_sessions_go_about_no_handler_is_asked_twice_for_one_that_was_never_tried() {
    let two = two(as_it_is).await;
    let other = &two.other;
    let mut runs = Vec::new();
    for _ in 0..20 {
        let id = flow_core::SessionId::random();
        for said in ["hi", "one"] {
            two.stage.engine.handle(id, said).await.expect("a turn");
        }
        other.handle(id, "there").await.expect("a turn");
        let before = two.ear.runs.load(Ordering::SeqCst);
        two.stage.engine.handle(id, "here").await.expect("a turn");
        runs.push(two.ear.runs.load(Ordering::SeqCst) - before);
    }
    assert!(runs[..4].iter().all(|runs| *runs == 2), "{runs:?}");
    assert!(runs[10..].iter().all(|runs| *runs == 1), "{runs:?}");
}

#[tokio::test]
async fn what_was_removed_or_paused_elsewhere_is_so_here_at_once() {
    let two = two(as_it_is).await;
    two.other.operator(by()).pause(two.stage.id).await.expect("it is paused");
    let (outcome, ..) = two.says("two").await;
    assert!(outcome.replies.is_empty(), "{outcome:?}");
    two.other.operator(by()).resume(two.stage.id).await.expect("it goes on");
    two.other.remove(two.stage.id).await.expect("it is removed");
    let (outcome, ..) = two.says("three").await;
    assert_eq!((outcome.state, outcome.version), (Some(Tally::Begin), 1));
}

#[tokio::test]
async fn a_repeat_is_answered_by_what_is_stored() {
    let two = two(as_it_is).await;
    two.says(Input::text("two").with_id("m2")).await;
    let (outcome, runs, calls) = two.says(Input::text("two").with_id("m2")).await;
    assert!(outcome.is_repeat());
    assert_eq!((runs, calls), (0, 1), "it is read, and not believed");
    two.says("three").await;
    two.other.remove(two.stage.id).await.expect("it is removed");
    let (outcome, ..) = two.says(Input::text("two").with_id("m2")).await;
    assert!(!outcome.is_repeat() && outcome.version == 1, "{outcome:?}");
}

#[tokio::test]
async fn a_handler_that_fails_over_what_is_no_longer_so_is_asked_again() {
    let two = two(as_it_is).await;
    two.ear.is_deaf.store(1, Ordering::SeqCst);
    let (failed, runs, calls) = two.says("two").await;
    assert!(failed.is_failed(), "{failed:?}");
    assert_eq!((runs, calls), (1, 1), "it is read once more, and is as it was");
    two.ear.is_deaf.store(9, Ordering::SeqCst);
    two.says("two").await;
    two.ear.is_deaf.store(2, Ordering::SeqCst);
    two.says_elsewhere("there").await;
    let (outcome, ..) = two.says("three").await;
    assert!(!outcome.is_failed(), "{outcome:?}");
    assert_eq!(two.heard().await, ["one", "two", "there", "three"]);
}

#[tokio::test]
async fn what_may_have_expired_is_judged_by_the_store() {
    let hour = Duration::from_secs(3600);
    let two = two(|builder| builder.expiry(Expiry::default().idle(hour))).await;
    two.stage.clock.advance(hour);
    let (outcome, _, calls) = two.says("two").await;
    assert_eq!((outcome.state, calls), (Some(Tally::Begin), 2), "a clock that was set is not believed");
}

#[tokio::test(start_paused = true)]
async fn after_an_outage_nothing_is_believed_that_was_kept() {
    let two = two(|builder| builder.outage(Outage::Memory { sessions: 9 })).await;
    two.stage.store.is_away(true);
    assert!(two.says("in memory").await.0.is_in_memory());
    two.stage.store.is_away(false);
    two.stage.passes(0);
    tokio::time::sleep(Duration::from_secs(5)).await;
    two.says("back").await;
    assert_eq!(two.heard().await, ["one", "in memory", "back"]);
    two.stage.store.next_commit(Meddling::LoseAnswer);
    two.says("lost answer").await;
    two.stage.store.next_commit(Meddling::Refuse(StoreError::Full));
    let refused = two.stage.engine.handle(two.stage.id, "refused").await;
    assert!(refused.is_err() || refused.is_ok_and(|outcome| outcome.is_in_memory()));
    tokio::time::sleep(Duration::from_secs(5)).await;
    two.says("last").await;
    let heard = two.heard().await;
    assert_eq!((&heard[3], heard.last().map(String::as_str)), (&"lost answer".to_owned(), Some("last")));
}

#[tokio::test]
async fn no_more_is_kept_than_there_is_room_for() {
    let ear = Ear::default();
    let stage = Stage::with(Tally::engine(ear).warm(64 * 1024));
    let ids: Vec<_> = (0..200).map(|_| flow_core::SessionId::random()).collect();
    for id in &ids {
        stage.engine.handle(*id, "hi").await.expect("a turn");
    }
    let mut asked = Vec::new();
    for id in [ids[0], ids[199]] {
        let calls = stage.store.calls();
        stage.engine.handle(id, "one").await.expect("a turn");
        asked.push(stage.store.calls() - calls);
    }
    assert_eq!(asked, [2, 1], "the first is gone, the last is kept");
}

#[tokio::test]
async fn a_turn_that_is_refused_leaves_nothing_behind() {
    let two = two(|builder| builder.limits(Limits::default().record(600))).await;
    let refused = two.stage.engine.handle(two.stage.id, "x".repeat(1_000)).await;
    assert!(matches!(refused, Err(EngineError::RecordTooLarge { .. })), "{refused:?}");
    two.says("two").await;
    assert_eq!(two.heard().await, ["one", "two"]);
}

#[tokio::test]
async fn what_another_process_strikes_off_is_no_turn_and_runs_no_handler_again() {
    let stage = Stage::new();
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let elsewhere = stage.behind(salon());
    elsewhere.worker().look().await.expect("a look");
    assert_eq!(elsewhere.stats().delivered, 2);
    let calls = stage.store.calls();
    let outcome = stage.says("are you there?").await;
    assert_eq!(
        (stage.store.calls() - calls, outcome.version),
        (2, 11),
        "the commit, and the commit over what is stored"
    );
    let stats = stage.engine.stats();
    assert_eq!((stats.conflicts, stats.outdated), (1, 0));
}

/// Asks the world by the id of each message.
#[derive(Clone, Default)]
struct Payer {
    asked: Arc<AtomicUsize>,
}

impl TallyHandler for Payer {
    async fn begin(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(Heard { said: Vec::new() })
    }

    async fn heard(&self, Heard { mut said }: Heard, turn: Turn<'_, Heard>) -> Step<Heard> {
        let paid = turn.once("pay", async |_| Ok(self.asked.fetch_add(1, Ordering::SeqCst))).await?;
        said.push(format!("{} {paid}", turn.text()));
        turn.to(Heard { said })
    }
}

#[tokio::test]
async fn the_world_is_not_asked_over_what_is_merely_remembered() {
    let here = Payer::default();
    let stage = Stage::with(Tally::engine(here.clone()));
    stage.says_all(&["hi", "begin"]).await;
    let elsewhere = stage.behind(Tally::engine(here.clone()));
    elsewhere.handle(stage.id, Input::text("one").with_id("m1")).await.expect("a turn");
    let again = stage.says(Input::text("one").with_id("m1")).await;
    assert!(again.is_repeat(), "{again:?}");
    assert_eq!(here.asked.load(Ordering::SeqCst), 1, "what is stored has the answer");
    stage.says(Input::text("two").with_id("m2")).await;
    let stored = stage.engine.peek(stage.id).await.expect("it is read").expect("a session");
    let said = ["one 0", "two 1"].map(str::to_owned);
    assert_eq!(*stored.state(), Tally::Heard { said: said.into() });
    elsewhere.remove(stage.id).await.expect("it is removed");
    stage.says(Input::text("three").with_id("m3")).await;
    assert_eq!(here.asked.load(Ordering::SeqCst), 2, "there is no state any more that asks");
    stage.says("begin").await;
    stage.store.is_away(true);
    stage.engine.handle(stage.id, Input::text("four").with_id("m4")).await.expect_err("the store is away");
    assert_eq!(here.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_message_that_is_accepted_after_another_asks_the_store_once_too() {
    let two = two(as_it_is).await;
    let accepted = async |said: &str| {
        let calls = two.stage.store.calls();
        let accepted = two.stage.engine.accept(two.stage.id, said).await.expect("it is accepted");
        assert!(matches!(accepted, Accepted::Handled(_)), "{accepted:?}");
        two.stage.store.calls() - calls
    };
    assert_eq!((accepted("two").await, accepted("three").await), (1, 1));
    two.says_elsewhere("there").await;
    assert_eq!(accepted("four").await, 4, "its commit, what is stored, what waits, and the commit over that");
    assert_eq!(two.heard().await, ["one", "two", "three", "there", "four"]);
}

/// How long a message that is accepted waits for its turn, as long as nothing else is said.
const PATIENCE: Duration = Duration::from_millis(300);

#[tokio::test(start_paused = true)]
async fn what_waits_in_the_inbox_is_not_overtaken_by_what_is_remembered() {
    let two = two(as_it_is).await;
    let elsewhere = two.stage.second(Tally::engine(Ear::default()));
    // Its turn takes so long that it is stored to wait, and goes on.
    two.stage.store.next_commit(Meddling::Hang);
    let first = elsewhere.accept(two.stage.id, "first").await.expect("it is accepted");
    assert!(matches!(first, Accepted::Waiting), "{first:?}");
    two.stage.clock.advance(PATIENCE);
    let runs = two.ear.runs.load(Ordering::SeqCst);
    let second = two.stage.engine.accept(two.stage.id, "second").await.expect("it is accepted");
    assert!(matches!(second, Accepted::Waiting), "{second:?}");
    assert_eq!(two.ear.runs.load(Ordering::SeqCst) - runs, 1, "what it decided is void");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(two.heard().await, ["one", "first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn the_world_is_not_asked_for_what_stands_behind_a_letter() {
    let payer = Payer::default();
    let stage = Stage::with(Tally::engine(payer.clone()));
    stage.says_all(&["hi", "begin"]).await;
    let elsewhere = stage.second(Tally::engine(Ear::default()));
    stage.store.next_commit(Meddling::Hang);
    let first = elsewhere.accept(stage.id, "stop").await.expect("it is accepted");
    assert!(matches!(first, Accepted::Waiting), "{first:?}");
    stage.clock.advance(PATIENCE);
    let second = stage.engine.accept(stage.id, "pay").await.expect("it is accepted");
    assert!(matches!(second, Accepted::Waiting), "{second:?}");
    assert_eq!(payer.asked.load(Ordering::SeqCst), 0);
}
