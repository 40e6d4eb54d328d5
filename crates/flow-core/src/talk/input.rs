//! What comes in: an [`Input`], and the [`Message`] that carries it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What somebody, or something, says to a session.
///
/// `Debug` tells the kind and the size and never what was said.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Input {
    /// Words.
    Text(String),
    /// A button that was pressed.
    Button(Button),
    /// An event from outside the conversation.
    Signal(Signal),
    /// A timer that has run out.
    Timer(Timer),
}

impl Input {
    /// Somebody wrote `text`.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Somebody pressed the button with this payload.
    pub fn button(payload: impl Into<String>) -> Self {
        Self::Button(Button { payload: payload.into(), label: None })
    }

    /// The event `name` happened outside.
    pub fn signal(name: impl Into<String>) -> Self {
        Self::Signal(Signal { name: name.into(), payload: Value::Null })
    }

    /// The timer `name` has run out.
    pub fn timer(name: impl Into<String>) -> Self {
        Self::Timer(Timer { name: name.into(), armed: 0 })
    }

    /// Gives the input the id under which its channel delivers it, so that a repeat is recognised.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Message {
        Message::from(self).id(id)
    }

    /// Tells the language of who wrote it.
    #[must_use]
    pub fn language(self, language: impl Into<String>) -> Message {
        Message::from(self).language(language)
    }

    /// What was said, if it was said by a person: the text, or a button's payload.
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Button(button) => Some(&button.payload),
            Self::Signal(_) | Self::Timer(_) => None,
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Button(button) => button.fmt(f),
            Self::Signal(signal) => signal.fmt(f),
            Self::Timer(timer) => timer.fmt(f),
        }
    }
}

/// A pressed button.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What the button stands for.
    pub payload: String,
    /// What was written on it, if the channel tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl fmt::Debug for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Button({} bytes)", self.payload.len())
    }
}

/// An event from outside the conversation: a payment arrived, a calendar confirmed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// What happened.
    pub name: String,
    /// What the sender tells about it; null if nothing.
    #[serde(default)]
    pub payload: Value,
}

impl Signal {
    /// Whether this is the signal `name`.
    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signal({:?})", self.name)
    }
}

/// A timer that has run out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// Which one.
    pub name: String,
    /// The version of the session that armed it. With its name it is a timer's own: it runs out once. 0 if nobody knows.
    #[serde(default)]
    pub armed: u64,
}

impl Timer {
    /// Whether this is the timer `name`.
    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

/// An [`Input`] with what its channel knows of it.
///
/// ```
/// use flow_core::{Input, Message};
///
/// let message: Message = Input::text("hi").id("wamid.123").language("en");
/// assert_eq!(message.input().said(), Some("hi"));
/// ```
#[derive(Clone, PartialEq)]
pub struct Message {
    input: Input,
    id: Option<String>,
    language: Option<String>,
}

impl Message {
    /// Gives the message the id under which its channel delivers it.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Tells the language of who wrote it; the session keeps the last one told.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// What was said.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// The channel's id of the message, if it has one. An empty id is none: it would make all messages repeats of one.
    pub fn message_id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }

    /// The language it was written in, if the channel tells.
    pub fn spoken_language(&self) -> Option<&str> {
        self.language.as_deref()
    }
}

impl From<Input> for Message {
    fn from(input: Input) -> Self {
        Self { input, id: None, language: None }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Input::text(text).into()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("input", &self.input).field("language", &self.language).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_tells_what_was_said() {
        let signal = Signal { name: "paid".into(), payload: "canary".into() };
        for input in [Input::text("canary"), Input::button("canary"), Input::Signal(signal)] {
            let shown = format!("{input:?} {:?}", input.clone().id("canary"));
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
