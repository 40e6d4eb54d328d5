//! A loop over a state that is one unnamed field.

use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "restored_unnamed", anywhere(back))]
pub(crate) enum Unnamed {
    #[state(start, ask = "Begin?", handled, to(Listed))]
    Begin,
    #[state(endless, ask = "And now?", handled, to(Listed, Sure))]
    Listed(Vec<String>),
    #[state(ask = "Sure?", handled, to(Listed))]
    Sure(Vec<String>),
}

use unnamed::*;

pub(super) struct Asker;

fn with(mut known: Vec<String>, said: &str) -> Vec<String> {
    known.push(said.to_owned());
    known
}

impl UnnamedHandler for Asker {
    async fn begin(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(Listed(Vec::new()))
    }

    async fn listed(&self, state: Listed, turn: Turn<'_, Listed>) -> Step<Listed> {
        if turn.text() == "sure" {
            return turn.to(Sure(state.0));
        }
        let known = with(state.0, turn.text());
        turn.to(Listed(known))
    }

    async fn sure(&self, state: Sure, turn: Turn<'_, Sure>) -> Step<Sure> {
        let known = with(state.0, turn.text());
        turn.to(Listed(known))
    }
}

#[tokio::test]
async fn a_state_of_one_unnamed_field_is_as_it_was() {
    let stage = Stage::with(Unnamed::engine(Asker));
    stage.says("hi").await;
    let mut states = Vec::new();
    for said in ["yes", "a", "b", "sure", "c", "sure", "d", "e"] {
        states.push(stage.says(said).await.state);
    }
    states.pop();
    while let Some(state) = states.pop() {
        assert_eq!(stage.says("back").await.state, state, "{} lie before it", states.len());
    }
}
