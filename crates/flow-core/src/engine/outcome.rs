//! What became of a turn: [`Outcome`].

use std::fmt;

use chrono::{DateTime, Utc};

use super::Durability;
use crate::{Failure, Flow, Key, Reply, Session, SessionId, Transition, Unreadable, declare::Shown, store::StoreError};

/// What became of one message.
///
/// ```
/// # use flow_core::{Engine, EngineError, Flow, SessionId};
/// # async fn example<F: Flow>(engine: &Engine<F>, id: SessionId) -> Result<(), EngineError> {
/// let outcome = engine.handle(id, "hello").await?;
/// for reply in &outcome.replies {
///     println!("{}", reply.text());
/// }
/// if outcome.is_failed() {
///     println!("the handler failed, and nothing was stored");
/// }
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
pub struct Outcome<F: Flow> {
    /// Whose turn it was.
    pub session: SessionId,
    /// The state after the turn; none if the store was away and it is not known.
    pub state: Option<F>,
    /// Where it stands inside that state, if it does.
    pub(super) inside: Option<String>,
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
    /// What was wrong with the stored session, if it was damaged and this turn has put it in quarantine: then the archive was
    /// asked for the session, and what it had to deliver, and its timers, are lost.
    pub damage: Option<Unreadable>,
    /// What kind of outcome this is.
    pub kind: OutcomeKind,
    /// How durable what it speaks of is: the turn, and the session as it is shown here.
    pub durability: Durability,
}

impl<F: Flow> Outcome<F> {
    /// Where the conversation stands after the turn, by the names of states: `VISIT/STREET` is the state `STREET` of the flow that the
    /// state `VISIT` runs. None if the store was away and it is not known.
    pub fn standing(&self) -> Option<&str> {
        self.inside.as_deref().or_else(|| self.state.as_ref().map(Flow::name))
    }

    /// Whether the message had been handled before: the replies are the same, and nothing has changed.
    ///
    /// A button that is pressed once more, after its choice was taken, is a repeat too. What is no longer known to have been replied
    /// is not said again ([`is_late_repeat`](Self::is_late_repeat)).
    pub fn is_repeat(&self) -> bool {
        matches!(self.kind, OutcomeKind::Repeat | OutcomeKind::LateRepeat)
    }

    /// Whether the message had been handled before, and what was replied then is no longer known: there are no replies.
    pub fn is_late_repeat(&self) -> bool {
        matches!(self.kind, OutcomeKind::LateRepeat)
    }

