//! The conversations that are counted: one that goes on for ever, and the same two flows deep.

use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

#[path = "../../conversation/mod.rs"]
mod conversation;

pub use conversation::{Asker, Host, Talk};

/// Runs a flow that runs the one which talks.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
pub enum Trip {
    #[state(start, run = Stay, to(Over))]
    Sleeping,
    #[state(end)]
    Over,
}

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
pub enum Stay {
    #[state(start, run = Chatter, to(Left))]
    Inside,
    #[state(end)]
    Left,
}

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
pub enum Chatter {
    #[state(start, ask = "Well?", handled, to(On))]
    Begun,
    #[state(ask = "And then?", handled, to(On, Quiet))]
    On { words: u64 },
    #[state(end)]
    Quiet,
}

use {
    chatter::{Begun, ChatterEnd, On},
    stay::{Inside, Left, StayEnd},
    trip::{Over, Sleeping},
};

/// Takes a step at every word.
pub struct Deep;

impl TripHandler for Deep {
    async fn sleeping_done(&self, _: Sleeping, _: StayEnd, turn: Turn<'_, Sleeping>) -> Step<Sleeping> {
        turn.to(Over)
    }
}

impl StayHandler for Deep {
    async fn inside_done(&self, _: Inside, _: ChatterEnd, turn: Turn<'_, Inside>) -> Step<Inside> {
        turn.to(Left)
    }
}

impl ChatterHandler for Deep {
    async fn begun(&self, _: Begun, turn: Turn<'_, Begun>) -> Step<Begun> {
        turn.to(On { words: 1 })
    }

    async fn on(&self, state: On, turn: Turn<'_, On>) -> Step<On> {
        turn.to(On { words: state.words + 1 })
    }
}
