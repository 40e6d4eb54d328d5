//! What observers are told of an operator's deeds: [`Operated`].

use super::EngineError;
use crate::{By, SessionId};

/// What an operator did, or tried to do.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Operated<'o> {
    /// The flow's wire name.
    pub flow: &'static str,
    /// Whose session it was.
    pub session: SessionId,
    /// What was done.
    pub deed: Deed,
    /// Who, and why.
    pub by: &'o By,
    /// Whether it has changed anything.
    pub has_changed: bool,
    /// Why it was not done.
    pub error: Option<&'o EngineError>,
}

/// What an [`Operator`](super::Operator) may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deed {
    /// To move a session to another state.
    Force,
    /// To have its dead letters delivered again.
    Retry,
    /// To give its dead letters up.
    Dismiss,
    /// To have the bot be silent.
    Pause,
    /// To have the bot go on.
    Resume,
    /// To say something to the visitor.
    Say,
    /// To erase everything that is held of a session.
    Erase,
}

impl Deed {
    /// The deed in one word: `force`, `pause`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Force => "force",
            Self::Retry => "retry",
            Self::Dismiss => "dismiss",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Say => "say",
            Self::Erase => "erase",
        }
    }
}
