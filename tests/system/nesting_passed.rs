//! A question that is asked and left in one turn, because its time was over: what it offered is no answer to the next question.

use flow_core::{Flow, Input, Reply, Step, Turn, engine::OutcomeKind};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "passed_house", anywhere(back))]
enum House {
    #[state(start, ask = "Your name?", answer = String, to(Door))]
    Name,
    #[state(run = Waiting, to(Inside))]
    Door { name: String },
    #[state(ask = "Will you stay, {name}?", choices(Yes, No), corrects(name("Another name")), to(Gone))]
    Inside { name: String },
    #[state(end, say = "Bye, {name}.")]
    Gone { name: String },
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "passed_waiting")]
enum Waiting {
    #[state(start, ask = "Please wait.", handled, after("1h", Over), to(Over))]
    Begun,
    #[state(end)]
    Over,
}

use {house::*, waiting::*};

struct Porter;

impl HouseHandler for Porter {
    async fn door_done(&self, state: Door, _: WaitingEnd, turn: Turn<'_, Door>) -> Step<Door> {
        turn.to(Inside { name: state.name })
    }

    async fn inside(&self, state: Inside, _: InsideChoice, turn: Turn<'_, Inside>) -> Step<Inside> {
        turn.to(Gone { name: state.name })
    }
}

impl WaitingHandler for Porter {
    async fn begun(&self, _: Begun, turn: Turn<'_, Begun>) -> Step<Begun> {
        turn.to(Over)
    }
}

/// The visitor comes late and asks for a correction at once: two questions are asked in one turn, of which the first is over.
async fn asked_for_another_name() -> Stage<House> {
    let stage = Stage::with(House::engine(Porter));
    stage.says_all(&["hi", "Ana"]).await;
    stage.passes(2);
    let outcome = stage.says("Another name").await;
    assert_eq!(outcome.texts(), ["Will you stay, Ana?", "Your name?"]);
    let buttons: usize = outcome.replies.iter().map(|reply: &Reply| reply.buttons().len()).sum();
    assert_eq!(buttons, 0, "the first question is over, and the second offers nothing");
    stage
}

#[tokio::test]
async fn what_a_question_of_before_offered_is_an_answer_in_its_own_words() {
    for said in ["1", "2", "3", "Another name", "No"] {
        let stage = asked_for_another_name().await;
        assert_eq!(stage.says(said).await.texts(), [format!("Will you stay, {said}?")]);
    }
}

#[tokio::test]
async fn the_question_that_is_come_back_to_has_its_buttons() {
    let stage = asked_for_another_name().await;
    let outcome = stage.says("back").await;
    let labels: Vec<_> = outcome.replies[0].buttons().iter().map(|button| button.label().to_owned()).collect();
    assert_eq!(labels, ["Yes", "No", "Another name"]);
    let token = outcome.replies[0].buttons()[0].token().to_owned();
    let outcome = stage.says(Input::button(token)).await;
    assert!(matches!(outcome.kind, OutcomeKind::Taken));
    assert_eq!(outcome.texts(), ["Bye, Ana."]);
}
