//! Handlers that do not yield: a deadline cannot end them, so they are named.

use std::{
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use flow_core::{Flow, Observer, Step, Turn, engine::Event};
use serde::{Deserialize, Serialize};

use crate::{
    log::{listen, logged},
    stage::Stage,
};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "stalling_talk")]
enum Talk {
    #[state(start, endless, ask = "Yes?", handled, to(Listening))]
    Listening,
}

use talk::*;

/// Blocks its thread when it is told to, and otherwise waits as it should.
struct Host;

impl TalkHandler for Host {
    async fn listening(&self, _: Listening, turn: Turn<'_, Listening>) -> Step<Listening> {
        match turn.text() {
            "block" => thread::sleep(Duration::from_millis(2_500)),
            _ => tokio::time::sleep(Duration::from_millis(1_500)).await,
        }
        turn.stay("And?")
    }
}

/// Keeps what was logged on the thread that tells of a stall.
#[derive(Default)]
struct Diary(Mutex<Vec<String>>);

impl Observer for Diary {
    fn happened(&self, event: Event) {
        if event == Event::Stalled {
            self.0.lock().expect("a lock").push(logged());
        }
    }
}

#[tokio::test]
async fn a_handler_that_does_not_yield_is_named_once_and_one_that_waits_is_not() {
    listen();
    let diary = Arc::new(Diary::default());
    let stage = Stage::with(Talk::engine(Host).observer(Arc::clone(&diary)));
    stage.says("hi").await;
    stage.says("wait").await;
    assert_eq!(stage.engine.stats().stalled, 0);
    for times in [1, 2] {
        stage.says("block").await;
        assert_eq!(stage.engine.stats().stalled, times, "each stall once");
    }
    let told = diary.0.lock().expect("a lock").pop().expect("it was told");
    let line = told.lines().rfind(|line| line.contains("does not yield")).expect("it is logged first");
    let named = format!("flow=\"stalling_talk\" state=\"LISTENING\" session={}", stage.id);
    assert!(line.contains(" ERROR ") && line.contains(&named), "{line}");
}
