//! Asking the world once in a turn, however often its handler is run: [`OnceKey`] and [`OnceError`].

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{
    Halt, SessionId,
    session::{TimerPurpose, TurnId},
    wiring::BoxFuture,
};

/// The idempotency key of what [`Turn::once`](crate::Turn::once) asks of the world: the same for each run of the handler for one
/// message, and never another's.
///
/// It is made of the session, the message's id and the name that was given. Written out it fits an `Idempotency-Key` header: 69
/// letters, digits and `-` or `/`. What the visitor's message is called cannot be read off it.
///
/// The turn of a timer has a key of that timer's, whichever worker takes it. Where one turn answers several messages that waited, it
/// has the key of the first of them, also if it is taken anew with more. A message without an id cannot come again, and so the
/// key is of its turn alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OnceKey {
    session: SessionId,
    digest: [u8; 16],
}

impl OnceKey {
    /// No key has more letters than this when it is written out.
    pub const LONGEST: usize = 69;

    pub(crate) fn new(session: SessionId, turn: &TurnId, name: &str) -> Self {
        let mut hash = Sha256::new();
        // Each part with its length, so that no two stories are told by the same bytes.
        let mut tell = |part: &[u8]| {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        };
        tell(session.as_uuid().as_bytes());
        match turn {
            TurnId::Given(id) => [b"message", id.as_bytes()].map(&mut tell),
            TurnId::Own(id) => [b"own", &id.as_bytes()[..]].map(&mut tell),
            TurnId::Undeliverable(stamp, index) => {
                tell(&stamp.version.to_be_bytes());
                tell(stamp.write_id.as_bytes());
                [b"undeliverable", &index.to_be_bytes()[..]].map(&mut tell)
            }
            TurnId::Timer(purpose, started) => {
                tell(&started.version.to_be_bytes());
                tell(started.write_id.as_bytes());
                if purpose.depth() > 0 {
                    tell(&purpose.depth().to_be_bytes());
                }
                match purpose.itself() {
                    TimerPurpose::After(seconds) => [b"after", &seconds.to_be_bytes()[..]].map(&mut tell),
                    TimerPurpose::Reminder(name) => [b"reminder", name.as_bytes()].map(&mut tell),
                    // Nothing is inside twice.
                    TimerPurpose::Inside(..) => [b"inside", &[][..]].map(&mut tell),
                }
            }
        };
        tell(name.as_bytes());
        let mut digest = [0; 16];
        digest.copy_from_slice(&hash.finalize()[..16]);
        Self { session, digest }
    }
}

impl fmt::Display for OnceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:032x}", self.session, u128::from_be_bytes(self.digest))
    }
}

impl fmt::Debug for OnceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OnceKey({self})")
    }
}

/// Why [`Turn::once`](crate::Turn::once) has no answer to give, though the world may have been asked.
///
/// What the question itself failed with is not among these: that error is handed on as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OnceError {
    /// The answer that is kept cannot be read as the type that is asked for now, such as after a new release. It stays kept, and
    /// nothing was asked.
    #[error("the answer that is kept cannot be read as the type that is asked for")]
    OtherType,
    /// The answer cannot be written as JSON that reads back, and so is not kept.
    #[error("the answer cannot be written as JSON that reads back")]
    Unwritable,
    /// The answer is larger than the engine keeps, and so is not kept.
    #[error("the answer has {size} bytes, and the bound is {limit}")]
    TooLarge {
        /// Its size in bytes, as JSON.
        size: usize,
        /// The engine's bound, [`Limits::answer`](crate::Limits::answer).
        limit: usize,
    },
    /// The turn has asked as many things as a record keeps; nothing was asked.
    #[error("one turn may ask {limit} things once, and no more")]
    TooMany {
        /// The bound.
        limit: usize,
    },
    /// Another question of this name is under way in the same turn; nothing was asked.
    #[error("another question of this name is under way in the same turn")]
    UnderWay,
    /// The turn cannot go on, because its store is away, its time is over, or others come first again and again. The caller of
    /// the engine is told that, whatever the handler makes of this.
    #[error("the turn cannot go on, for a reason that its caller is told")]
    Ended,
    /// Another turn of the session came first. Nothing was asked; the handler is run again, on what is stored now.
    #[error("another turn of the session came first, and the handler is run again")]
    Overtaken,
    /// No turn is taken: the present question is only shown. Nothing was asked.
    #[error("no turn is taken, and nothing is asked of the world")]
    NoTurn,
}

/// What keeps the answers while a turn is taken.
pub(crate) trait Errands: Send + Sync {
    /// The answer that is kept under this name, or the key to ask under. Then the name is under way.
    fn begin(&self, name: &str) -> Result<Begun, OnceError>;

