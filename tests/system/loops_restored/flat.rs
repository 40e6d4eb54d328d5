//! A loop over fields that are written beside the others.

use std::collections::BTreeMap;

use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "restored_flat", anywhere(back))]
pub(crate) enum Flat {
    #[state(start, ask = "Begin?", handled, to(More))]
    Begin,
    #[state(endless, ask = "And now?", handled, to(More, Sure))]
    More {
        #[serde(flatten)]
        known: BTreeMap<String, String>,
    },
    #[state(ask = "Sure?", handled, to(More))]
    Sure {
        #[serde(flatten)]
        known: BTreeMap<String, String>,
    },
}

use flat::*;

pub(super) struct Asker;

fn with(mut known: BTreeMap<String, String>, said: &str) -> BTreeMap<String, String> {
    known.insert(said.to_owned(), said.to_owned());
    known
}

impl FlatHandler for Asker {
    async fn begin(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(More { known: BTreeMap::new() })
    }

    async fn more(&self, state: More, turn: Turn<'_, More>) -> Step<More> {
        if turn.text() == "sure" {
            return turn.to(state.sure());
        }
        let known = with(state.known, turn.text());
        turn.to(More { known })
    }

    async fn sure(&self, state: Sure, turn: Turn<'_, Sure>) -> Step<Sure> {
        let known = with(state.known, turn.text());
        turn.to(More { known })
    }
}

#[tokio::test]
async fn fields_that_are_written_beside_the_others_are_taken_off_too() {
    let stage = Stage::with(Flat::engine(Asker));
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
