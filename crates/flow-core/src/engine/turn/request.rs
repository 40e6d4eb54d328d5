//! What a turn is for, and what it begins from: [`TurnRequest`], [`Before`].

use chrono::{DateTime, Utc};

use crate::{
    Failure, Flow, Message, Reply, Session,
    engine::{caught::Panicked, error::EngineError, following::Found, observer::Trigger},
    session::RunningTimer,
};

/// What an engine is asked to do with a session.
pub(in crate::engine) enum TurnRequest<'m, F> {
    /// To handle what came in.
    Message(&'m Message),
    /// To move it, by an operator's hand.
    Force(&'m F),
    /// To take the turn of a timer that has run out.
    Timer(&'m RunningTimer),
    /// To note that it has expired.
    Lapse,
}

impl<F> TurnRequest<'_, F> {
    /// Whether it takes up a session that only the archive has.
    pub(super) fn opens(&self) -> bool {
        !self.is_due()
    }

    /// Whether a worker asks for it.
    pub(super) fn is_due(&self) -> bool {
        matches!(self, Self::Timer(_) | Self::Lapse)
    }

    pub(super) fn trigger(&self) -> Trigger {
        match self {
            Self::Message(_) => Trigger::Message,
            Self::Force(_) => Trigger::Operator,
            Self::Timer(_) => Trigger::Timer,
            Self::Lapse => Trigger::Expiry,
        }
    }

    /// Under which id the turn is remembered: its idempotency key.
    pub(super) fn identity(&self) -> Identity {
        let given = match self {
            Self::Message(message) => message.id(),
            Self::Timer(timer) => return Identity::Timer(timer.id()),
            Self::Force(_) | Self::Lapse => None,
        };
        match given {
            Some(id) => Identity::Given(id.to_owned()),
            // Told from the id of a channel by a control character, with which none is known to begin.
            None => Identity::Own(format!("\u{1}{}", uuid::Uuid::new_v4().simple())),
        }
    }
}

/// The session as it was before the turn.
pub(super) struct Before<F: Flow> {
    pub(super) session: Option<Session<F>>,
    pub(super) found: Found,
    /// What time it is, by the store.
    pub(super) at: DateTime<Utc>,
}

/// Under which id a message is remembered.
pub(super) enum Identity {
    /// The id that its channel gave it.
    Given(String),
    /// One made up for this turn, so that a write whose answer was lost is known again.
    Own(String),
    /// A timer's, the same whichever worker takes its turn.
    Timer(String),
}

impl Identity {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Given(id) | Self::Own(id) | Self::Timer(id) => id,
        }
    }

    /// What a repeat under this id is to hear of these replies.
    pub(super) fn remembered<'r>(&self, replies: &'r [Reply]) -> &'r [Reply] {
        match self {
            Self::Given(_) => replies,
            // No sender repeats a message under such an id.
            Self::Own(_) | Self::Timer(_) => &[],
        }
    }
}

/// Why a turn came to nothing.
pub(super) enum Stop {
    /// The handler failed.
    Failed(Failure),
    /// The state takes no such signal.
    Unheard,
    /// The engine refuses.
    Refused(EngineError),
}

impl From<Panicked> for Stop {
    fn from(panicked: Panicked) -> Self {
        Self::Failed(Failure::from_error(panicked))
    }
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Refused(error)
    }
}
