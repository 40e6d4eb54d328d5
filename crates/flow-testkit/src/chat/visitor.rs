//! One of those who speak in a chat: [`Visitor`].

use flow_core::{EngineError, Flow, Message, Outcome, SessionId};

/// One of those who speak in a chat. A chat of one has no name for its visitor.
pub(super) struct Visitor<F: Flow> {
    pub(super) name: String,
    pub(super) id: SessionId,
    pub(super) last: Option<Message>,
    pub(super) outcome: Option<Result<Outcome<F>, EngineError>>,
}

impl<F: Flow> Visitor<F> {
    /// The visitor of this number in a chat, which begins at 1 and gives the id.
    pub(super) fn new(number: usize, name: &str) -> Self {
        let id = format!("00000000-0000-4000-8000-{number:012x}").parse().expect("a session id");
        Self { name: name.to_owned(), id, last: None, outcome: None }
    }
}
