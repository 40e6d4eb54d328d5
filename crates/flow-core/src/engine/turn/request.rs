//! What a turn is for, and what it begins from: [`TurnRequest`], [`Before`].

use chrono::{DateTime, Utc};
use tokio::time::Instant;
use uuid::Uuid;

use super::order::Order;
use crate::{
    Failure, Flow, Message, Session,
    engine::{caught::Panicked, error::EngineError, following::Found, observer::Trigger},
    session::{RunningTimer, TurnId},
};

/// What an engine is asked to do with a session.
pub(in crate::engine) enum TurnRequest<'m, F> {
    /// To handle what came in.
    Message(&'m Message),
    /// To do what an operator orders.
    Operator(&'m Order<F>),
    /// To end a pause of the bot whose time has passed.
    Unpause,
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
        matches!(self, Self::Timer(_) | Self::Unpause | Self::Lapse)
    }

    pub(super) fn trigger(&self) -> Trigger {
        match self {
            Self::Message(_) => Trigger::Message,
            Self::Operator(_) => Trigger::Operator,
            Self::Timer(_) | Self::Unpause => Trigger::Timer,
            Self::Lapse => Trigger::Expiry,
        }
    }

    /// Under which id the turn is remembered: its idempotency key.
    pub(super) fn turn_id(&self) -> TurnId {
        match self {
            Self::Message(message) => message.id().map(|id| TurnId::Given(id.to_owned())),
            Self::Timer(timer) => Some(timer.turn()),
            Self::Operator(_) | Self::Unpause | Self::Lapse => None,
        }
        .unwrap_or_else(|| TurnId::Own(Uuid::new_v4()))
    }
}

/// The session as it was before the turn.
pub(super) struct Before<F: Flow> {
    pub(super) session: Option<Session<F>>,
    pub(super) found: Found,
    /// What time it is, by the store.
    pub(super) at: DateTime<Utc>,
    /// When that was, to tell how much time has passed since.
    pub(super) began: Instant,
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
