//! What no serial history explains: [`Violation`].

use std::fmt;

/// What no serial history explains. Its text is for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// A message had more than one turn.
    AppliedTwice {
        /// The message.
        message: String,
        /// The versions of two of its turns.
        versions: (u64, u64),
    },
    /// Two messages had their turns at one version.
    SharedVersion {
        /// The version.
        version: u64,
        /// The messages.
        messages: (String, String),
    },
    /// A message was sent after another was acknowledged, and has the earlier turn.
    AgainstTime {
        /// The one that was sent later.
        later: String,
        /// The version of its turn.
        version: u64,
    },
    /// A turn did not begin where the one before had ended, and nothing that is in doubt explains it.
    Gap {
        /// The version of the turn.
        version: u64,
        /// The state in which the one before had ended.
        ended: String,
        /// The state in which it began.
        began: String,
    },
    /// What is stored is older than an acknowledged turn, or is not there.
    Lost {
        /// The version that was acknowledged.
        acknowledged: u64,
        /// The version that is stored.
        stored: Option<u64>,
    },
    /// What is stored is not the state that the last turn ended in, and nothing that is in doubt explains it.
    OtherState {
        /// The state in which the last turn ended.
        ended: String,
        /// The state that is stored.
        stored: String,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AppliedTwice { message, versions: (one, other) } => {
                write!(f, "the message {message} has a turn at version {one} and another at {other}")
            }
            Self::SharedVersion { version, messages: (one, other) } => {
                write!(f, "the messages {one} and {other} both have their turn at version {version}")
            }
            Self::AgainstTime { later, version } => {
                write!(f, "{later}, at version {version}, was sent after a later version was acknowledged")
            }
            Self::Gap { version, ended, began } => {
                write!(f, "the turn at version {version} began in {began}, and the one before had ended in {ended}")
            }
            Self::Lost { acknowledged, stored: Some(stored) } => {
                write!(f, "version {acknowledged} was acknowledged, and version {stored} is stored")
            }
            Self::Lost { acknowledged, stored: None } => {
                write!(f, "version {acknowledged} was acknowledged, and nothing is stored")
            }
            Self::OtherState { ended, stored } => {
                write!(f, "the last turn ended in {ended}, and {stored} is stored")
            }
        }
    }
}
