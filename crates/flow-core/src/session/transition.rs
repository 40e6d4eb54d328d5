//! One step of a conversation: a [`Transition`], and its [`Cause`].

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One step from a state to a state, by wire names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Transition {
    /// The state that was left; none when the conversation began.
    pub from: Option<String>,
    /// The state that was entered.
    pub to: String,
    /// Why.
    pub by: Cause,
    /// When.
    pub at: DateTime<Utc>,
}

impl Transition {
    /// A step, as an archive gives it back.
    pub fn new(from: Option<String>, to: impl Into<String>, by: Cause, at: DateTime<Utc>) -> Self {
        Self { from, to: to.into(), by, at }
    }
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {} ({})", self.from.as_deref().unwrap_or("·"), self.to, self.by)
    }
}

/// Why a [`Transition`] was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Cause {
    /// The session began.
    Opened,
    /// The conversation had come to an end, and began anew.
    Reopened,
    /// The session had expired, and began anew.
    Expired,
    /// A handler's decision on a text.
    Message,
    /// A handler's decision on a button.
    Button,
    /// A handler's decision on an outside signal.
    Signal,
    /// A handler's decision on a timer.
    Timer,
    /// Time that passed in the state, as the declaration has it: `after("24h", …)`.
    After,
    /// A word that counts anywhere.
    Shortcut,
    /// Back to the state before.
    Back,
    /// Too many rejected answers.
    Tries,
    /// An operator's hand.
    Operator,
    /// The session expired, and stays where it was given up.
    Lapsed,
    /// The session had expired, or its store had lost it, and goes on where it was.
    Resumed,
}

impl Cause {
    /// Whether the conversation began here, so that nothing before it can be gone back to.
    pub fn begins(self) -> bool {
        matches!(self, Self::Opened | Self::Reopened | Self::Expired)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::Expired => "expired",
            Self::Message => "message",
            Self::Button => "button",
            Self::Signal => "signal",
            Self::Timer => "timer",
            Self::After => "after",
            Self::Shortcut => "shortcut",
            Self::Back => "back",
            Self::Tries => "tries",
            Self::Operator => "operator",
            Self::Lapsed => "lapsed",
            Self::Resumed => "resumed",
        })
    }
}
