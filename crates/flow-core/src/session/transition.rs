//! One step of a conversation: a [`Transition`], and its [`Cause`].

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::By;

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
    /// Who did it and why, if it was a person; of a step that hands over to a person, the bot's own reason. Records keep it, and so
    /// do archives in the records that they keep; beside those, archives in SQLite and Postgres do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<By>,
}

impl Transition {
    /// A step, as an archive gives it back.
    pub fn new(from: Option<String>, to: impl Into<String>, by: Cause, at: DateTime<Utc>) -> Self {
        Self { from, to: to.into(), by, at, operator: None }
    }

    /// Done by this person.
    #[must_use]
    pub fn with_operator(self, operator: impl Into<Option<By>>) -> Self {
        Self { operator: operator.into(), ..self }
    }
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {} ({}", self.from.as_deref().unwrap_or("·"), self.to, self.by)?;
        match &self.operator {
            Some(operator) => write!(f, ", {operator})"),
            None => f.write_str(")"),
        }
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
    /// A state began the flow that it runs.
    Run,
    /// The flow that the state runs came to an end.
    Done,
    /// A field is corrected: its question is asked again.
    Correction,
    /// Something was said aside, by a word that comes back to what it interrupted.
    Aside,
    /// Too many rejected answers.
    Tries,
    /// An operator moved the session.
    Operator,
    /// The session expired, and stays where it was given up.
    Lapsed,
    /// The session had expired, or its store had lost it, and goes on where it was.
    Resumed,
    /// An operator had dead letters delivered again.
    Retried,
    /// An operator gave dead letters up.
    Dismissed,
    /// An operator took over: the bot is silent.
    Paused,
    /// The handler asked for a person: the bot is silent.
    HandedOver,
    /// Something was said while the bot was silent, or before it had asked its question again.
    Unanswered,
    /// A person said something to the visitor.
    Spoken,
    /// The bot goes on, because an operator says so or the pause has come to its end.
    Unpaused,
}

/// Every cause, in the order of the numbers by which records name them. A new one stands at the end.
const CODED: [Cause; 25] = [
    Cause::Opened,
    Cause::Reopened,
    Cause::Expired,
    Cause::Message,
    Cause::Button,
    Cause::Signal,
    Cause::Timer,
    Cause::After,
    Cause::Shortcut,
    Cause::Back,
    Cause::Run,
    Cause::Done,
    Cause::Correction,
    Cause::Aside,
    Cause::Tries,
    Cause::Operator,
    Cause::Lapsed,
    Cause::Resumed,
    Cause::Retried,
    Cause::Dismissed,
    Cause::Paused,
    Cause::HandedOver,
    Cause::Unanswered,
    Cause::Spoken,
    Cause::Unpaused,
];

impl Cause {
    /// The number by which records name it.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Opened => 0,
            Self::Reopened => 1,
            Self::Expired => 2,
            Self::Message => 3,
            Self::Button => 4,
            Self::Signal => 5,
            Self::Timer => 6,
            Self::After => 7,
            Self::Shortcut => 8,
            Self::Back => 9,
            Self::Run => 10,
            Self::Done => 11,
            Self::Correction => 12,
            Self::Aside => 13,
            Self::Tries => 14,
            Self::Operator => 15,
            Self::Lapsed => 16,
            Self::Resumed => 17,
            Self::Retried => 18,
            Self::Dismissed => 19,
            Self::Paused => 20,
            Self::HandedOver => 21,
            Self::Unanswered => 22,
            Self::Spoken => 23,
            Self::Unpaused => 24,
        }
    }

    /// The cause of this number.
    pub(super) fn coded(code: u8) -> Option<Self> {
        CODED.get(usize::from(code)).copied()
    }

    /// Whether the conversation began here, so that nothing before it can be gone back to.
    pub fn begins(self) -> bool {
        matches!(self, Self::Opened | Self::Reopened | Self::Expired)
    }

    /// Whether a person moved it, so that what lies behind is no way that the visitor came.
    pub(crate) fn is_operators(self) -> bool {
        self == Self::Operator
    }

    /// Whether the session stays where it stands: no state is entered.
    pub fn stays(self) -> bool {
        match self {
            Self::Lapsed
            | Self::Resumed
            | Self::Retried
            | Self::Dismissed
            | Self::Paused
            | Self::HandedOver
            | Self::Unanswered
            | Self::Spoken
            | Self::Unpaused => true,
            Self::Opened
            | Self::Reopened
            | Self::Expired
            | Self::Message
            | Self::Button
            | Self::Signal
            | Self::Timer
            | Self::After
            | Self::Shortcut
            | Self::Back
            | Self::Run
            | Self::Done
            | Self::Correction
            | Self::Aside
            | Self::Tries
            | Self::Operator => false,
        }
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
            Self::Run => "run",
            Self::Done => "done",
            Self::Correction => "correction",
            Self::Aside => "aside",
            Self::Tries => "tries",
            Self::Operator => "operator",
            Self::Lapsed => "lapsed",
            Self::Resumed => "resumed",
            Self::Retried => "retried",
            Self::Dismissed => "dismissed",
            Self::Paused => "paused",
            Self::HandedOver => "handed over",
            Self::Unanswered => "unanswered",
            Self::Spoken => "spoken",
            Self::Unpaused => "unpaused",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_known_by_its_number() {
        for (number, cause) in (0..).zip(CODED) {
            assert_eq!((cause.code(), Cause::coded(number)), (number, Some(cause)));
        }
        assert!(CODED.len() <= 32, "a step has five bits for its cause");
    }
}
