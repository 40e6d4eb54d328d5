//! One conversation with one someone, as it stands: [`Session`].

pub(crate) mod duty;
mod id;
pub(crate) mod todo;
mod transition;
mod view;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    Flow, Reply, Stamp,
    codec::hold::Hold,
    session::todo::{SetAside, Todo},
};

pub use id::{InvalidSessionId, Secret, SessionId, WeakSecret};
pub use todo::{Announcement, Checkpoint, Effect, Key};
pub use transition::{Cause, Transition};

/// One conversation with one someone: what its record says, read as the flow's own types.
#[derive(Clone, Debug)]
pub struct Session<F: Flow> {
    pub(crate) id: SessionId,
    pub(crate) stamp: Stamp,
    pub(crate) state: F,
    pub(crate) shared: F::Shared,
    pub(crate) history: Vec<Transition>,
    pub(crate) past: Past,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    /// When its history came to say that it has expired.
    pub(crate) lapsed_at: Option<DateTime<Utc>>,
    pub(crate) language: Option<String>,
    pub(crate) tries: u32,
    pub(crate) seen: Vec<Seen>,
    pub(crate) todo: Todo,
    /// Who asks to write next; gone with the next turn.
    pub(crate) held: Option<Hold>,
}

/// A message that was handled, and what was replied, so that a repeat hears the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) replies: Vec<Reply>,
}

/// So many turns at most, it is taken, were lost of a session that goes on from an earlier time. The versions of those are
/// left out, so that no key of a delivery stands for two things.
pub(crate) const LOST_TURNS: u64 = 1_000;

/// What the record's history no longer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Past {
    /// How many steps.
    pub(crate) steps: u64,
    /// How many conversations began with one of them.
    pub(crate) conversations: u64,
}

/// Something that could not be delivered, however often it was tried.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undeliverable {
    /// Its name.
    pub key: Key,
    /// What it is: `checkpoint`, `expiry`, `announcement`, or the kind of the effect.
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

impl<F: Flow> Session<F> {
    /// Whose conversation it is.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// Which writing of the record this is.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Where the conversation stands.
    pub fn state(&self) -> &F {
        &self.state
    }

    /// What the states of the conversation share.
    pub fn shared(&self) -> &F::Shared {
        &self.shared
    }

    /// The steps that led here, the oldest first, as far as the record keeps them.
    pub fn history(&self) -> &[Transition] {
        &self.history
    }

    /// When the conversation began.
    pub fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    /// When its last turn was.
    pub fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }

    /// When it expires unless another turn comes first; none if it does not.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at
    }

    /// The language the visitor last wrote in, if the channel tells.
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// How many checkpoints, effects and announcements are still to be delivered.
    pub fn pending(&self) -> usize {
        self.todo.pending.len()
    }

    /// What could not be delivered, and waits for [`Engine::retry`](crate::Engine::retry).
    pub fn set_aside(&self) -> Vec<Undeliverable> {
        let undeliverable = |SetAside { pending, at, error }: &SetAside| Undeliverable {
            key: pending.key(self.id),
            kind: pending.what.kind().to_owned(),
            at: *at,
            error: error.clone(),
        };
        self.todo.set_aside.iter().map(undeliverable).collect()
    }

    /// Whether it has expired at `now`.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        // Once told it stays so, though the clock be turned back.
        self.lapsed_at.is_some() || self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// The states that "back" would lead through, the nearest last, as indices into the graph.
    ///
    /// Coming to a state again forgets what lay between, as a visitor would: after a correction, "back" leads to
    /// the question before the corrected one.
    pub(crate) fn trail(&self) -> Vec<usize> {
        let mut trail: Vec<usize> = Vec::new();
        for transition in &self.history {
            if transition.by.begins() || transition.by == Cause::Operator {
                trail.clear();
            } else if let Some(from) = transition.from.as_deref().and_then(|name| F::GRAPH.find(name)) {
                trail.push(from);
            }
            let entered = F::GRAPH.find(&transition.to);
            if let Some(place) = trail.iter().position(|&index| Some(index) == entered) {
                trail.truncate(place);
            }
        }
        trail
    }

    /// What was replied to the message with this id, if the record still knows.
    pub(crate) fn seen(&self, message_id: &str) -> Option<&Seen> {
        self.seen.iter().find(|seen| seen.id == message_id)
    }
}
