//! What no serial history explains: [`Violation`].

use std::fmt;

/// What no serial history explains. Its text is for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// A message had more than one turn, or was taken as new more than once.
    AppliedTwice {
        /// The message.
        message: String,
        /// The versions of two of its turns; twice the same if it has the one.
        versions: (u64, u64),
    },
    /// A message has a turn, and each of its sendings was said to have changed nothing.
    TakenThoughFailed {
        /// The message.
        message: String,
        /// The version of its turn.
        version: u64,
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
        /// The state in which the one before had ended; none if there was none.
        ended: Option<String>,
        /// The state in which it began; none if it opened the session.
        began: Option<String>,
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
        /// The state in which the last turn ended; none if there was none.
        ended: Option<String>,
        /// The state that is stored.
        stored: String,
    },
    /// A turn is not in what is stored, which remembers earlier ones.
    Forgotten {
        /// The message whose turn it was.
        message: String,
        /// The version of the turn.
        version: u64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AppliedTwice { message, versions: (one, other) } if one == other => {
                write!(f, "the message {message} was taken as new more than once, at version {one}")
            }
            Self::AppliedTwice { message, versions: (one, other) } => {
                write!(f, "the message {message} has a turn at version {one} and another at {other}")
            }
            Self::TakenThoughFailed { message, version } => {
                write!(f, "the message {message} was said to have failed, and has a turn at version {version}")
            }
            Self::SharedVersion { version, messages: (one, other) } => {
                write!(f, "the messages {one} and {other} both have their turn at version {version}")
            }
            Self::AgainstTime { later, version } => {
                write!(f, "{later}, at version {version}, was sent after a later version was acknowledged")
            }
            Self::Gap { version, ended: Some(ended), began: Some(began) } => {
                write!(f, "the turn at version {version} began in {began}, and the one before had ended in {ended}")
            }
            Self::Gap { version, began: Some(began), .. } => {
                write!(f, "the turn at version {version} began in {began}, and none had opened the session")
            }
            Self::Gap { version, .. } => write!(f, "the turn at version {version} opened a session that was there"),
            Self::Lost { acknowledged, stored: Some(stored) } => {
                write!(f, "version {acknowledged} was acknowledged, and version {stored} is stored")
            }
            Self::Lost { acknowledged, stored: None } => {
                write!(f, "version {acknowledged} was acknowledged, and nothing is stored")
            }
            Self::OtherState { ended: Some(ended), stored } => {
                write!(f, "the last turn ended in {ended}, and {stored} is stored")
            }
            Self::OtherState { stored, .. } => write!(f, "there was no turn, and {stored} is stored"),
            Self::Forgotten { message, version } => {
                write!(
                    f,
                    "what is stored remembers earlier turns than that of {message} at version {version}, and not it"
                )
            }
        }
    }
}
