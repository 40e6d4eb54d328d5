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

#[allow(unused_imports, reason = "a bench brings a handler of its own")]
pub use talk::{Begin, Chat};

/// Takes a step at every word.
#[allow(dead_code, reason = "each bench takes one of them")]
pub struct Host;

impl TalkHandler for Host {
    async fn begin(&self, state: Begin, name: Name, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(state.chat(name, "ana@example.com".into(), "Acme and Daughters".into()))
    }

    async fn chat(&self, state: Chat, turn: Turn<'_, Chat>) -> Step<Chat> {
        turn.to(state.chat())
    }
}

/// Takes a step at every word, and asks the world once before it.
#[allow(dead_code, reason = "each bench takes one of them")]
pub struct Asker;

impl TalkHandler for Asker {
    async fn begin(&self, state: Begin, name: Name, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(state.chat(name, "ana@example.com".into(), "Acme and Daughters".into()))
    }

    async fn chat(&self, state: Chat, turn: Turn<'_, Chat>) -> Step<Chat> {
        let _answer: u64 = turn.once("ask", |_| async { Ok(7) }).await?;
        turn.to(state.chat())
    }
}