    /// Whether it was a button whose question is over: the visitor is told so, and asked the present question.
    ///
    /// ```
    /// # use flow_core::{Engine, EngineError, Flow, Input, SessionId};
    /// # async fn example<F: Flow>(engine: &Engine<F>, id: SessionId, token: &str) -> Result<(), EngineError> {
    /// let outcome = engine.handle(id, Input::button(token)).await?;
    /// if outcome.is_over() {
    ///     println!("an old button; take it off the message that it stands in");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_over(&self) -> bool {
        matches!(self.kind, OutcomeKind::Over)
    }

    /// Whether it was a signal that the state does not take: nothing has changed.
    pub fn is_unheard(&self) -> bool {
        matches!(self.kind, OutcomeKind::Unheard)
    }

    /// Whether it was left to a person, because the bot is paused: it is stored in the history, and nothing is replied.
    ///
    /// The turn of a signal is taken in a pause, too, and is none of these.
    pub fn is_paused(&self) -> bool {
        matches!(self.kind, OutcomeKind::Paused)
    }

    /// Whether the store was away, and the replies are the safe answer.
    pub fn is_degraded(&self) -> bool {
        matches!(self.kind, OutcomeKind::Degraded(_))
    }

    /// Whether the store has what this outcome speaks of, so that it outlives this process.
    pub fn is_stored(&self) -> bool {
        matches!(self.durability, Durability::Stored)
    }

    /// Whether the store was away, and the session is in this process's memory until it is back: the turn that was taken, or
    /// the one that a repeat repeats.
    pub fn is_in_memory(&self) -> bool {
        matches!(self.durability, Durability::InMemory(_))
    }

    /// Whether the handler failed: the replies are the apology, and nothing was stored, unless the durability is
    /// [`Durability::Unknown`].
    pub fn is_failed(&self) -> bool {
        matches!(self.kind, OutcomeKind::Failed(_))
    }

    /// What the handler failed with, if it did.
    pub fn failure(&self) -> Option<&Failure> {
        match &self.kind {
            OutcomeKind::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// The texts of the replies.
    pub fn texts(&self) -> Vec<&str> {
        self.replies.iter().map(Reply::text).collect()
    }

    /// The same outcome, of a session that is not in its store as it is shown.
    pub(super) fn in_memory(self, error: StoreError) -> Self {
        Self { durability: Durability::InMemory(error), ..self }
    }

    /// The same outcome, of a turn that found this damage and put it in quarantine.
    pub(super) fn after(self, damage: Option<Unreadable>) -> Self {
        let opened = match self.opened {
            Some(Opened::First) if damage.is_some() => Some(Opened::AfterDamage),
            opened => opened,
        };
        Self { opened, damage, ..self }
    }

    pub(super) fn unchanged(session: &Session<F>, replies: Vec<Reply>, version: u64, kind: OutcomeKind) -> Self {
        Self {
            session: session.id(),
            state: Some(session.state().copy()),
            inside: session.standing_inside(),
            version,
            replies,
            transitions: Vec::new(),
            checkpoints: Vec::new(),
            opened: None,
            resumed: None,
            lost_turns: 0,
            damage: None,
            kind,
            durability: Durability::Stored,
        }
    }

    pub(super) fn stateless(session: SessionId, reply: Reply, kind: OutcomeKind) -> Self {
        let durability = match kind {
            OutcomeKind::Degraded(StoreError::Unknown(_)) => Durability::Unknown,
            _ => Durability::Nothing,
        };
        Self {
            session,
            state: None,
            inside: None,
            version: 0,
            replies: vec![reply],
            transitions: Vec::new(),
            checkpoints: Vec::new(),
            opened: None,
            resumed: None,
            lost_turns: 0,
            damage: None,
            kind,
            durability,
        }
    }
}

impl<F: Flow> fmt::Debug for Outcome<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut outcome = f.debug_struct("Outcome");
        outcome.field("session", &self.session).field("state", &self.state.as_ref().map(Shown));
        outcome.field("inside", &self.inside);
        outcome.field("version", &self.version).field("replies", &self.replies).field("transitions", &self.transitions);
        outcome.field("checkpoints", &self.checkpoints).field("opened", &self.opened).field("resumed", &self.resumed);
        outcome
            .field("lost_turns", &self.lost_turns)
            .field("damage", &self.damage)
            .field("kind", &self.kind)
            .field("durability", &self.durability)
            .finish()
    }
}

/// What kind of [`Outcome`] it is: what happened. Whether it is safe is another question, of [`Outcome::durability`].
#[derive(Debug)]
#[non_exhaustive]
pub enum OutcomeKind {
    /// The turn was taken.
    Taken,
    /// The bot is paused, because a person has taken over: what was said is a step of the history, and was left to that person.
    Paused,
    /// The message had been handled before.
    Repeat,
    /// The message had been handled before, and what was replied is no longer known.
    LateRepeat,
    /// The button that was pressed belongs to a question that is over. The replies say so and ask the present question; no answer
    /// was counted, and the expiry was not put off. Where no question is open, a conversation begins.
    Over,
    /// The state that the session stands in takes no such signal. Nothing was stored; the same signal, sent again when the
    /// session stands elsewhere, is handled then.
    Unheard,
    /// The handler failed, and the replies are the apology. Nothing was stored, unless the durability is
    /// [`Durability::Unknown`]: then a write of this turn was sent and not answered, and the handler failed when the turn was
    /// to go on in memory. The same message, sent again with its id, finds out.
    Failed(Failure),
    /// The store was away, and the replies are the safe answer of the outage policy. Nothing was stored, unless the error is
    /// [`StoreError::Unknown`]: then the same message, sent again with its id, finds out.
    Degraded(StoreError),
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
    /// The one before was damaged and put in quarantine, as [`Damage::Quarantine`](super::Damage::Quarantine) has it, and there
    /// was none in the archive.
    AfterDamage,
}
