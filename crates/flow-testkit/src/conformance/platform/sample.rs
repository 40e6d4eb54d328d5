//! A request of one kind, with what must come of it: a [`Sample`].

use flow_http::platform::{Arrived, Receipt};

use super::Delivery;

/// A request of one kind, as a platform's documentation shows it, with what must come of it.
///
/// ```
/// use flow_core::Input;
/// use flow_http::platform::Arrived;
/// use flow_testkit::conformance::platform::{Delivery, Sample};
///
/// let text = Delivery::post(r#"{"kind": "text", "id": "7", "from": "Ana", "text": "hello"}"#);
/// let joined = Delivery::post(r#"{"kind": "joined", "from": "Ana"}"#);
/// let samples = [
///     Sample::of("a text", text).brings([Arrived::new("Ana", Input::text("hello").with_id("7"))]),
///     Sample::of("somebody has joined", joined).brings_nothing(),
/// ];
/// # let _ = samples;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Sample {
    pub(super) name: String,
    pub(super) delivery: Delivery,
    pub(super) comes: Comes,
    pub(super) receipts: Vec<Receipt>,
    pub(super) answer: Option<String>,
}

/// What must come of it.
#[derive(Clone, Debug)]
pub(super) enum Comes {
    Messages(Vec<Arrived>),
    Unreadable,
    Forged,
}

impl Sample {
    /// This request, under a name for whoever reads that it failed. Nothing comes of it unless said.
    ///
    /// The suite signs it; one whose signature is part of it is left as it is by [`Counterpart::sign`](super::Counterpart::sign).
    pub fn of(name: impl Into<String>, delivery: Delivery) -> Self {
        Self { name: name.into(), delivery, comes: Comes::Messages(Vec::new()), receipts: Vec::new(), answer: None }
    }

    /// It brings these messages, in this order.
    pub fn brings(self, messages: impl IntoIterator<Item = Arrived>) -> Self {
        Self { comes: Comes::Messages(messages.into_iter().collect()), ..self }
    }

    /// It brings nothing that the bot has a use for, and is answered as if it did.
    pub fn brings_nothing(self) -> Self {
        self.brings([])
    }

    /// It tells this of messages that were sent.
    pub fn tells(self, receipts: impl IntoIterator<Item = Receipt>) -> Self {
        Self { receipts: receipts.into_iter().collect(), ..self }
    }

    /// It cannot be read, and is answered with 400.
    pub fn is_unreadable(self) -> Self {
        Self { comes: Comes::Unreadable, ..self }
    }

    /// It does not come from the platform, though it looks like it, and is answered with 401.
    pub fn is_forged(self) -> Self {
        Self { comes: Comes::Forged, ..self }
    }

    /// It is answered with these words.
    pub fn is_answered(self, answer: impl Into<String>) -> Self {
        Self { answer: Some(answer.into()), ..self }
    }
}
