//! What is handed to hooks: [`Checkpoint`]s, [`Effect`]s and [`Announcement`]s, each with its [`Key`].

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::{Flow, Reply, SessionId, Stamp, Wire, declare::AnyState, declare::Shown};

/// The idempotency key of one checkpoint, effect or announcement: the same however often it is delivered, and never another's.
///
/// It names the write that decided the thing. A session that is forgotten and begins again counts its versions from 1 again,
/// and a store that loses its last writes gives a version twice; a write's id is never given again.
///
/// ```
/// use flow_core::{Key, SessionId, Stamp};
///
/// let (id, stamp) = (SessionId::random(), Stamp::first());
/// let key = Key::new(id, stamp, 0);
/// assert_eq!(key.to_string(), format!("{id}/1-{}/0", stamp.write_id.simple()));
/// assert!(key.to_string().len() <= Key::LONGEST);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Key {
    /// Whose it is.
    pub session: SessionId,
    /// The stamp of the record in which it was first written.
    pub stamp: Stamp,
    /// Its place among those of the same turn.
    pub index: u32,
}

impl Key {
    /// The key of what the write with this stamp left at this place, as an archive gives it back.
    pub fn new(session: SessionId, stamp: Stamp, index: u32) -> Self {
        Self { session, stamp, index }
    }

    /// No key has more letters than this when it is written out.
    pub const LONGEST: usize = 104;
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { session, stamp: Stamp { version, write_id }, index } = self;
        // What an older release decided has been told under the version alone, and is told so again.
        if write_id.is_nil() {
            write!(f, "{session}/{version}/{index}")
        } else {
            write!(f, "{session}/{version}-{}/{index}", write_id.simple())
        }
    }
}

/// Reads what a platform gives back of a reply's key.
///
/// Fails on whatever no key is written as; the error does not repeat what was given.
///
/// ```
/// use flow_core::{Key, SessionId, Stamp};
///
/// let key = Key::new(SessionId::random(), Stamp::first(), 2);
/// assert_eq!(key.to_string().parse(), Ok(key));
/// assert!("".parse::<Key>().is_err() && format!("{key}/1").parse::<Key>().is_err());
/// ```
impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let read = || {
            let mut parts = text.splitn(3, '/');
            let session = parts.next()?.parse().ok()?;
            let (stamp, index) = (parts.next()?, parts.next()?.parse().ok()?);
            let (version, write_id) = match stamp.split_once('-') {
                Some((version, write_id)) => (version, Uuid::try_parse(write_id).ok()?),
                None => (stamp, Uuid::nil()),
            };
            Some(Self { session, stamp: Stamp { version: version.parse().ok()?, write_id }, index })
        };
        // One way of writing it alone, or one reply would have several keys.
        read().filter(|key: &Self| text.len() <= Self::LONGEST && key.to_string() == text).ok_or(InvalidKey)
    }
}

/// A text is no [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is not how a key is written")]
pub struct InvalidKey;

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
    /// The states in which it stood inside that one, the innermost last.
    pub(crate) inner: Vec<Box<dyn AnyState>>,
    /// When.
    pub at: DateTime<Utc>,
}

impl<F: Flow> Checkpoint<F> {
    /// Where it was taken, by the names of states: `VISIT/STREET` is the state `STREET` of the flow that the state `VISIT` runs.
    pub fn standing(&self) -> String {
        let inner = self.inner.iter().map(|state| state.name());
        std::iter::once(self.state.name()).chain(inner).collect::<Vec<_>>().join("/")
    }

    /// The state in which it stood of this flow; none if that was not under way.
    pub fn state_in<G: Flow>(&self) -> Option<&G> {
        let own: &dyn AnyState = &self.state;
        std::iter::once(own).chain(self.inner.iter().map(|state| &**state)).rev().find_map(|state| state.as_flow())
    }
}

impl<F: Flow> Clone for Checkpoint<F> {
    fn clone(&self) -> Self {
        let inner = self.inner.iter().map(|state| state.copy()).collect();
        Self { state: self.state.copy(), shared: self.shared.clone(), inner, ..*self }
    }
}

impl<F: Flow> fmt::Debug for Checkpoint<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut checkpoint = f.debug_struct("Checkpoint");
        checkpoint.field("key", &self.key).field("state", &Shown(&self.state)).field("inner", &self.inner);
        checkpoint.field("shared", &self.shared);
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
