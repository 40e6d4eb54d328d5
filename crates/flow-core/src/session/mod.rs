//! One conversation with one visitor, as it stands: [`Session`].
//!
//! Its fields are this room's own. The engine changes a session by the verbs of `conversation` (states and versions),
//! `timer`, `outbox` (deliveries) and `archiving`, which keep its promises: no key stands for two things, and no step is cut
//! off the history that is still to be archived.

mod archiving;
mod by;
mod conversation;
mod dead_letters;
mod deliverable;
mod destination;
mod duty;
mod errand;
mod frames;
mod grafting;
mod history;
mod idle;
mod known_ids;
mod laid;
mod letters;
mod moment;
mod names;
mod outbox;
mod pause;
mod pending;
mod receipt;
mod said;
mod seen;
mod shelf;
mod stored;
mod timer;
mod todo;
mod trail;
mod transition;
mod turn_id;
mod utterance;
mod view;
mod visit;

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Address, Flow, Prefix, SessionId, Stamp,
    archive::Epoch,
    declare::Shown,
    record::{Form, Hold},
};

pub use by::{By, InvalidBy};
pub use deliverable::{Announcement, Checkpoint, Effect, InvalidKey, Key};
pub use moment::Moment;
pub use pause::Pause;
pub use shelf::{Collected, Collection};
pub use stored::keeping;
pub use transition::{Cause, Transition};
pub use utterance::{Speaker, Utterance};

use archiving::LONGEST_ERROR;
pub(crate) use archiving::{Lineage, NumberedStep, is_same_step};
pub(crate) use destination::Destination;
pub(crate) use duty::Duty;
pub(crate) use errand::{Errand, MOST as MOST_ERRANDS};
pub(crate) use frames::Why;
pub(crate) use history::History;
pub(crate) use idle::OwnIdle;
pub(crate) use known_ids::Memory;
pub(crate) use letters::{AsideBound, Freed};
pub(crate) use outbox::{Claim, Fault, Outlook, Setback, Wanted};
pub(crate) use pending::{Pending, Snapshot, What};
pub(crate) use receipt::GivenUpReply;
pub(crate) use said::SaidBound;
pub(crate) use shelf::ShelfBound;
pub(crate) use stored::{Inner, is_of_another, readable, section_sizes, state_of, written_with_care};
pub(crate) use timer::{RunningTimer, TimerPurpose};
pub(crate) use turn_id::{OWN_MARK, TurnId, hash_of};
pub(crate) use visit::Press;

use frames::{Frame, Question};
use known_ids::KnownIds;
use letters::Tried;
use pending::SetAside;
use said::SaidLog;
use seen::{Seen, SeenLog};
use shelf::Shelf;
use todo::Todo;
use trail::Trail;
use visit::{Taken, Visit};

/// One conversation with one visitor: what its record says, read as the flow's own types.
///
/// ```
/// # use flow_core::{Engine, EngineError, Flow, SessionId};
/// # async fn example<F: Flow>(engine: &Engine<F>, id: SessionId) -> Result<(), EngineError> {
/// if let Some(session) = engine.peek(id).await? {
///     println!("{} since {}", session.state().name(), session.updated_at());
///     println!("{:#}", session.masked().unwrap_or_default());
/// }
/// # Ok(())
/// # }
/// ```
pub struct Session<F: Flow> {
    /// In one place on the heap: it is handed on many times in a turn.
    parts: Box<Parts<F>>,
}

