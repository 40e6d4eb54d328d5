//! What became of a turn: [`Outcome`].

use chrono::{DateTime, Utc};

use crate::{Flow, Key, Reply, Session, SessionId, Transition, handler::halt::Failure, store::StoreError};

/// What became of one message.
#[derive(Debug)]
pub struct Outcome<F: Flow> {
    /// Whose turn it was.
    pub session: SessionId,
    /// The state after the turn; none if the store was away and it is not known.
    pub state: Option<F>,
    /// The version of the record that holds the turn; 0 if none does.
    pub version: u64,
    /// What to say to the visitor, in this order.
    pub replies: Vec<Reply>,
    /// The steps that the turn took.
    pub transitions: Vec<Transition>,
    /// The checkpoints that the turn made.
    pub checkpoints: Vec<Key>,
    /// Whether, and why, a conversation began with this turn.
    pub opened: Option<Opened>,
    /// When its last turn was, if the session had expired or been lost by its store, and was taken up again.
    pub resumed: Option<DateTime<Utc>>,
    /// How many earlier turns were lost, told once: they were taken in memory while the store was away, and the session
    /// had moved on elsewhere meanwhile.
    pub lost_turns: u32,
    /// What kind of outcome this is.
    pub kind: OutcomeKind,
}

impl<F: Flow> Outcome<F> {
    /// Whether the message had been handled before: the replies are the same, and nothing has changed.
    pub fn is_repeat(&self) -> bool {
        matches!(self.kind, OutcomeKind::Repeat)
    }

    /// Whether the store was away, and the replies are the safe answer.
    pub fn is_degraded(&self) -> bool {
        matches!(self.kind, OutcomeKind::Degraded(_))
    }

    /// Whether the store was away, and the turn is in this process's memory until it is back.
    pub fn is_in_memory(&self) -> bool {
        matches!(self.kind, OutcomeKind::InMemory(_))
    }

    /// Whether the handler failed: the replies are the apology, and nothing was stored.
    pub fn is_failed(&self) -> bool {
        matches!(self.kind, OutcomeKind::Failed(_))
    }

    /// The texts of the replies.
    pub fn texts(&self) -> Vec<&str> {
        self.replies.iter().map(Reply::text).collect()
    }

    /// The same turn, which is not in its store.
    pub(super) fn in_memory(self, error: StoreError) -> Self {
        let kind = match self.kind {
            OutcomeKind::Taken => OutcomeKind::InMemory(error),
            kind => kind,
        };
        Self { kind, ..self }
    }

    pub(super) fn unchanged(session: &Session<F>, replies: Vec<Reply>, version: u64, kind: OutcomeKind) -> Self {
        Self {
            session: session.id,
            state: Some(session.state.clone()),
            version,
            replies,
            transitions: Vec::new(),
            checkpoints: Vec::new(),
            opened: None,
            resumed: None,
            lost_turns: 0,
            kind,
        }
    }

    pub(super) fn stateless(session: SessionId, reply: Reply, kind: OutcomeKind) -> Self {
        Self {
            session,
            state: None,
            version: 0,
            replies: vec![reply],
            transitions: Vec::new(),
            checkpoints: Vec::new(),
            opened: None,
            resumed: None,
            lost_turns: 0,
            kind,
        }
    }
}

/// What kind of [`Outcome`] it is.
#[derive(Debug)]
#[non_exhaustive]
pub enum OutcomeKind {
    /// The turn was taken and is stored.
    Taken,
    /// The message had been handled before.
    Repeat,
    /// The handler failed; nothing was stored, and the replies are the apology.
    Failed(Failure),
    /// The store was away, and the replies are the safe answer of the outage policy. Nothing was stored, unless the error is
    /// [`StoreError::Unknown`]: then the same message, sent again with its id, finds out.
    Degraded(StoreError),
    /// The store was away; the turn was taken and is in this process's memory, to be handed back to the store.
    InMemory(StoreError),
}

/// Why a conversation began with a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opened {
    /// There was no session.
    First,
    /// The one before had come to its end.
    AfterEnd,
    /// The one before had expired.
    AfterExpiry,
    /// The one before was lost by its store, and [`Resume::Never`](super::Resume::Never) does not take it up.
    AfterLoss,
}
