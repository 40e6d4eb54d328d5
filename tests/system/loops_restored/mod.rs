//! What "back" restores in a loop: every state as it was left, whatever serde does with its fields; and how long a way back is kept.

mod flat;
mod large;
mod only_a_list;
mod unnamed;

use std::collections::BTreeMap;

use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

/// A loop whose fields are written in every way that serde knows.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "restored_form", anywhere(back))]
enum Form {
    #[state(start, ask = "Begin?", handled, to(Round))]
    Begin,
    #[state(ask = "And now?", handled, to(Round, Check))]
    Round {
        #[serde(rename = "all", default, skip_serializing_if = "Vec::is_empty")]
        answers: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<String>,
        #[serde(default)]
        count: u64,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        keyed: BTreeMap<u32, Deep>,
        deep: Deep,
        real: f64,
    },
    #[state(ask = "Sure?", handled, to(Round, Done))]
    Check {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        answers: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last: Option<String>,
        #[serde(default)]
        count: u64,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        keyed: BTreeMap<u32, Deep>,
        deep: Deep,
        real: f64,
    },
    #[state(end, say = "Done.")]
    Done,
}

/// Something nested, in every shape of an enum.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Deep {
    #[default]
    Nothing,
    One(u64),
    Two(i64, Option<String>),
    Named {
        #[serde(rename = "the-list", skip_serializing_if = "Vec::is_empty", default)]
        list: Vec<Deep>,
        unit: (),
    },
}

use form::*;

struct Asker;

/// What is known after so many rounds.
fn after(state: Round, said: &str) -> Round {
    let Round { mut answers, last, mut keyed, deep, real, .. } = state;
    let number = answers.len() as u64;
    answers.push(said.to_owned());
    keyed.insert(u32::MAX - u32::try_from(number).unwrap_or_default(), Deep::Two(-1, last.clone()));
    let last = if number % 3 == 2 { None } else { Some(said.to_owned()) };
    let deep = match number % 4 {
        0 => Deep::One(u64::MAX),
        1 => Deep::Named { list: vec![deep, Deep::Nothing], unit: () },
        2 => Deep::Two(i64::MIN, None),
        _ => Deep::Nothing,
    };
    Round { answers, last, count: u64::MAX - number, keyed, deep, real: real / 3.0 + 0.1 }
}

impl FormHandler for Asker {
    async fn begin(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(Round {
            answers: Vec::new(),
            last: None,
            count: 0,
            keyed: BTreeMap::new(),
            deep: Deep::Nothing,
            real: 1.0 / 3.0,
        })
    }

    async fn round(&self, state: Round, turn: Turn<'_, Round>) -> Step<Round> {
        if turn.text() == "check" {
            return turn.to(state.check());
        }
        let said = turn.text().to_owned();
        turn.to(after(state, &said))
    }

    async fn check(&self, state: Check, turn: Turn<'_, Check>) -> Step<Check> {
        match turn.text() {
            "done" => turn.to(Done),
            "more" => turn.to(state.round()),
            said => {
                let Check { answers, last, count, keyed, deep, real } = state;
                turn.to(after(Round { answers, last, count, keyed, deep, real }, said))
            }
        }
    }
}

#[tokio::test]
async fn every_state_of_a_loop_is_as_it_was() {
    let stage = Stage::with(Form::engine(Asker));
    stage.says("hi").await;
    let mut states = vec![stage.says("yes").await.state];
    for number in 0..20 {
        states.push(stage.says(&*format!("answer {number}")).await.state);
    }
    states.pop();
    while let Some(state) = states.pop() {
        let outcome = stage.says("back").await;
        assert_eq!(outcome.state, state, "{} lie before it", states.len());
    }
    assert_eq!(stage.says("back").await.state, Some(Form::Begin));
}

#[tokio::test]
async fn every_state_of_a_loop_of_two_is_as_it_was() {
    let stage = Stage::with(Form::engine(Asker));
    stage.says("hi").await;
    let mut states = vec![stage.says("yes").await.state];
    for said in ["check", "one", "check", "two", "three", "check", "four", "check"] {
        states.push(stage.says(said).await.state);
    }
    states.pop();
    while let Some(state) = states.pop() {
        let outcome = stage.says("back").await;
        assert_eq!(outcome.state, state, "{} lie before it", states.len());
    }
    assert_eq!(stage.says("back").await.state, Some(Form::Begin));
}
