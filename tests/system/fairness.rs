//! Instances of different speed on one session: the slow one has its turn too.

use std::time::Duration;

use flow_core::{Engine, Flow, Step, Turn};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    let stage = Stage::with(Talk::engine(Host(SLOW)));
    let fast = stage.second(Talk::engine(Host(Duration::ZERO)));
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
