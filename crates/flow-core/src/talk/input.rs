//! What comes in: an [`Input`], and the [`Message`] that carries it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Address, Bookmark, Choice, Command, Contact, Media, Place, wire::Wire};

/// What is said to a session, by its visitor or by something outside.
///
/// ```
/// use flow_core::Input;
///
/// assert_eq!(Input::text("hello").said(), Some("hello"));
/// assert_eq!(Input::button("book").said(), Some("book"));
/// // Words may also come as they are: `engine.handle(id, "hello")`.
/// let paid = Input::signal_by_name("Paid", 12);
/// assert_eq!(paid.said(), None);
/// ```
///
/// More than words comes as what it is: a [`Media`], a [`Place`], a [`Contact`] or a [`Command`] is an input as it stands, as in
/// `engine.handle(id, Media::new(MediaKind::Image, reference))`.
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
    /// A picture, a voice message, a document.
    Media(Media),
    /// A place on the map.
    Place(Place),
    /// A card from an address book.
    Contact(Contact),
    /// A command to the bot, which its channel tells from words. What comes as text stays text.
    Command(Command),
}

impl Input {
    /// The visitor wrote `text`.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The visitor pressed the button with this payload.
    pub fn button(payload: impl Into<String>) -> Self {
        Self::Button(Button::new(payload))
    }

    /// This happened outside. For a signal without an id of its own, [`Engine::signal`](crate::Engine::signal) is shorter.
    ///
    /// Fails if what the signal carries cannot be written as JSON.
    pub fn signal(signal: &impl Wire) -> Result<Self, serde_json::Error> {
        Ok(Self::Signal(Signal::new(signal.name(), signal.payload()?)))
    }

    /// The signal of this name happened outside, as it came over a wire: the flow reads it when it is handled.
    pub fn signal_by_name(name: impl Into<String>, payload: impl Into<Value>) -> Self {
        Self::Signal(Signal::new(name, payload))
    }

    /// The input with the id under which its channel delivers it (an idempotency key), so that a repeat is recognised.
    #[must_use]
    pub fn with_id(self, id: impl Into<String>) -> Message {
        Message::from(self).with_id(id)
    }

    /// The input with the language that its visitor writes in.
    #[must_use]
    pub fn with_language(self, language: impl Into<String>) -> Message {
        Message::from(self).with_language(language)
    }

    /// The input with where its visitor is reached, so that the replies are sent there.
    #[must_use]
    pub fn with_address(self, address: Address) -> Message {
        Message::from(self).with_address(address)
    }

    /// What was said, if the visitor said it in words: the text, a button's payload, what stands under a picture, a command.
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Button(button) => Some(&button.payload),
            Self::Media(media) => media.caption(),
            Self::Command(command) => Some(command.said()),
            Self::Signal(_) | Self::Place(_) | Self::Contact(_) => None,
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Button(button) => button.fmt(f),
            Self::Signal(signal) => signal.fmt(f),
            Self::Media(media) => media.fmt(f),
            Self::Place(place) => place.fmt(f),
            Self::Contact(contact) => contact.fmt(f),
            Self::Command(command) => command.fmt(f),
        }
    }
}

/// A pressed button. `Debug` tells its size alone.
///
/// ```
/// use flow_core::{Button, Input};
///
/// let pressed = Input::Button(Button::new("book").with_label("Book a visit"));
/// assert_eq!(pressed.said(), Some("book"));
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Button {
    /// What the button stands for.
    pub payload: String,
    /// What was written on it, if the channel tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl Button {
    /// The button with this payload.
    pub fn new(payload: impl Into<String>) -> Self {
        Self { payload: payload.into(), label: None }
    }

    /// The button with what was written on it, by which it is known too.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

impl fmt::Debug for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Button({} bytes)", self.payload.len())
    }
}

/// An event from outside the conversation, as it came over a wire: a payment arrived, a calendar confirmed. `Debug` tells its
/// name alone.
///
/// Its name is that of a variant of the flow's signals, which the engine reads it as.
///
/// ```
/// use flow_core::Signal;
/// use serde_json::json;
///
/// let signal = Signal::new("Paid", json!({"euros": 12}));
/// assert!(signal.name == "Paid" && signal.payload["euros"] == 12);
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Signal {
    /// What happened.
    pub name: String,
    /// What the sender tells about it; null if nothing.
    #[serde(default)]
    pub payload: Value,
}

