//! What is handed to hooks: [`Checkpoint`]s, [`Effect`]s and [`Announcement`]s, each with its [`Key`].

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Flow, Reply, SessionId, Wire, declare::Shown};

/// The idempotency key of one checkpoint, effect or announcement: the same however often it is delivered, and never another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Key {
    /// Whose it is.
    pub session: SessionId,
    /// The version of the record that its turn wrote.
    pub version: u64,
    /// Its place among those of the same turn.
    pub index: u32,
}

impl Key {
    /// The key of what the turn of this version left at this place, as an archive gives it back.
    pub fn new(session: SessionId, version: u64, index: u32) -> Self {
        Self { session, version, index }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.session, self.version, self.index)
    }
}

/// What was known when a key state was entered, or when a session expired.
///
/// Delivered at least once, with the same key each time.
#[non_exhaustive]
pub struct Checkpoint<F: Flow> {
    /// Its idempotency key.
    pub key: Key,
    /// The state that was entered, or in which the session expired.
    pub state: F,
    /// What the states shared then.
    pub shared: F::Shared,
    /// When.
    pub at: DateTime<Utc>,
}

impl<F: Flow> Clone for Checkpoint<F> {
    fn clone(&self) -> Self {
        Self { state: self.state.copy(), shared: self.shared.clone(), ..*self }
    }
}

impl<F: Flow> fmt::Debug for Checkpoint<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut checkpoint = f.debug_struct("Checkpoint");
        checkpoint.field("key", &self.key).field("state", &Shown(&self.state)).field("shared", &self.shared);
        checkpoint.field("at", &self.at).finish()
    }
}

/// Something that a turn wants done outside.
///
/// Delivered at least once, with the same key each time.
#[non_exhaustive]
pub struct Effect<F: Flow> {
    /// Its idempotency key.
    pub key: Key,
    /// What is to be done, and with what.
    pub effect: F::Effect,
    /// When it was decided.
    pub at: DateTime<Utc>,
}

/// Without what it carries.
impl<F: Flow> fmt::Debug for Effect<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Effect").field("key", &self.key).field("kind", &self.effect.name()).finish_non_exhaustive()
    }
}

/// What the bot says of its own accord, in a timer's turn, for which no caller waits: a reminder, a farewell.
///
/// Delivered at least once, with the same key each time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Announcement {
    /// Its idempotency key.
    pub key: Key,
    /// What to say to the visitor, in this order.
    pub replies: Vec<Reply>,
    /// When it was decided.
    pub at: DateTime<Utc>,
}
