//! Handlers that fail: the session is untouched, the visitor hears so, and the next try may succeed.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use flow_core::{Ask, Flow, Input, Limits, OutcomeKind, Phrases, Reply, Result, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "failing_talk")]
enum Talk {
    #[state(start, ask = "How?", to(Middle, Odd))]
    Begin,
    #[state(to(Done))]
    Middle,
    #[state(silent, to(Done))]
    Odd { ratio: f64 },
    #[state(end)]
    Done,
}

use talk::*;

/// Fails as it is told to.
#[derive(Default)]
struct Host {
    runs: Arc<AtomicUsize>,
}

impl TalkHandler for Host {
    async fn begin(&self, state: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        match turn.text() {
            "error" => Err(std::io::Error::other("the calendar is away"))?,
            "panic" => panic!("the handler breaks"),
            "hang" => std::future::pending().await,
            "nan" => turn.to(state.odd(f64::NAN)),
            _ => turn.to(state.middle()),
        }
    }

    async fn ask_middle(&self, _: &Middle, _: Ask<'_, Middle>) -> Result<Reply> {
        Err(std::io::Error::other("there is no prompt"))?
    }

    async fn middle(&self, state: Middle, turn: Turn<'_, Middle>) -> Step<Middle> {
        turn.to(state.done())
    }

    async fn odd(&self, state: Odd, turn: Turn<'_, Odd>) -> Step<Odd> {
        turn.to(state.done())
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_fails_panics_or_hangs_leaves_the_session_untouched() {
    let stage = Stage::with(Talk::engine(Host::default()));
    stage.says("hi").await;
    // "go" succeeds, but the prompt of the state it enters fails: that is the same turn.
    for message in ["error", "panic", "hang", "go"] {
        let outcome = stage.says(Input::text(message).with_id(message)).await;
        assert!(matches!(outcome.kind, OutcomeKind::Failed(_)), "{message}");
        assert_eq!(outcome.texts(), ["Sorry, something went wrong on our side. Please try again."]);
        assert_eq!((outcome.state, outcome.version), (Some(Talk::Begin), 1));
    }
    assert_eq!((stage.store.writes(), stage.engine.stats().failed), (1, 4));
}

#[tokio::test]
async fn a_message_that_failed_is_run_again_when_it_comes_again() {
    let host = Host::default();
    let runs = Arc::clone(&host.runs);
    let stage = Stage::with(Talk::engine(host));
    stage.says("hi").await;
    for _ in 0..2 {
        stage.says(Input::text("error").with_id("wamid.1")).await;
    }
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn the_apology_is_the_users_own() {
    let mut phrases = Phrases::default();
    phrases.apology = "Desculpe!".into();
    let stage = Stage::with(Talk::engine(Host::default()).phrases(phrases));
    stage.says("hi").await;
    assert_eq!(stage.says("error").await.texts(), ["Desculpe!"]);
}

#[tokio::test]
async fn a_state_that_would_not_read_back_is_never_stored() {
    let stage = Stage::with(Talk::engine(Host::default()));
    stage.says("hi").await;
    let refused = stage.engine.handle(stage.id, "nan").await;
    assert!(matches!(refused, Err(flow_core::EngineError::Unwritable { state: "ODD" })), "{refused:?}");
    assert_eq!(stage.state().await, Some("BEGIN"));
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_any_call_to_the_store() {
    let stage = Stage::with(Talk::engine(Host::default()).limits(Limits::default().input(1000)));
    let deep = (0..100).fold(serde_json::Value::Null, |value, _| serde_json::json!([value]));
    let refused = [
        stage.engine.handle(stage.id, "x".repeat(1001).as_str()).await,
        stage.engine.handle(stage.id, Input::signal_by_name("paid", deep)).await,
        stage.engine.handle(stage.id, Input::text("hi").with_id("x".repeat(1000))).await,
    ];
    for refused in refused {
        assert!(matches!(refused, Err(flow_core::EngineError::InputTooLarge { .. })), "{refused:?}");
    }
    assert_eq!((stage.store.calls(), stage.engine.stats().refused), (0, 3));
}

#[tokio::test]
async fn a_failing_turn_is_logged_without_a_word_that_is_private() {
    crate::log::listen();
    let stage = Stage::with(Talk::engine(Host::default()));
    stage.says_all(&["hi", "error"]).await;
    let log = crate::log::logged();
    assert!(log.contains("the handler failed") && log.contains("std::io::error::Error"), "{log}");
    assert!(log.contains("the calendar is away"), "{log}");
}
