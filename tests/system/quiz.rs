//! A flow of another shape: a loop, a shared struct, tuple variants, choices by derive.

use flow_core::{Answer, Flow, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::{Stage, texts, transcript};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(shared = Score, anywhere("stop" => Over, back))]
pub(crate) enum Quiz {
    #[state(start, ask = "How hard?", to(Asked))]
    Level,
    #[state(ask = "{0} plus one?", to(Asked, Over), without(back))]
    Asked(Number),
    #[state(end, say = "That was it.")]
    Over,
}

use quiz::*;

/// What the whole quiz knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Score {
    right: u32,
}

/// A number to count on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Answer)]
pub(crate) enum Number {
    #[answer("Easy", "simple")]
    One,
    #[answer("Hard")]
    Hundred,
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.value())
    }
}

impl Number {
    fn value(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Hundred => 100,
        }
    }
}

struct Master;

impl QuizHandler for Master {
    async fn asked(&self, state: Asked, mut turn: Turn<'_, Asked>) -> Step<Asked> {
        if turn.answer::<u32>()? != state.0.value() + 1 {
            return turn.stay("No. Again?");
        }
        turn.shared_mut().right += 1;
        match turn.shared().right {
            3 => turn.to(state.over()).say("Three!"),
            _ => turn.to(state.asked()).say("Right."),
        }
    }
}

#[tokio::test]
async fn a_quiz_loops_and_keeps_its_score() {
    let stage = Stage::with(Quiz::engine(Master));
    let said = ["hi", "very", "simple", "2", "3", "two", "back", "2", "2"];
    insta::assert_snapshot!(transcript(&stage, texts(said)).await);
}

#[tokio::test]
async fn a_new_conversation_begins_with_nothing_shared() {
    let stage = Stage::with(Quiz::engine(Master));
    stage.says_all(&["hi", "2", "101", "stop", "hi"]).await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!((session.shared().right, session.history().len()), (0, 5));
}

#[tokio::test]
async fn what_a_rejected_answer_changed_is_not_stored() {
    let stage = Stage::with(Quiz::engine(Master));
    stage.says_all(&["hi", "Easy", "2"]).await;
    stage.says("not a number").await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!(session.shared().right, 1);
}
