//! What an [`Input`] is besides words: made of a file, a place, a card or a command, and asked for one.

use super::{Command, Contact, Input, Media, Message, Place};

impl Input {
    /// The file that was sent, if it is one.
    pub fn media(&self) -> Option<&Media> {
        if let Self::Media(media) = self { Some(media) } else { None }
    }

    /// The place that was sent, if it is one.
    pub fn place(&self) -> Option<&Place> {
        if let Self::Place(place) = self { Some(place) } else { None }
    }

    /// The card that was shared, if it is one.
    pub fn contact(&self) -> Option<&Contact> {
        if let Self::Contact(contact) = self { Some(contact) } else { None }
    }

    /// The command that was given, if it is one.
    pub fn command(&self) -> Option<&Command> {
        if let Self::Command(command) = self { Some(command) } else { None }
    }

    /// Whether the visitor said or sent it, and not something outside.
    pub(crate) fn is_from_visitor(&self) -> bool {
        !matches!(self, Self::Signal(_))
    }

    /// What it calls by name, of shortcuts and of what may be skipped, the first of these that is known: a text, a button's
    /// payload, a command with and without its slash.
    ///
    /// Words under a picture speak of the picture: they are an answer where words are due, and call nothing.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &str> {
        let [first, second] = match self {
            Self::Text(_) | Self::Button(_) => [self.said(), None],
            Self::Command(command) => [Some(command.with_slash()), Some(command.name())],
            Self::Media(_) | Self::Place(_) | Self::Contact(_) | Self::Signal(_) => [None, None],
        };
        first.into_iter().chain(second)
    }
}

/// Says of each kind that it is an input, and a message, as it stands.
macro_rules! inputs {
    ($($kind:ident)*) => {
        $(impl From<$kind> for Input {
            fn from(given: $kind) -> Self {
                Self::$kind(given)
            }
        }

        impl From<$kind> for Message {
            fn from(given: $kind) -> Self {
                Input::from(given).into()
            }
        })*
    };
}

inputs! { Media Place Contact Command }
