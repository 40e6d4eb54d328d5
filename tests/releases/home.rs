//! A salon that runs a flow with two questions, before either was changed.

use flow_core::{Flow, Reask, Step, Turn};
use serde::{Deserialize, Serialize};

/// A salon that runs a flow with two questions.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "released_salon", anywhere(back))]
pub enum Salon {
    /// The start.
    #[state(start, ask = "Shall we?", handled, to(Visit))]
    Menu,
    /// Runs the other.
    #[state(run = Home, after("3h", Bye), to(Bye))]
    Visit,
    /// Over.
    #[state(end, say = "See you!")]
    Bye,
}

/// The flow that it runs.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "released_home", version = 1, anywhere("later" => Who, back))]
pub enum Home {
    /// The first question.
    #[state(start, ask = "Who?", answer = String, to(Place))]
    Who,
    /// The second, again and again.
    #[state(ask = "Where, {name}?", handled, signals(Moved), tries(3, Given), corrects(name = Who), to(Given, Place), after("1h", Given))]
    Place {
        /// Who it is.
        name: String,
        /// What was said.
        #[serde(default)]
        heard: Vec<String>,
    },
    /// Over.
    #[state(end)]
    Given,
}

pub use home::{Given, HomeEnd, Place, Who};
pub use salon::{Bye, Menu, Visit};

/// Its handler.
#[derive(Debug)]
pub struct Host;

impl SalonHandler for Host {
    async fn menu(&self, _: Menu, turn: Turn<'_, Menu>) -> Step<Menu> {
        turn.to(Visit)
    }

    async fn visit_done(&self, _: Visit, _: HomeEnd, turn: Turn<'_, Visit>) -> Step<Visit> {
        turn.to(Bye)
    }
}

impl HomeHandler for Host {
    async fn who(&self, _: Who, name: String, turn: Turn<'_, Who>) -> Step<Who> {
        turn.to(Place { name, heard: Vec::new() })
    }

    async fn place(&self, state: Place, turn: Turn<'_, Place>) -> Step<Place> {
        match turn.text() {
            "there" => turn.to(Given),
            "no" => Err(Reask::because("No.").into()),
            said => {
                let mut heard = state.heard;
                heard.push(said.to_owned());
                turn.to(Place { name: state.name, heard })
            }
        }
    }

    async fn place_on_moved(&self, _: Place, turn: Turn<'_, Place>) -> Step<Place> {
        turn.stay("Moved.")
    }
}

/// Its engine.
pub fn salon() -> flow_core::EngineBuilder<Salon> {
    Salon::engine(Host)
}
