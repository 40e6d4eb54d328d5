//! What remains to be done outside for a session: [`Checkpoint`]s and [`Effect`]s, each with its [`Key`].

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Flow, SessionId};

/// Names one checkpoint or effect for ever, however often it is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// Whose it is.
    pub session: SessionId,
    /// The version of the record that its turn wrote.
    pub version: u64,
    /// Its place among those of the same turn.
    pub index: u32,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.session, self.version, self.index)
    }
}

/// A key state was entered: what was known then.
///
/// Delivered at least once, with the same key each time.
#[derive(Clone, Debug)]
pub struct Checkpoint<F: Flow> {
    /// Its name.
    pub key: Key,
    /// The state that was entered.
    pub state: F,
    /// What the states shared then.
    pub shared: F::Shared,
    /// When.
    pub at: DateTime<Utc>,
}

/// Something that a turn wants done outside.
///
/// Delivered at least once, with the same key each time.
#[derive(Clone)]
pub struct Effect {
    /// Its name.
    pub key: Key,
    /// What is to be done.
    pub kind: String,
    /// With what.
    pub payload: Value,
    /// When it was decided.
    pub at: DateTime<Utc>,
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Effect").field("key", &self.key).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A checkpoint or an effect in the record, until it is delivered.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) version: u64,
    pub(crate) index: u32,
    pub(crate) at: DateTime<Utc>,
    pub(crate) what: What,
}

/// What is to be delivered.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum What {
    Checkpoint { current: String, data: Value, shared: Value },
    Effect { kind: String, payload: Value },
}

impl Pending {
    pub(crate) fn key(&self, session: SessionId) -> Key {
        Key { session, version: self.version, index: self.index }
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (self.version, self.index) == (other.version, other.index)
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pending({}/{})", self.version, self.index)
    }
}