/// What a session is made of.
struct Parts<F: Flow> {
    id: SessionId,
    stamp: Stamp,
    /// In which form the record with this stamp is stored.
    form: Form,
    /// The write id of its first write.
    origin: Uuid,
    /// The stamp of its last turn; [`Stamp::NONE`] before the first.
    last_turn: Stamp,
    /// The archive's epoch when it began, or was taken up from the archive.
    epoch: Option<Epoch>,
    state: F,
    shared: F::Shared,
    history: History,
    past: Past,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    /// After how much silence it expires, if that was said of it alone.
    own_idle: Option<OwnIdle>,
    /// When its expiry was noted in its history.
    lapsed_at: Option<DateTime<Utc>>,
    language: Option<String>,
    /// Where its visitor was last reached; none if no channel told.
    address: Option<Address>,
    /// What is known of the question of its state.
    question: Question,
    /// Where "back" leads.
    trail: Trail,
    /// What stands on top of its own flow.
    frames: Vec<Frame>,
    /// How many answers were rejected in states that were left otherwise than by an answer, by where they stand.
    kept_tries: BTreeMap<String, u32>,
    /// The last messages, with their replies.
    seen: SeenLog,
    /// The messages before those.
    known_ids: KnownIds,
    /// The choice that ended the visit before.
    taken: Option<Taken>,
    /// That the bot is silent, if it is.
    pause: Option<Pause>,
    todo: Todo,
    /// The tries of the letter at the head of its inbox; none before a worker has tried it.
    tried: Option<Tried>,
    /// When a process last went on with its inbox.
    letters_at: Option<DateTime<Utc>>,
    /// What turns that are not stored yet have asked of the world.
    errands: Vec<Errand>,
    /// What was said, if that is kept, as far as it is not archived.
    said: SaidLog,
    /// What was said to a visitor who comes for it.
    shelf: Shelf,
    /// The turn that asks to write next; gone with that turn.
    hold: Option<Hold>,
    /// What a later release has added to its record, which is kept as it is.
    later: Vec<u8>,
}

/// What the record's history no longer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Past {
    /// How many steps.
    steps: u64,
    /// How many conversations began with one of them.
    conversations: u64,
}

/// A dead letter: something that could not be delivered, however often it was tried.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undeliverable {
    /// Its idempotency key.
    pub key: Key,
    /// What it is: `checkpoint`, `expiry`, `announcement`, `reply`, or the kind of the effect.
    pub kind: String,
    /// When it was set aside.
    pub at: DateTime<Utc>,
    /// What the last try failed with. It may hold what the visitor said.
    pub error: String,
}

/// Without the error.
impl fmt::Debug for Undeliverable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Undeliverable").field("key", &self.key).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl<F: Flow> Clone for Session<F> {
    fn clone(&self) -> Self {
        let parts = &*self.parts;
        let parts = Parts {
            state: parts.state.copy(),
            shared: parts.shared.clone(),
            history: parts.history.clone(),
            language: parts.language.clone(),
            address: parts.address.clone(),
            seen: parts.seen.clone(),
            known_ids: parts.known_ids.clone(),
            question: parts.question.clone(),
            trail: parts.trail.clone(),
            frames: parts.frames.clone(),
            kept_tries: parts.kept_tries.clone(),
            pause: parts.pause.clone(),
            todo: parts.todo.clone(),
            errands: parts.errands.clone(),
            said: parts.said.clone(),
            shelf: parts.shelf.clone(),
            later: parts.later.clone(),
            ..*parts
        };
        Self { parts: Box::new(parts) }
    }
}

impl<F: Flow> fmt::Debug for Session<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut session = f.debug_struct("Session");
        session.field("id", &self.parts.id).field("stamp", &self.parts.stamp).field("state", &Shown(&self.parts.state));
        session.field("frames", &self.parts.frames);
        session
            .field("shared", &self.parts.shared)
            .field("history", &self.parts.history)
            .field("todo", &self.parts.todo);
        session.finish_non_exhaustive()
    }
}

impl<F: Flow> Session<F> {
    /// Whose conversation it is.
    pub fn id(&self) -> SessionId {
        self.parts.id
    }

    /// Which writing of the record this is.
    pub fn stamp(&self) -> Stamp {
        self.parts.stamp
    }

