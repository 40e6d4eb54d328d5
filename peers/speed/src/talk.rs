//! Our turns: a conversation that goes on for ever, and engines that hold it.

use std::sync::Arc;

use flow_core::{Engine, Flow, Input, Limits, SessionId, Step, Store, Turn};
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
pub enum Talk {
    #[state(start, ask = "Name?", handled, to(Chat))]
    Begin,
    #[state(ask = "Yes?", handled, to(Chat, Done))]
    Chat { name: String, email: String, padding: String },
    #[state(end)]
    Done,
}

use talk::{Begin, Chat};

/// Takes a step at every word, and carries so many bytes along.
struct Host {
    padding: usize,
}

impl TalkHandler for Host {
    async fn begin(&self, state: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(state.chat("Ana".into(), "ana@example.com".into(), "x".repeat(self.padding)))
    }

    async fn chat(&self, state: Chat, turn: Turn<'_, Chat>) -> Step<Chat> {
        turn.to(state.chat())
    }
}

pub fn engine(store: Arc<impl Store + 'static>, history: usize, padding: usize) -> Engine<Talk> {
    let limits = Limits::default().history(history).remembered_messages(4);
    Talk::engine(Host { padding }).limits(limits).store(store)
}

pub async fn take(engine: &Engine<Talk>, id: SessionId) {
    engine.handle(id, Input::text("Ana")).await.expect("a turn");
}
