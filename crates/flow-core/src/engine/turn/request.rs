//! What a turn is for, and what it begins from: [`TurnRequest`], [`Before`].

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::{
    mail::Mail,
    order::{Order, Ordered},
};
use crate::{
    Address, Failure, Flow, Input, Key, Message, Session,
    engine::{caught::Panicked, error::EngineError, following::Found, observer::Trigger},
    record::fresh_id,
    session::{RunningTimer, TurnId},
};

/// What an engine is asked to do with a session.
pub(in crate::engine) enum TurnRequest<'m, F: Flow> {
    /// To handle what came in.
    Message(&'m Message),
    /// To handle what was accepted.
    Mail(&'m Mail),
    /// To do what an operator orders.
    Operator(&'m Order<F>),
    /// To end a pause of the bot whose time has passed.
    Unpause,
    /// To take the turn of a timer that has run out.
    Timer(&'m RunningTimer),
    /// To note that it has expired.
    Lapse,
    /// To hear that a reply can never be sent.
    Undeliverable(&'m Undelivered<F::Signal>),
    /// To hear what else became of a reply.
    Receipt(&'m Received<F::Signal>),
}

/// A reply that can never be sent, as a flow hears of it.
pub(in crate::engine) struct Undelivered<S> {
    /// The reply's key, which names the turn.
    pub(in crate::engine) key: Key,
    pub(in crate::engine) address: Address,
    pub(in crate::engine) signal: S,
}

/// What became of a reply that was sent, as a flow hears of it.
pub(in crate::engine) struct Received<S> {
    pub(in crate::engine) key: Key,
    /// The id of the receipt, which names the turn.
    pub(in crate::engine) id: String,
    pub(in crate::engine) signal: S,
}

impl<F: Flow> TurnRequest<'_, F> {
    /// Whether it takes up a session that only the archive has.
    pub(super) fn opens(&self) -> bool {
        !self.is_due() && !matches!(self, Self::Receipt(_))
    }

    /// Whether a worker asks for it.
    pub(super) fn is_due(&self) -> bool {
        matches!(self, Self::Timer(_) | Self::Unpause | Self::Lapse | Self::Undeliverable(_))
    }

    /// Where the replies of its turn are sent; none if they are for the caller alone, or are an announcement.
    ///
    /// Behind a signal no visitor waits: those replies go to where the session was last reached.
    pub(super) fn replies_to(&self, session: &Session<F>) -> Option<Address> {
        let address = match self {
            Self::Message(_) | Self::Mail(_) => {
                let message = self.message()?;
                // An event from outside has no visitor who waits for the replies.
                let is_event = || matches!(message.input(), Input::Signal(_));
                message.address().or_else(|| session.address().filter(|_| is_event()))
            }
            // Behind this no visitor waits either.
            Self::Receipt(_) => session.address(),
            // Nothing more is said there.
            Self::Undeliverable(undelivered) => session.address().filter(|address| **address != undelivered.address),
            // These announce what they have to say.
            Self::Operator(_) | Self::Timer(_) | Self::Unpause | Self::Lapse => None,
        };
        address.cloned()
    }

    /// What came in, if that is what it is for.
    pub(super) fn message(&self) -> Option<&Message> {
        match self {
            Self::Message(message) => Some(message),
            Self::Mail(mail) => Some(&mail.message),
            Self::Operator(_)
            | Self::Timer(_)
            | Self::Unpause
            | Self::Lapse
            | Self::Undeliverable(_)
            | Self::Receipt(_) => None,
        }
    }

    /// The same, if it was accepted.
    pub(super) fn mail(&self) -> Option<&Mail> {
        match self {
            Self::Mail(mail) => Some(mail),
            _ => None,
        }
    }

    /// Whether what is said in its turn is said by a person.
    pub(super) fn is_said_by_a_person(&self) -> bool {
        matches!(self, Self::Operator(order) if matches!(order.what, Ordered::Say(_)))
    }

    pub(super) fn trigger(&self) -> Trigger {
        match self {
            Self::Message(_) | Self::Mail(_) | Self::Receipt(_) => Trigger::Message,
            Self::Operator(_) => Trigger::Operator,
            Self::Timer(_) | Self::Unpause => Trigger::Timer,
            Self::Lapse => Trigger::Expiry,
            Self::Undeliverable(_) => Trigger::Undeliverable,
        }
    }

    /// Under which id the turn is remembered: its idempotency key.
    pub(super) fn turn_id(&self) -> TurnId {
        match self {
            Self::Message(message) => message.id().map(|id| TurnId::Given(id.to_owned())),
            Self::Mail(mail) => Some(mail.turn.clone()),
            Self::Timer(timer) => Some(timer.turn()),
            Self::Undeliverable(undelivered) => {
                Some(TurnId::Undeliverable(undelivered.key.stamp, undelivered.key.index))
            }
            Self::Receipt(received) => Some(TurnId::Given(received.id.clone())),
            Self::Operator(_) | Self::Unpause | Self::Lapse => None,
        }
        .unwrap_or_else(|| TurnId::Own(fresh_id()))
    }
}

/// The session as it was before the turn.
pub(super) struct Before<F: Flow> {
    pub(super) session: Option<Session<F>>,
    pub(super) found: Found,
    /// Whether the archive, where it was asked, tells that the session was erased at some time.
    pub(super) was_erased: bool,
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
