//! What goes out: a [`Reply`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing said to the visitor: a text, perhaps with choices and a link.
///
/// `Debug` tells the shape and never the text: replies speak of people.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    choices: Vec<Choice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl Reply {
    /// Says `text`.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Says nothing: the engine sends no such reply.
    pub fn silence() -> Self {
        Self::default()
    }

    /// Offers these choices, for buttons or for a numbered list.
    #[must_use]
    pub fn choices<C: Into<Choice>>(mut self, choices: impl IntoIterator<Item = C>) -> Self {
        self.choices.extend(choices.into_iter().map(Into::into));
        self
    }

    /// Shows a link.
    #[must_use]
    pub fn link(mut self, link: impl Into<String>) -> Self {
        self.link = Some(link.into());
        self
    }

    /// What is said.
    pub fn as_text(&self) -> &str {
        &self.text
    }

    /// What is offered, in this order.
    pub fn offered(&self) -> &[Choice] {
        &self.choices
    }

    /// The link shown with it, if there is one.
    pub fn linked(&self) -> Option<&str> {
        self.link.as_deref()
    }

    /// Whether there is nothing in it to send.
    pub fn is_silence(&self) -> bool {
        self.text.is_empty() && self.choices.is_empty() && self.link.is_none()
    }
}

impl From<&str> for Reply {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Reply {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({} bytes, {} choices)", self.text.len(), self.choices.len())
    }
}

/// One of the answers that a [`Reply`] offers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What the visitor reads.
    pub label: String,
    /// What comes back when it is chosen.
    pub payload: String,
}

impl Choice {
    /// A choice that comes back as something else than what the visitor reads.
    pub fn new(label: impl Into<String>, payload: impl Into<String>) -> Self {
        Self { label: label.into(), payload: payload.into() }
    }
}

impl From<&str> for Choice {
    fn from(label: &str) -> Self {
        Self::new(label, label)
    }
}

impl From<String> for Choice {
    fn from(label: String) -> Self {
        Self { payload: label.clone(), label }
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Choice({} bytes)", self.label.len())
    }
}
