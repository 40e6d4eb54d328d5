//! The times of a flow and of the one that it runs, over at once where nobody was there to see to either: each has its turn, in their order.

use std::time::Duration;

use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "timed_desk")]
enum Desk {
    #[state(start, ask = "Shall we?", handled, to(Talk))]
    Menu,
    #[state(run = Call, after("3h", Closed), to(Menu))]
    Talk,
    #[state(ask = "We are closed. Tomorrow?", handled, to(Menu, Over))]
    Closed,
    #[state(end, say = "Good night.")]
    Over,
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "timed_call")]
enum Call {
    #[state(start, ask = "Your number?", handled, after("1h", Again), to(Done))]
    Number,
    #[state(ask = "Are you there? Your number?", handled, after("1h", Done), to(Done))]
    Again,
    #[state(end)]
    Done,
}

use {call::*, desk::*};

struct Host;

impl DeskHandler for Host {
    async fn menu(&self, _: Menu, turn: Turn<'_, Menu>) -> Step<Menu> {
        turn.to(Talk)
    }

    async fn talk_done(&self, _: Talk, _: CallEnd, turn: Turn<'_, Talk>) -> Step<Talk> {
        turn.to(Menu)
    }

    async fn closed(&self, _: Closed, turn: Turn<'_, Closed>) -> Step<Closed> {
        turn.to(Over)
    }
}

impl CallHandler for Host {
    async fn number(&self, _: Number, turn: Turn<'_, Number>) -> Step<Number> {
        turn.to(Done)
    }

    async fn again(&self, _: Again, turn: Turn<'_, Again>) -> Step<Again> {
        turn.to(Done)
    }
}

#[tokio::test]
async fn what_is_said_when_the_times_of_both_are_over_is_heard_where_the_last_has_led() {
    let stage = Stage::with(Desk::engine(Host));
    stage.says_all(&["hi", "yes"]).await;
    stage.passes(4);
    let prompt = stage.engine.prompt(stage.id).await.expect("it is asked").expect("a question");
    assert_eq!(prompt.text(), "We are closed. Tomorrow?");
    let outcome = stage.says("0151").await;
    let steps: Vec<_> = outcome.transitions.iter().map(ToString::to_string).collect();
    assert_eq!(
        steps,
        ["TALK/NUMBER -> TALK/AGAIN (after)", "TALK/AGAIN -> CLOSED (after)", "CLOSED -> OVER (message)"],
        "{:?}",
        outcome.texts()
    );
}

#[tokio::test]
async fn while_the_time_of_the_one_around_it_goes_on_the_one_inside_has_its_next_question() {
    let stage = Stage::with(Desk::engine(Host));
    stage.says_all(&["hi", "yes"]).await;
    stage.clock.advance(Duration::from_secs(90 * 60));
    let prompt = stage.engine.prompt(stage.id).await.expect("it is asked").expect("a question");
    assert_eq!(prompt.text(), "Are you there? Your number?");
    assert_eq!(stage.says("0151").await.state, Some(Desk::Menu));
}
