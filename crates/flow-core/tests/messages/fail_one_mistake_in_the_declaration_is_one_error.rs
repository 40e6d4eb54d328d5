use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Talk {
    #[state(start, ask = "Your name?", to(Topci))]
    Begin,
    #[state(ask = "What about, {name}?", to(Done))]
    Topic { name: String },
    #[state(end, say = "Bye.")]
    Done,
}

use talk::*;

struct Host;

impl TalkHandler for Host {
    async fn begin(&self, state: Begin, name: String, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(state.topic(name))
    }

    async fn topic(&self, state: Topic, turn: Turn<'_, Topic>) -> Step<Topic> {
        turn.to(state.done())
    }
}

fn main() {
    let _ = Talk::engine(Host);
}
