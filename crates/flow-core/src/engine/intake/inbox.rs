//! What a user chooses of how messages wait: [`Inbox`].

use std::time::Duration;

use crate::store::Post;

/// How messages are accepted, and how many wait for one session.
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::engine::Inbox;
///
/// // A platform that asks again after three seconds, and visitors who send albums.
/// let inbox = Inbox::default().patience(Duration::from_secs(1)).letters(300);
/// ```
#[derive(Clone, Debug)]
#[must_use = "the settings count once the builder has them"]
pub struct Inbox {
    pub(in crate::engine) patience: Duration,
    pub(in crate::engine) letters: usize,
    pub(in crate::engine) bytes: usize,
    pub(in crate::engine) tries: u32,
    pub(in crate::engine) aside: usize,
}

impl Default for Inbox {
    fn default() -> Self {
        Self { patience: Duration::from_millis(300), letters: Post::LETTERS, bytes: Post::BYTES, tries: 3, aside: 100 }
    }
}

impl Inbox {
    /// How long [`Engine::accept`](crate::Engine::accept) waits for the turn of a message; when it has passed, the message is
    /// stored to wait. 300 milliseconds unless set.
    ///
    /// A message that is answered by then costs one write, and one that is not costs two.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// How many messages wait for one session; one more is refused with
    /// [`EngineError::InboxFull`](crate::EngineError::InboxFull). 100 unless set.
    ///
    /// A message whose own turn is being taken does not wait. Where there is no room for it meanwhile, its caller has the outcome of
    /// that turn, beyond the patience.
    pub fn letters(self, letters: usize) -> Self {
        Self { letters, ..self }
    }

    /// How many bytes the messages that wait for one session may have together. 256 KiB unless set.
    ///
    /// A message that alone is larger cannot wait; it is handled if nothing waits before it.
    pub fn bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }

    /// How many processes may end over a message before it is set aside as a dead letter, so that those behind it are handled. 3
    /// unless set; at least 1.
    ///
    /// A message over which a second process has ended is handled beside no other such message, so that one that kills takes
    /// none with it.
    pub fn tries(self, tries: u32) -> Self {
        Self { tries: tries.max(1), ..self }
    }

    /// How many messages that were set aside are kept with their words for one session, and no more bytes of them than may wait
    /// ([`bytes`](Self::bytes)). 100 unless set.
    ///
    /// Beyond that, and where a record would be too large ([`Limits::record`](crate::Limits::record)), the oldest lose theirs, so that
    /// what came behind is handled: which message it was, when it came, how large it was and why it was set aside stay known. Each is
    /// counted ([`Stats::letters_emptied`](crate::Stats::letters_emptied)), and logged as an error.
    pub fn aside(self, letters: usize) -> Self {
        Self { aside: letters, ..self }
    }
}
