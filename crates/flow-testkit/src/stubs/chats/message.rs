//! What stands in a chat: a [`Message`] with its [`Button`]s.

use std::time::Instant;

use chrono::{DateTime, Utc};
use serde_json::Value;

/// A message as a visitor sees it, with what only a test sees.
///
/// `Debug` shows all of it: it is a test's own.
#[derive(Clone, Debug)]
pub struct Message {
    pub(in super::super) id: String,
    pub(in super::super) is_of_bot: bool,
    pub(in super::super) at: Instant,
    pub(in super::super) time: DateTime<Utc>,
    pub(in super::super) text: String,
    pub(in super::super) buttons: Vec<Button>,
    pub(in super::super) attached: Option<Attached>,
    pub(in super::super) key: Option<String>,
    pub(in super::super) is_edited: bool,
    /// As the platform tells of it, for a press that goes with the message.
    pub(in super::super) wire: Value,
    pub(in super::super) call: Value,
}

/// Something to press: a button under a message, or a row of its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    pub(in super::super) label: String,
    pub(in super::super) token: Option<String>,
    pub(in super::super) link: Option<String>,
    pub(in super::super) is_row: bool,
    pub(in super::super) is_shown: bool,
    /// What else a platform says of it when it is pressed.
    pub(in super::super) wire: Value,
}

/// What goes with a text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Attached {
    /// A file: what the platform calls it (`photo`, `document`, …), and its address or the platform's name for it.
    File(String, String),
    /// A place on the map, with its name if it has one.
    Place(f64, f64, Option<String>),
    /// A card for the address book: name and number.
    Contact(String, String),
    /// A template that the platform keeps, by its name.
    Template(String),
}

impl Message {
    pub(in super::super) fn new(id: impl Into<String>, is_of_bot: bool, text: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            is_of_bot,
            at: Instant::now(),
            time: Utc::now(),
            text: text.into(),
            buttons: Vec::new(),
            attached: None,
            key: None,
            is_edited: false,
            wire: Value::Null,
            call: Value::Null,
        }
    }

    /// The platform's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the bot sent it, and not a visitor.
    pub fn is_of_bot(&self) -> bool {
        self.is_of_bot
    }

    /// When it came, for what is measured.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// When it came.
    pub fn time(&self) -> DateTime<Utc> {
        self.time
    }

    /// Its text. Empty if it has none.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The buttons and rows that it shows now.
    pub fn buttons(&self) -> impl Iterator<Item = &Button> {
        self.buttons.iter().filter(|button| button.is_shown)
    }

    /// The button or row with this label: one that it shows now, or else the last that it had.
    pub(in super::super) fn button(&self, label: &str) -> Option<&Button> {
        let mut shown = self.buttons().filter(|button| button.label == label);
        shown.next().or_else(|| self.buttons.iter().rev().find(|button| button.label == label))
    }

    /// The labels of the buttons and rows that it shows now.
    pub fn labels(&self) -> Vec<&str> {
        self.buttons().map(Button::label).collect()
    }

    /// What goes with the text.
    pub fn attached(&self) -> Option<&Attached> {
        self.attached.as_ref()
    }

    /// The key that the bot gave with it, where the platform has a place for one: by it the same message is known when it comes twice.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Whether it was changed after it was sent.
    pub fn is_edited(&self) -> bool {
        self.is_edited
    }

    /// The call by which the bot sent it, as it came.
    pub fn call(&self) -> &Value {
        &self.call
    }
}

impl Button {
    /// What stands on it.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What the bot hears when it is pressed. None if it is a link.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Where it leads, if it is a link.
    pub fn link(&self) -> Option<&str> {
        self.link.as_deref()
    }

    /// Whether it is a row of a list, which opens by a button of its own.
    pub fn is_row(&self) -> bool {
        self.is_row
    }

    pub(in super::super) fn pressed(label: &str, token: &str) -> Self {
        Self {
            label: label.to_owned(),
            token: Some(token.to_owned()),
            link: None,
            is_row: false,
            is_shown: true,
            wire: Value::Null,
        }
    }

    pub(in super::super) fn link_to(label: &str, link: &str) -> Self {
        Self { token: None, link: Some(link.to_owned()), ..Self::pressed(label, "") }
    }

    pub(in super::super) fn row(label: &str, token: &str) -> Self {
        Self { is_row: true, ..Self::pressed(label, token) }
    }

    pub(in super::super) fn with_wire(self, wire: Value) -> Self {
        Self { wire, ..self }
    }
}
