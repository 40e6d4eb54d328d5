use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(crate = elsewhere::chat)]
enum Talk {
    #[state(start, ask = "Your name?", to(Topic))]
    Begin,
    #[state(ask = "What about, {name}?", to(Done))]
    Topic { name: String },
    #[state(end, say = "Bye.")]
    Done,
}

use talk::*;

struct Host;

impl TalkHandler for Host {
    async fn topic(&self, state: Topic, turn: Turn<'_, Topic>) -> Step<Topic> {
        turn.to(state.done())
    }
}

fn main() {
    let _ = Talk::engine(Host);
}
