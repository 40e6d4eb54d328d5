//! A record that is full of what was said has room for all else: the oldest that was said goes for it, whoever writes.

use std::time::Duration;

use flow_core::{EngineBuilder, Flow, Halt, Input, Limits, Step, Turn, engine::Said};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "attacked_full")]
enum Full {
    #[state(start, endless, ask = "Yes?", handled, to(Open))]
    Open,
}

use full::*;

struct Teller;

impl FullHandler for Teller {
    async fn open(&self, _: Open, turn: Turn<'_, Open>) -> Step<Open> {
        match turn.text() {
            "fail" => Err(Halt::failed("it went wrong")),
            "ask" => {
                turn.once::<String, _>("question", |_| async { Ok("y".repeat(300)) }).await?;
                turn.stay("Asked.")
            }
            _ => turn.stay("Noted."),
        }
    }
}

fn small() -> EngineBuilder<Full> {
    let limits = Limits::default().record(12_000).remembered_messages(1);
    Full::engine(Teller).keep_said(Said::for_days(1).at_most(1_000)).limits(limits)
}

/// A session whose record is full of what was said, but for so many bytes that depend on `talk`.
async fn full_up(talk: usize) -> Stage<Full> {
    let stage = Stage::with(small());
    stage.says("hi").await;
    for _ in 0..20 {
        stage.says("x".repeat(600)).await;
    }
    stage.says("x".repeat(talk * 30)).await;
    assert!(stage.engine.stats().said_dropped > 0);
    stage
}

/// An id that takes a part of the room.
fn long_id() -> String {
    "i".repeat(250)
}

#[tokio::test(start_paused = true)]
async fn an_accepted_message_whose_handler_fails_has_room_for_its_apology() {
    for talk in 1..=20 {
        let stage = full_up(talk).await;
        let accepted = stage.engine.accept(stage.id, Input::text("fail").with_id(long_id())).await;
        assert!(accepted.expect("accepted").outcome().expect("at once").is_failed(), "{talk}");
        sleep(Duration::from_secs(1)).await;
        assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_once_has_room_for_its_answer() {
    for talk in 1..=20 {
        let stage = full_up(talk).await;
        let outcome = stage.engine.handle(stage.id, Input::text("ask").with_id(long_id())).await;
        assert_eq!(outcome.expect("a turn").texts(), ["Asked."], "{talk}");
    }
}
