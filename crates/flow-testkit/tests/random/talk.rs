//! The flow that is talked with: it writes down what it hears, and has everything that a flow can have.

use std::{sync::Arc, time::Duration};

use flow_core::{Armed, Flow, Halt, Key, Result, State, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::conversation::{Dice, Log};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "talk", shared = Heard, anywhere("home" => Home, back, help), effects(Note(String)))]
pub(crate) enum Talk {
    #[state(start, endless, ask = "Where to?", handled, to(Hill, Lake))]
    Home,
    #[state(ask = "On the hill.", handled, checkpoint, remind(Bell), to(Hill, Lake, Home))]
    Hill { walked: u32 },
    #[state(ask = "By the lake, {walked}.", handled, tries(2, Home), to(Hill))]
    Lake { walked: u32 },
}

pub(crate) use talk::*;

/// What was heard, in this order. It is never forgotten: this flow has no end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Heard {
    pub(crate) words: Vec<String>,
    /// How many bells were set: the number of the last, which no other has.
    bells: u32,
}

pub(crate) struct Walker {
    pub(crate) log: Arc<Log>,
    pub(crate) dice: Arc<Dice>,
}

impl TalkHandler for Walker {
    async fn home(&self, state: Home, mut turn: Turn<'_, Home>) -> Step<Home> {
        let word = hear(&mut turn);
        match direction(&word) {
            0 => turn.stay("Later."),
            1 => {
                let hill = with_a_bell(&mut turn, state.hill(1), BELL);
                turn.to(hill).effect(TalkEffect::Note(word))
            }
            _ => turn.to(state.lake(1)).effect(TalkEffect::Note(word)),
        }
    }

    async fn hill(&self, state: Hill, mut turn: Turn<'_, Hill>) -> Step<Hill> {
        let word = hear(&mut turn);
        match direction(&word) {
            0 => turn.to(Home).effect(TalkEffect::Note(word)),
            1 => {
                let hill = with_a_bell(&mut turn, Hill { walked: state.walked + 1 }, 2 * BELL);
                turn.to(hill)
            }
            _ => turn.to(state.lake()).effect(TalkEffect::Note(word)),
        }
    }

    async fn hill_on_bell(&self, _: Hill, mut turn: Turn<'_, Hill>) -> Step<Hill> {
        let word = format!("bell {}", turn.shared().bells);
        turn.shared_mut().words.push(word.clone());
        turn.stay(word)
    }

    async fn lake(&self, state: Lake, mut turn: Turn<'_, Lake>) -> Step<Lake> {
        tokio::task::yield_now().await;
        let word = hear(&mut turn);
        match direction(&word) {
            0 => turn.to(state.hill()).effect(TalkEffect::Note(word)),
            _ => turn.stay("The water is calm."),
        }
    }

    async fn deliver_note(&self, note: String, key: Key) -> Result<()> {
        self.log.deliver(key.to_string(), format!("{note:?}"));
        self.dice.delivers().await.map_err(Halt::failed)
    }
}

/// After how long the bell rings on the hill.
const BELL: Duration = Duration::from_millis(300);

fn hear<S: State<Flow = Talk>>(turn: &mut Turn<'_, S>) -> String {
    let word = turn.text().to_owned();
    turn.shared_mut().words.push(word.clone());
    word
}

/// The state with a bell that rings after this time.
fn with_a_bell<S: State<Flow = Talk>>(turn: &mut Turn<'_, S>, hill: Hill, time: Duration) -> Armed<Hill> {
    turn.shared_mut().bells += 1;
    hill.remind_in(time, HillReminder::Bell)
}

/// A word ends in what it means.
fn direction(word: &str) -> u32 {
    word.bytes().last().map_or(0, |last| u32::from(last) % 3)
}