    /// Finds out whether the turn goes by what is stored, before the world is asked.
    fn find_out(&self) -> BoxFuture<'_, Result<(), OnceError>>;

    /// Keeps the answer, and gives the one that is kept: another process may have asked the same.
    fn keep<'k>(&'k self, name: &'k str, answer: Box<RawValue>) -> BoxFuture<'k, Result<Box<RawValue>, OnceError>>;

    /// The name is no longer under way.
    fn end(&self, name: &str);
}

/// Of a turn that is not taken: nothing is asked of the world in it.
pub(crate) struct NoErrands;

impl Errands for NoErrands {
    fn begin(&self, _: &str) -> Result<Begun, OnceError> {
        Err(OnceError::NoTurn)
    }

    fn find_out(&self) -> BoxFuture<'_, Result<(), OnceError>> {
        Box::pin(async { Err(OnceError::NoTurn) })
    }

    fn keep<'k>(&'k self, _: &'k str, _: Box<RawValue>) -> BoxFuture<'k, Result<Box<RawValue>, OnceError>> {
        Box::pin(async { Err(OnceError::NoTurn) })
    }

    fn end(&self, _: &str) {}
}

/// How a question begins.
pub(crate) enum Begun {
    Answered(Box<RawValue>),
    Ask(OnceKey),
}

/// Asks, unless the answer is kept, and keeps it.
pub(crate) async fn once<T, A>(errands: &dyn Errands, name: &str, ask: impl FnOnce(OnceKey) -> A) -> Result<T, Halt>
where
    T: Serialize + DeserializeOwned,
    A: Future<Output = Result<T, Halt>>,
{
    let key = match errands.begin(name)? {
        Begun::Answered(answer) => return Ok(read(&answer).ok_or(OnceError::OtherType)?),
        Begun::Ask(key) => key,
    };
    let _under_way = UnderWay { errands, name };
    errands.find_out().await?;
    let answer = {
        let answer = ask(key).await?;
        to_raw_value(&answer).map_err(|_| OnceError::Unwritable)?
    };
    read::<T>(&answer).ok_or(OnceError::Unwritable)?;
    let kept = errands.keep(name, answer).await?;
    // As it is kept, so that a handler that is run again goes by the very same.
    Ok(read(&kept).ok_or(OnceError::OtherType)?)
}

/// What is wrong with an answer may quote it, and so is not told.
fn read<T: DeserializeOwned>(answer: &RawValue) -> Option<T> {
    serde_json::from_str(answer.get()).ok()
}

/// A question under way. It may be dropped at any await.
struct UnderWay<'u> {
    errands: &'u dyn Errands,
    name: &'u str,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.errands.end(self.name);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;
    use crate::Stamp;

    fn id(id: &str) -> SessionId {
        id.parse().expect("an id")
    }

    #[test]
    fn a_key_is_the_same_for_the_same_and_another_for_anything_else() {
        let (one, other) = (id("00000000-0000-0000-0000-000000000001"), id("00000000-0000-0000-0000-000000000002"));
        let stamp = Stamp { version: 7, write_id: Uuid::from_u128(3) };
        let turns = [
            TurnId::Given("a".into()),
            TurnId::Given("ab".into()),
            TurnId::Own(Uuid::from_u128(3)),
            TurnId::Timer(TimerPurpose::After(60), stamp),
            TurnId::Timer(TimerPurpose::Reminder("link".into()), stamp),
            TurnId::Timer(TimerPurpose::Reminder("link".into()), Stamp { version: 8, ..stamp }),
        ];
        let mut keys = HashSet::new();
        for (session, turn, name) in [one, other]
            .iter()
            .flat_map(|session| turns.iter().map(move |turn| (session, turn)))
            .flat_map(|(session, turn)| ["charge", "bcharge", ""].map(|name| (*session, turn, name)))
        {
            let key = OnceKey::new(session, turn, name);
            assert_eq!(key, OnceKey::new(session, &turn.clone(), name));
            assert_eq!(key.to_string().len(), OnceKey::LONGEST);
            assert!(keys.insert(key.to_string()), "{key}");
        }
        assert_eq!(keys.len(), 2 * turns.len() * 3);
    }

    #[test]
    fn a_key_never_changes_from_release_to_release() {
        let key = OnceKey::new(id("00000000-0000-0000-0000-000000000001"), &TurnId::Given("wamid.1".into()), "charge");
        assert_eq!(key.to_string(), "00000000-0000-0000-0000-000000000001/039e9442d994b743a7beb9259626f71a");
    }
}
