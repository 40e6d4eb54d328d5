//! Every outcome tells how durable what it speaks of is, so that nobody acknowledges what may be lost.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use flow_core::{Flow, Input, Outage, Outcome, OutcomeKind, Step, StoreError, Turn, engine::Durability};
use serde::{Deserialize, Serialize};

use crate::{meddler::Meddling, stage::Stage};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "durable_talk")]
enum Talk {
    #[state(start, silent, to(Waiting))]
    Listening,
    #[state(silent, signals(Paid), to(Over))]
    Waiting,
    #[state(end, silent)]
    Over,
}

use talk::*;

/// Waits, or fails, when it is told to; "once" it takes a single time.
#[derive(Default)]
struct Host {
    was_told_once: AtomicBool,
}

impl TalkHandler for Host {
    async fn listening(&self, state: Listening, turn: Turn<'_, Listening>) -> Step<Listening> {
        match turn.text() {
            "fail" => Err(std::io::Error::other("the calendar is away"))?,
            "once" if self.was_told_once.swap(true, Ordering::SeqCst) => Err(std::io::Error::other("once is enough"))?,
            "wait" => turn.to(state.waiting()),
            _ => turn.stay("Yes?"),
        }
    }

    async fn waiting(&self, _: Waiting, turn: Turn<'_, Waiting>) -> Step<Waiting> {
        turn.stay("Still waiting.")
    }

    async fn waiting_on_paid(&self, state: Waiting, turn: Turn<'_, Waiting>) -> Step<Waiting> {
        turn.to(state.over())
    }
}

fn stage(outage: Outage) -> Stage<Talk> {
    Stage::with(Talk::engine(Host::default()).outage(outage))
}

fn in_memory() -> Stage<Talk> {
    stage(Outage::Memory { sessions: 10 })
}

/// The store is there again, and for long enough that it was noticed.
async fn comes_back(stage: &Stage<Talk>) {
    stage.store.is_away(false);
    tokio::time::sleep(Duration::from_secs(3)).await;
}

#[tokio::test(start_paused = true)]
async fn a_repeat_a_failure_and_an_unheard_signal_of_a_session_in_memory_say_that_it_is_there() {
    let stage = in_memory();
    stage.says("hi").await;
    stage.store.is_away(true);
    let message = Input::text("hello?").with_id("wamid.1");
    let away = |outcome: &Outcome<Talk>| {
        let error = if let Durability::InMemory(error) = &outcome.durability { error.is_outage() } else { false };
        outcome.is_in_memory() && !outcome.is_stored() && error
    };
    let taken = stage.says(message.clone()).await;
    assert!(matches!(taken.kind, OutcomeKind::Taken) && away(&taken), "{taken:?}");
    let repeat = stage.says(message.clone()).await;
    assert!(repeat.is_repeat() && away(&repeat), "{repeat:?}");
    let failed = stage.says("fail").await;
    assert!(failed.is_failed() && away(&failed), "{failed:?}");
    let unheard = stage.engine.signal(stage.id, TalkSignal::Paid).await.expect("it is told");
    assert!(unheard.is_unheard() && away(&unheard), "{unheard:?}");
    comes_back(&stage).await;
    let repeat = stage.says(message).await;
    assert!(repeat.is_repeat() && repeat.is_stored(), "{repeat:?}");
}

#[tokio::test(start_paused = true)]
async fn a_repeat_of_what_was_stored_before_the_store_went_away_is_stored() {
    let stage = in_memory();
    let message = Input::text("hi").with_id("wamid.1");
    assert!(stage.says(message.clone()).await.is_stored());
    stage.store.is_away(true);
    for outcome in [stage.says(message).await, stage.says("fail").await] {
        assert!(outcome.is_stored() && !outcome.is_in_memory(), "{outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_kept_or_nothing_is_known_the_outcome_says_so() {
    let stage = stage(Outage::Say("Later.".into()));
    stage.store.next_commit(Meddling::Refuse(StoreError::Full)).next_commit(Meddling::ApplyAndGoAway);
    for durability in ["nothing", "unknown", "nothing"] {
        let outcome = stage.says(Input::text("hi").with_id("wamid.1")).await;
        assert!(outcome.is_degraded(), "{outcome:?}");
        assert_eq!(outcome.durability.as_str(), durability);
    }
    comes_back(&stage).await;
    let outcome = stage.says(Input::text("hi").with_id("wamid.1")).await;
    assert!(outcome.is_repeat() && outcome.is_stored(), "the one that was unknown");
}

#[tokio::test(start_paused = true)]
async fn what_was_told_to_be_stored_is_not_written_over_by_what_goes_on_without_it() {
    let stage = in_memory();
    stage.says("hi").await;
    let message = Input::text("once").with_id("wamid.1");
    stage.store.next_commit(Meddling::ApplyAndGoAway);
    let failed = stage.says(message.clone()).await;
    assert!(failed.is_failed(), "in memory it is not taken a second time: {failed:?}");
    assert!(matches!(failed.durability, Durability::Unknown), "it may be stored, and is: {failed:?}");
    let elsewhere = stage.behind(Talk::engine(Host::default()));
    let told = elsewhere.handle(stage.id, message.clone()).await.expect("its store is there");
    assert!(told.is_repeat() && told.is_stored(), "{told:?}");
    assert!(stage.says("hello?").await.is_in_memory());
    comes_back(&stage).await;
    assert_eq!(stage.engine.stats().lost, 1, "what went on without it is lost, and was never told to be stored");
    assert!(elsewhere.handle(stage.id, message).await.expect("a turn").is_repeat());
}
