//! A salon with a single chair, which two visitors race for: [`Visit`].

use std::sync::{Arc, Mutex};

use flow_core::{Flow, Reask, SessionId, Step, Turn};
use flow_testkit::Chat;
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "chair", anywhere("cancel" => Left, "stop" => Left, back))]
pub(crate) enum Visit {
    #[state(start, ask = "Shall I keep the chair for you?", choices(Yes, No), to(Kept, Left), tries(2, Left))]
    Question,
    #[state(
        ask = "It is yours for an hour. Are you there?",
        choices(Yes, No),
        remind("30m", Hurry),
        after("1h", Left),
        to(Seated)
    )]
    Kept,
    #[state(end, checkpoint, say = "Sit down.")]
    Seated,
    #[state(end, say = "Another time.")]
    Left,
}

use visit::*;

/// Who has the chair.
#[derive(Clone, Default)]
pub(crate) struct Salon {
    holder: Arc<Mutex<Option<SessionId>>>,
}

impl VisitHandler for Salon {
    async fn question(&self, _: Question, choice: QuestionChoice, turn: Turn<'_, Question>) -> Step<Question> {
        if matches!(choice, QuestionChoice::No) {
            return turn.to(Left);
        }
        let holder = *self.holder.lock().expect("a lock").get_or_insert(turn.session());
        if holder == turn.session() { turn.to(Kept) } else { Err(Reask::because("It has just gone.").into()) }
    }

    async fn kept(&self, _: Kept, choice: KeptChoice, turn: Turn<'_, Kept>) -> Step<Kept> {
        match choice {
            KeptChoice::Yes => turn.to(Seated),
            KeptChoice::No => turn.stay("I wait."),
        }
    }

    async fn kept_on_hurry(&self, _: Kept, turn: Turn<'_, Kept>) -> Step<Kept> {
        turn.stay("Hurry.")
    }
}

pub(crate) fn chat() -> Chat<Visit> {
    let salon = Salon::default();
    Chat::new(move || Visit::engine(salon.clone()))
}
