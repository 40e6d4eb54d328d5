//! The conversation that the benches hold: a record of about a kilobyte, and a turn that takes a step each time.

use flow_core::{Flow, Step, Turn, answers::Name};
use serde::{Deserialize, Serialize};

/// Asks for a name, and then chats for ever.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
pub enum Talk {
    #[state(start, ask = "Name?", answer = Name, to(Chat))]
    Begin,
    #[state(ask = "Yes, {name}?", handled, to(Chat, Done))]
    Chat { name: Name, email: String, company: String },
    #[state(end)]
    Done,
}

use talk::{Begin, Chat};

/// Takes a step at every word.
pub struct Host;

impl TalkHandler for Host {
    async fn begin(&self, state: Begin, name: Name, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(state.chat(name, "ana@example.com".into(), "Acme and Daughters".into()))
    }

    async fn chat(&self, state: Chat, turn: Turn<'_, Chat>) -> Step<Chat> {
        turn.to(state.chat())
    }
}