    /// How the record begins that it was read from, or is written as.
    pub(crate) fn prefix(&self) -> Prefix {
        Prefix::in_form(self.parts.form, self.parts.stamp)
    }

    /// Where the conversation stands.
    pub fn state(&self) -> &F {
        &self.parts.state
    }

    /// What the states of the conversation share.
    pub fn shared(&self) -> &F::Shared {
        &self.parts.shared
    }

    /// The steps that led here, the oldest first, as far as the record keeps them.
    pub fn history(&self) -> &[Transition] {
        self.parts.history.steps()
    }

    /// The same, as they are kept.
    pub(crate) fn steps(&self) -> &History {
        &self.parts.history
    }

    /// When the conversation began.
    pub fn created_at(&self) -> DateTime<Utc> {
        self.parts.created_at
    }

    /// When its last turn was.
    pub fn updated_at(&self) -> DateTime<Utc> {
        self.parts.updated_at
    }

    /// When it expires unless another turn comes first; none if it does not.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.parts.expires_at
    }

    /// The language the visitor last wrote in, if the channel tells.
    pub fn language(&self) -> Option<&str> {
        self.parts.language.as_deref()
    }

    /// Where the visitor last wrote from, if the channel tells: announcements go there.
    pub fn address(&self) -> Option<&Address> {
        self.parts.address.as_ref()
    }

    /// How many checkpoints, effects, announcements and replies are still to be delivered. A reply that was sent counts for up to a
    /// second more, until it is struck off.
    pub fn pending(&self) -> usize {
        self.parts.todo.pending.len()
    }

    /// The dead letters: what could not be delivered, and waits for [`Operator::retry`](crate::Operator::retry).
    pub fn set_aside(&self) -> Vec<Undeliverable> {
        let undeliverable = |SetAside { pending, at, error, .. }: &SetAside| Undeliverable {
            key: pending.key(self.parts.id),
            kind: pending.what.kind().to_owned(),
            at: *at,
            error: error.clone(),
        };
        self.parts.todo.set_aside.iter().map(undeliverable).collect()
    }

    /// Whether it has expired at `now`.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        // Once it was told it stays so, even if the clock is turned back.
        self.parts.lapsed_at.is_some() || self.parts.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// The stamp of the writing that its last turn made: those after it changed the to-do list alone.
    pub(crate) fn last_turn(&self) -> Stamp {
        self.parts.last_turn
    }

    /// How many answers were rejected in this state so far.
    pub(crate) fn tries(&self) -> u32 {
        self.question().tries
    }

    /// What the state has offered, as it was last asked; none if it offers nothing, or if that is not known.
    pub(crate) fn offered(&self) -> Option<&[Value]> {
        self.question().offered.as_deref()
    }

    /// Whether its expiry has been told.
    pub(crate) fn has_lapsed(&self) -> bool {
        self.parts.lapsed_at.is_some()
    }

    /// What was replied in the turn with this id, if the record still knows.
    pub(crate) fn seen(&self, turn: &TurnId) -> Option<Seen> {
        self.parts.seen.of(turn)
    }

    /// Whether the record still knows what was replied in the turn with this id.
    pub(crate) fn has_seen(&self, turn: &TurnId) -> bool {
        self.parts.seen.has(turn)
    }

    /// What was replied in the turn that wrote this version, if the record still knows.
    pub(crate) fn replied_in(&self, version: u64) -> Option<Seen> {
        self.parts.seen.in_version(version)
    }

    /// Whether the turn with this id was taken, though it is no longer known what was replied in it.
    pub(crate) fn knows(&self, turn: &TurnId, now: DateTime<Utc>, memory: Memory) -> bool {
        matches!(turn, TurnId::Given(id) if self.parts.known_ids.has(id, now, memory))
    }

    /// The turn that asks to write next, if one does.
    pub(crate) fn hold(&self) -> Option<Hold> {
        self.parts.hold
    }
}
