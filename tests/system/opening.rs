//! Openings: a session's first input enters the start state, and is no answer yet.

use flow_core::{EngineError, Flow, Halt, Input, Opened, Opening, OutcomeKind, Result, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::{Stage, by};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "opened_talk", shared = Origin)]
enum Talk {
    #[state(start, ask = "Your name?", signals(Paid), to(Done))]
    Begin,
    #[state(end, say = "Bye, {name}.")]
    Done { name: String },
}

use talk::*;

/// Where a conversation came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Origin {
    campaign: String,
}

struct Host;

impl TalkHandler for Host {
    async fn begin(&self, state: Begin, name: String, turn: Turn<'_, Begin>) -> Step<Begin> {
        let greeting = format!("{} in {:?}", turn.shared().campaign, turn.language());
        turn.to(state.done(name)).say(greeting)
    }

    async fn begin_on_paid(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.stay("Thank you.")
    }

    async fn on_open(&self, opening: &mut Opening<'_, Talk>) -> Result<()> {
        match opening.input().said() {
            Some("broken") => return Err(Halt::failed("no campaign of this name")),
            Some(said) => opening.shared_mut().campaign.push_str(said),
            None => {}
        }
        if opening.input().said() == Some("/start lisbon") {
            opening.set_language("pt");
        }
        opening.say("Hello!");
        Ok(())
    }
}

#[tokio::test]
async fn the_first_input_opens_the_session_and_is_no_answer() {
    let stage = Stage::with(Talk::engine(Host));
    let outcome = stage.says(Input::text("/start spring").with_language("pt")).await;
    assert_eq!(outcome.texts(), ["Hello!", "Your name?"]);
    assert_eq!((outcome.state, outcome.opened, outcome.version), (Some(Talk::Begin), Some(Opened::First), 1));
    let outcome = stage.says("Ana").await;
    assert_eq!(outcome.texts(), ["/start spring in Some(\"pt\")", "Bye, Ana."]);
}

#[tokio::test]
async fn nothing_is_stored_for_a_session_that_never_began() {
    let stage = Stage::with(Talk::engine(Host));
    let outcome = stage.says("broken").await;
    assert!(matches!(outcome.kind, OutcomeKind::Failed(_)));
    assert_eq!((outcome.state, outcome.version, stage.store.writes()), (None, 0, 0));
    for refused in [
        stage.engine.signal(stage.id, TalkSignal::Paid).await,
        stage.engine.operator(by()).force(stage.id, Talk::Begin).await,
    ] {
        assert!(matches!(refused, Err(EngineError::NoSession)), "{refused:?}");
    }
    assert_eq!(stage.store.writes(), 0);
}

#[tokio::test]
async fn after_the_end_a_new_conversation_begins_and_the_history_says_so() {
    let stage = Stage::with(Talk::engine(Host));
    stage.says_all(&["one", "Ana"]).await;
    let outcome = stage.says("two").await;
    assert_eq!((outcome.opened, outcome.version), (Some(Opened::AfterEnd), 3));
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let steps: Vec<_> = session.history().iter().map(ToString::to_string).collect();
    assert_eq!(steps, ["· -> BEGIN (opened)", "BEGIN -> DONE (message)", "DONE -> BEGIN (reopened)"]);
    assert_eq!(session.shared().campaign, "two");
    let late = stage.second(Talk::engine(Host));
    stage.says("Bob").await;
    assert!(matches!(late.signal(stage.id, TalkSignal::Paid).await, Err(EngineError::NoSession)));
}

#[tokio::test]
async fn the_opening_hook_has_the_last_word_on_the_language_until_the_visitor_tells_another() {
    let stage = Stage::with(Talk::engine(Host));
    stage.says(Input::text("/start lisbon").with_language("en")).await;
    let language = async || {
        let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
        session.language().map(str::to_owned)
    };
    assert_eq!(language().await.as_deref(), Some("pt"));
    stage.says(Input::text(" ").with_language("de")).await;
    stage.says(" ").await;
    assert_eq!(language().await.as_deref(), Some("de"));
}
