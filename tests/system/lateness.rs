//! A turn has one deadline, whatever it waits for: the store, other writers, a handler.

use std::time::Duration;

use flow_core::{Busy, Deadlines, EngineError, Flow, Input, Step, StoreError, Turn};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::{meddler::Meddling, stage::Stage};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "late_talk")]
enum Talk {
    #[state(start, endless, ask = "Yes?", handled, to(Listening))]
    Listening,
}

use talk::*;

/// Thinks for so long about whatever is said.
struct Host(Duration);

impl TalkHandler for Host {
    async fn listening(&self, _: Listening, turn: Turn<'_, Listening>) -> Step<Listening> {
        sleep(self.0).await;
        turn.stay("And?")
    }
}

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A session that is under way and read at each turn, with this deadline for a turn and two seconds for a call to the store.
async fn stage(turn: u64, thinks: u64) -> Stage<Talk> {
    let deadlines = Deadlines::default().turn(milliseconds(turn)).store(milliseconds(2_000));
    let stage = Stage::with(Talk::engine(Host(milliseconds(thinks))).deadlines(deadlines).warm(0));
    stage.says("hi").await;
    stage
}

fn message() -> flow_core::Message {
    Input::text("hello?").with_id("wamid.1")
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_by_the_deadline_of_the_turn_is_not_stored() {
    let stage = stage(1_500, 0).await;
    stage.store.next_load(Meddling::Hang).next_load(Meddling::Hang);
    let began = Instant::now();
    let failed = stage.engine.handle(stage.id, message()).await;
    assert!(matches!(failed, Err(EngineError::Store(StoreError::Unavailable(_)))), "{failed:?}");
    assert_eq!((began.elapsed(), stage.store.writes()), (milliseconds(1_500), 1));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_sent_before_the_deadline_of_the_turn_is_unknown_and_is_found_out() {
    let stage = stage(2_500, 0).await;
    stage.store.next_load(Meddling::Hang).next_commit(Meddling::LoseAnswer);
    for _ in 0..100 {
        stage.store.next_commit(Meddling::Hang);
    }
    let began = Instant::now();
    let failed = stage.engine.handle(stage.id, message()).await;
    assert!(matches!(failed, Err(EngineError::Store(StoreError::Unknown(_)))), "{failed:?}");
    assert_eq!(began.elapsed(), milliseconds(2_500));
    assert!(stage.says(message()).await.is_repeat());
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_always_loses_ends_by_its_deadline() {
    let stage = stage(1_000, 500).await;
    let theirs = stage.store.last_written();
    let others = [(); 16].iter().scan(theirs.record.stamp(), |before, ()| {
        let mut commit = theirs.clone();
        commit.expect = flow_core::store::Expect::At((*before).into());
        let body = commit.record.readable().to_string();
        commit.record = flow_core::Record::compose(before.next(), body.as_bytes());
        *before = commit.record.stamp();
        Some(commit)
    });
    for other in others {
        stage.store.next_commit(Meddling::ComesSecond(other));
    }
    let (began, writes) = (Instant::now(), stage.store.writes());
    let late = stage.engine.handle(stage.id, message()).await;
    let deadline = milliseconds(1_000);
    assert!(matches!(late, Err(EngineError::Busy(Busy::Late { deadline: told })) if told == deadline), "{late:?}");
    assert_eq!((began.elapsed(), stage.store.writes() - writes), (deadline, 1), "the other's alone was written");
    assert_eq!(stage.engine.stats().busy, 1);
}

#[tokio::test(start_paused = true)]
async fn a_handler_has_what_the_store_has_left_of_the_turn() {
    let stage = stage(3_000, 2_500).await;
    stage.store.next_load(Meddling::Hang);
    let began = Instant::now();
    let outcome = stage.says(message()).await;
    assert!(outcome.is_failed(), "{outcome:?}");
    assert_eq!((began.elapsed(), stage.store.writes()), (milliseconds(3_000), 1));
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_other_turns_of_the_session_is_not_counted() {
    let stage = stage(1_000, 800).await;
    let turns = [(); 3].map(|()| stage.says("hello?"));
    let began = Instant::now();
    let outcomes = futures_util::future::join_all(turns).await;
    assert!(outcomes.iter().all(|outcome| !outcome.is_failed()));
    assert_eq!(began.elapsed(), milliseconds(2_400));
}
