//! Instances of different speed on one session: the slow one has its turn too.

use std::time::Duration;

use flow_core::{Engine, Expiry, Flow, Step, Turn, store::Expect};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::{
    meddler::Meddling,
    stage::{Stage, TO_REVIEW, salon},
};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "fair_talk")]
enum Talk {
    #[state(start, ask = "Yes?", to(Over))]
    Listening,
    #[state(end, say = "Bye.")]
    Over,
}

use talk::*;

/// Thinks for so long about whatever is said.
struct Host(Duration);

impl TalkHandler for Host {
    async fn listening(&self, _: Listening, turn: Turn<'_, Listening>) -> Step<Listening> {
        sleep(self.0).await;
        if turn.text() == "bye" { turn.to(Over) } else { turn.stay("And?") }
    }
}

const SLOW: Duration = Duration::from_millis(40);

fn stage() -> (Stage<Talk>, Engine<Talk>) {
    let stage = Stage::with(Talk::engine(Host(SLOW)).warm(0));
    let fast = stage.second(Talk::engine(Host(Duration::ZERO)).warm(0));
    (stage, fast)
}

/// Talks without a pause, for ever; counts what it said.
async fn chatter(fast: &Engine<Talk>, stage: &Stage<Talk>) {
    loop {
        fast.handle(stage.id, "…").await.expect("the fast one waits, and is not turned away");
        sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_instance_is_let_write_by_a_fast_one() {
    let (stage, fast) = stage();
    stage.says("hi").await;
    let outcome = tokio::select! {
        outcome = stage.says("bye") => outcome,
        () = chatter(&fast, &stage) => unreachable!("it has no end"),
    };
    assert_eq!(outcome.state, Some(Talk::Over));
    let (slow, fast) = (stage.engine.stats(), fast.stats());
    assert!(slow.conflicts >= 3 && slow.conflicts <= 5, "{slow:?}");
    assert!(fast.taken > 50, "{fast:?}");
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_asked_and_died_holds_nobody_up_for_long() {
    let (stage, fast) = stage();
    stage.says("hi").await;
    let asked = async {
        while stage.engine.stats().conflicts < 4 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        _ = stage.says("bye") => unreachable!("it was to be dropped while the others wait for it"),
        () = chatter(&fast, &stage) => unreachable!("it has no end"),
        () = asked => {}
    }
    let began = Instant::now();
    fast.handle(stage.id, "…").await.expect("a turn");
    assert!(began.elapsed() > SLOW && began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_asked_and_died_leaves_what_is_to_be_delivered_no_time_to_die() {
    let hour = Duration::from_secs(3600);
    let mut stages = [0, 1].map(|_| Stage::with(salon().expiry(Expiry::default().idle(hour)).warm(0)));
    stages[1].id = stages[0].id;
    for stage in &stages {
        stage.says_all(&TO_REVIEW).await;
    }
    let [stage, elsewhere] = stages;
    elsewhere.says("Yes").await;
    // Three others write nothing of note, and a fourth leaves something to be delivered.
    let (asked, agreed) = (stage.store.last_written(), elsewhere.store.last_written());
    let mut before = asked.record.stamp();
    for (commit, times) in [(asked, 3), (agreed, 1)] {
        for _ in 0..times {
            let record = commit.record.rewritten(before.next());
            let mut first = commit.clone();
            (first.id, first.expect, first.record) = (stage.id, Expect::At(before.into()), record);
            before = first.record.stamp();
            stage.store.next_commit(Meddling::ComesSecond(first));
        }
    }
    stage.store.next_commit(Meddling::Pass).next_commit(Meddling::Hang);
    let killed = tokio::time::timeout(Duration::from_millis(500), stage.engine.handle(stage.id, "what?")).await;
    assert!(killed.is_err(), "it had asked, and was about to write");
    stage.passes(24);
    stage.works().await;
    assert_eq!(stage.engine.stats().delivered, 2);
}
