//! The flow that is talked with: it writes down what it hears, and has everything that a flow can have.

use std::time::Duration;

use flow_core::{Flow, Input, Step, StepExt, Turn};
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "talk", shared = Heard, anywhere("home" => Home, back, help))]
pub(crate) enum Talk {
    #[state(start, endless, ask = "Where to?", handled, to(Hill, Lake))]
    Home,
    #[state(ask = "On the hill.", handled, checkpoint, to(Hill, Lake, Home))]
    Hill { walked: u32 },
    #[state(ask = "By the lake, {walked}.", handled, tries(2, Home), to(Hill))]
    Lake { walked: u32 },
}

pub(crate) use talk::*;

/// What was heard, in this order. It is never forgotten: this flow has no end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Heard {
    pub(crate) words: Vec<String>,
}

pub(crate) struct Walker;

impl TalkHandler for Walker {
    async fn home(&self, state: Home, mut turn: Turn<'_, Home>) -> Step<Home> {
        let word = hear(&mut turn);
        match direction(&word) {
            0 => turn.stay("Later."),
            1 => turn.to(state.hill(1)).effect("note", word).remind_in(BELL, "bell"),
            _ => turn.to(state.lake(1)).effect("note", word),
        }
    }

    async fn hill(&self, state: Hill, mut turn: Turn<'_, Hill>) -> Step<Hill> {
        let word = hear(&mut turn);
        if matches!(turn.input(), Input::Timer(_)) {
            return turn.stay(word);
        }
        match direction(&word) {
            0 => turn.to(Home).effect("note", word),
            1 => turn.to(Hill { walked: state.walked + 1 }).remind_in(2 * BELL, "bell"),
            _ => turn.to(state.lake()).effect("note", word),
        }
    }

    async fn lake(&self, state: Lake, mut turn: Turn<'_, Lake>) -> Step<Lake> {
        tokio::task::yield_now().await;
        let word = hear(&mut turn);
        match direction(&word) {
            0 => turn.to(state.hill()).effect("note", word),
            _ => turn.stay("The water is calm."),
        }
    }
}

/// After how long the bell rings on the hill.
const BELL: Duration = Duration::from_millis(300);

fn hear<S: flow_core::State<Flow = Talk>>(turn: &mut Turn<'_, S>) -> String {
    let word = match turn.input() {
        Input::Timer(timer) => format!("{} {}", timer.name, timer.armed),
        _ => turn.text().to_owned(),
    };
    turn.shared_mut().words.push(word.clone());
    word
}

/// A word ends in what it means.
fn direction(word: &str) -> u32 {
    word.bytes().last().map_or(0, |last| u32::from(last) % 3)
}
