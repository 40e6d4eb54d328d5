//! What stands in a request of a platform: [`Arrivals`].

use std::{fmt, future::Future, pin::Pin};

use axum::response::{IntoResponse, Response};
use flow_core::Message;

use super::Receipt;

/// What stands in a request of a platform: messages, in the order in which they were written, receipts of what was sent, and how the
/// request is answered.
#[must_use = "what arrived is accepted by the one who asked to read it"]
pub struct Arrivals {
    pub(super) messages: Vec<Arrived>,
    pub(super) receipts: Vec<Receipt>,
    pub(super) answer: Response,
    pub(super) afterwards: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Arrivals {
    /// These messages. The request is answered with an empty 200 once they are stored.
    pub fn of(messages: impl IntoIterator<Item = Arrived>) -> Self {
        Self {
            messages: messages.into_iter().collect(),
            receipts: Vec::new(),
            answer: ().into_response(),
            afterwards: None,
        }
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

    /// With what the platform tells of the messages that it was sent.
    pub fn with_receipts(self, receipts: impl IntoIterator<Item = Receipt>) -> Self {
        Self { receipts: receipts.into_iter().collect(), ..self }
    }

    /// Does this once all is stored, and nobody waits for it: a small thing for the eye, such as to take away the buttons of a question
    /// that is answered.
    ///
    /// It is not done if the messages could not be stored, or if the process ends before.
    ///
    /// ```
    /// use flow_http::platform::Arrivals;
    ///
    /// let arrivals = Arrivals::none().afterwards(async { /* here the platform is called */ });
    /// # let _ = arrivals;
    /// ```
    pub fn afterwards(self, work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self { afterwards: Some(Box::pin(work)), ..self }
    }

    /// The messages.
    pub fn messages(&self) -> &[Arrived] {
        &self.messages
    }

    /// What the platform tells of the messages that it was sent.
    pub fn receipts(&self) -> &[Receipt] {
        &self.receipts
    }
}

/// How many messages they are, and how the platform is answered.
impl fmt::Debug for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arrivals({} messages, {})", self.messages.len(), self.answer.status())
    }
}

/// One message that arrived, with the place where it is answered.
///
/// `Debug` shows neither the place, nor who wrote there, nor what was said.
#[derive(Clone)]
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

    /// The one who said it, where several write.
    pub fn writer(&self) -> Option<&str> {
        self.writer.as_deref()
    }

    /// What was said.
    pub fn message(&self) -> &Message {
        &self.message
    }
}

impl fmt::Debug for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrived").field("message", &self.message).finish_non_exhaustive()
    }
}
