//! What stands in a request of a platform: [`Arrivals`].

use axum::response::{IntoResponse, Response};
use flow_core::Message;

/// What stands in a request of a platform: messages, in the order in which they were written, and how the request is answered.
#[derive(Debug)]
#[must_use = "what arrived is accepted by the one who asked to read it"]
pub struct Arrivals {
    pub(super) messages: Vec<Arrived>,
    pub(super) answer: Response,
}

impl Arrivals {
    /// These messages. The request is answered with an empty 200 once they are stored.
    pub fn of(messages: impl IntoIterator<Item = Arrived>) -> Self {
        Self { messages: messages.into_iter().collect(), answer: ().into_response() }
    }

    /// Nothing that the bot has a use for.
    pub fn none() -> Self {
        Self::of([])
    }

    /// Answered so: what a platform asks for to know that the webhook is ours, or wants to hear about a button.
    ///
    /// ```
    /// use flow_http::platform::Arrivals;
    ///
    /// let shaken = Arrivals::none().answered("1158201444");
    /// # let _ = shaken;
    /// ```
    pub fn answered(self, answer: impl IntoResponse) -> Self {
        Self { answer: answer.into_response(), ..self }
    }

    /// The messages.
    pub fn messages(&self) -> &[Arrived] {
        &self.messages
    }
}

/// One message that arrived, with the place where it is answered.
///
/// `Debug` shows neither the place nor what was said.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub(super) place: String,
    pub(super) writer: Option<String>,
    pub(super) message: Message,
}

impl Arrived {
    /// Said at this place, and answered there: a chat, a number.
    pub fn new(place: impl Into<String>, message: impl Into<Message>) -> Self {
        Self { place: place.into(), writer: None, message: message.into() }
    }

    /// Said by this one of several who write at the place: each has a conversation of their own there.
    #[must_use]
    pub fn by(self, writer: impl Into<String>) -> Self {
        Self { writer: Some(writer.into()), ..self }
    }

    /// The place.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What was said.
    pub fn message(&self) -> &Message {
        &self.message
    }
}
