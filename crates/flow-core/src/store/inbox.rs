//! What waits beside a record: a [`Letter`] of a session's inbox, the [`Post`] that brings it, and what became of that.

use std::{borrow::Cow, fmt, time::Duration};

use crate::SessionId;
use bytes::Bytes;

/// A message that was accepted, and waits beside its session's record for the turn that handles it.
///
/// What stands in its body is the engine's business; a store carries it untouched. `Debug` tells its size alone.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Letter {
    /// Which message it is: the same for a message that is delivered again.
    pub name: [u8; 16],
    /// The message.
    pub body: Bytes,
}

impl Letter {
    /// The message of this name.
    pub fn new(name: [u8; 16], body: impl Into<Bytes>) -> Self {
        Self { name, body: body.into() }
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = u128::from_be_bytes(self.name);
        write!(f, "Letter({name:032x}, {} bytes)", self.body.len())
    }
}

/// A wish to put a letter at the end of a session's inbox.
///
/// The record is neither read nor written, and keeps its stamp and its time to live: a turn that is under way commits all the
/// same.
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::{SessionId, store::{Letter, Post}};
///
/// let letter = Letter::new([7; 16], &b"hello"[..]);
/// let post = Post::new(SessionId::random(), "booking", letter, Duration::from_secs(34)).room(100, 64 << 10);
/// assert_eq!((post.letters, post.bytes), (100, 65_536));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Post {
    /// Whose inbox it is put in. There need be no record.
    pub id: SessionId,
    /// The wire name of the flow that the session belongs to, as in a [`Commit`](super::Commit).
    pub flow: Cow<'static, str>,
    /// What is put there.
    pub letter: Letter,
    /// For how long, from the store's time on, the session is left to this caller alone if the inbox was empty.
    pub lease: Duration,
    /// How many letters the inbox may have with it.
    pub letters: usize,
    /// How many bytes their bodies may have together.
    pub bytes: usize,
}

impl Post {
    /// How many letters an inbox has room for, if nothing else is said.
    pub const LETTERS: usize = 100;

    /// How many bytes an inbox has room for, if nothing else is said: 256 KiB.
    pub const BYTES: usize = 256 << 10;

    /// Puts `letter` into the inbox of `id`.
    pub fn new(id: SessionId, flow: impl Into<Cow<'static, str>>, letter: Letter, lease: Duration) -> Self {
        Self { id, flow: flow.into(), letter, lease, letters: Self::LETTERS, bytes: Self::BYTES }
    }

    /// Lets the inbox have so many letters, and so many bytes of them.
    #[must_use]
    pub fn room(mut self, letters: usize, bytes: usize) -> Self {
        (self.letters, self.bytes) = (letters, bytes);
        self
    }
}

/// What became of a [`Post`].
///
/// It has all its variants for good: a caller that overlooked one would leave an accepted message to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// The letter is stored, the first of its inbox, and the session is left to this caller until its lease has passed: it
    /// is to handle what comes in meanwhile, too.
    First,
    /// The letter is stored behind others. Whoever handles those goes on with it.
    Behind,
    /// A letter of this name waits already, and stays as it is.
    Known,
    /// There is no room. Nothing was stored.
    Full,
}