impl Signal {
    /// The event `name`, with what its sender tells about it: `()` or null if nothing.
    pub fn new(name: impl Into<String>, payload: impl Into<Value>) -> Self {
        Self { name: name.into(), payload: payload.into() }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signal({:?})", self.name)
    }
}

/// An [`Input`] with what its channel knows of it.
///
/// ```
/// use flow_core::{Input, Message};
///
/// let message: Message = Input::text("hi").with_id("wamid.123").with_language("en");
/// assert_eq!((message.input().said(), message.id()), (Some("hi"), Some("wamid.123")));
/// ```
///
/// `Debug` tells the size and never what was said.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    input: Input,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    collected: Option<Bookmark>,
}

impl Message {
    /// The message with the id under which its channel delivers it (an idempotency key).
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The message with the language that its visitor writes in; the session keeps the last one told.
    #[must_use]
    pub fn with_language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// The message with where its visitor is reached; the session keeps the last one told, and the replies are sent there by the
    /// [`Channel`](crate::Channel) of that name. A file that was sent is known to have come by it.
    #[must_use]
    pub fn with_address(mut self, address: Address) -> Self {
        if let Input::Media(media) = &mut self.input
            && media.channel().is_none()
        {
            *media = media.clone().with_channel(address.channel());
        }
        self.address = Some(address);
        self
    }

    /// The message with what its visitor has collected so far: that no longer waits, from the turn of this message on.
    #[must_use]
    pub fn with_collected(mut self, up_to: Bookmark) -> Self {
        self.collected = Some(up_to);
        self
    }

    /// The message with what the pressed button means.
    pub(crate) fn with_payload(mut self, payload: String) -> Self {
        if let Input::Button(button) = &mut self.input {
            button.payload = payload;
        }
        self
    }

    /// The message as if the button of this choice had been pressed, and not its number or its label been written.
    pub(crate) fn choosing(self, choice: &Choice) -> Self {
        Self { input: Input::Button(Button::new(&*choice.payload).with_label(&*choice.label)), ..self }
    }

    /// What was said.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// The channel's id of the message, if it has one. An empty id is none: it would make all messages repeats of one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }

    /// This message, with the text of an `earlier` one before its own; none unless both are words, of no more bytes than that.
    pub(crate) fn after(self, earlier: &Self, longest: usize) -> Option<Self> {
        let (Input::Text(before), Input::Text(text)) = (&earlier.input, &self.input) else { return None };
        let joined = format!("{before}\n{text}");
        (joined.len() <= longest).then_some(Self { input: Input::Text(joined), ..self })
    }

    /// The language it was written in, if the channel tells.
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// Up to where its visitor has collected what was said, if the channel tells.
    pub fn collected(&self) -> Option<Bookmark> {
        self.collected
    }

    /// Where its visitor is reached, if the channel tells.
    pub fn address(&self) -> Option<&Address> {
        self.address.as_ref()
    }
}

impl From<Input> for Message {
    fn from(input: Input) -> Self {
        Self { input, id: None, language: None, address: None, collected: None }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Input::text(text).into()
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Input::text(text).into()
    }
}

impl From<&String> for Message {
    fn from(text: &String) -> Self {
        Input::text(text).into()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut message = f.debug_struct("Message");
        message.field("input", &self.input).field("language", &self.language).field("address", &self.address);
        message.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_as_a_channel_has_them() {
        let text = "hello".to_owned();
        let said = [Message::from("hello"), Message::from(&text), Message::from(text), Input::text("hello").into()];
        assert!(said.iter().all(|message| message.input().said() == Some("hello") && message.id().is_none()));
    }

    #[test]
    fn debug_never_tells_what_was_said() {
        let signal = Signal::new("paid", "canary");
        for input in [Input::text("canary"), Input::button("canary"), Input::Signal(signal)] {
            let message = input.clone().with_id("canary").with_address(Address::new("web", "canary"));
            let shown = format!("{input:?} {message:?}");
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
