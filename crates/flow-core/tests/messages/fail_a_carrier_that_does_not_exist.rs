use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Talk {
    #[state(start, ask = "Your name?", to(Topic))]
    Begin,
    #[state(ask = "What about, {name}?", to(Confirm, Done))]
    Topic { name: String },
    #[state(ask = "{topic}, {name}?", to(Done))]
    Confirm { name: String, topic: String },
    #[state(end, say = "Bye.")]
    Done,
}

use talk::*;

struct Host;

impl TalkHandler for Host {
    async fn topic(&self, state: Topic, turn: Turn<'_, Topic>) -> Step<Topic> {
        let topic = turn.answer()?;
        turn.to(state.confirm(topic))
    }

    async fn confirm(&self, state: Confirm, turn: Turn<'_, Confirm>) -> Step<Confirm> {
        turn.to(state.begin())
    }
}

fn main() {
    let _ = Talk::engine(Host);
}
