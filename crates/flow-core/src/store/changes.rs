//! That a session has changed, as it is told to other processes: [`Changes`] and [`Listener`], an optional power of a store.

use async_trait::async_trait;

use super::StoreError;
use crate::SessionId;

/// Tells those who listen that a session has changed, whichever process wrote it: change notification, also known as publish and
/// subscribe.
///
/// Told are the commits that ask for it ([`Commit::told`](super::Commit::told)) and removals. What expires is told by nobody. A telling
/// is a hint and no more: the record is the truth, and a change may be told twice, or though nothing has changed. It may be lost
/// where a process or a server ends; a listener that can know of it says [`Changed::Perhaps`].
///
/// With this a stream of replies that one process holds open shows what another has written, without asking the store meanwhile.
/// A store without it keeps sessions as well as any.
///
/// ```
/// use flow_core::{Record, SessionId, Stamp, Store, StoreError, store::{Changed, Commit, Expect}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let (store, id) = (flow_memory::MemoryStore::new(), SessionId::random());
/// let mut listener = store.changes().expect("a store that has it").listen().await?;
/// let record = Record::compose(Stamp::first(), b"{}");
/// store.commit(Commit::new(id, Expect::Absent, record, "booking", "WELCOME").told(true)).await?;
/// assert_eq!(listener.next().await?, Changed::Session(id));
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Changes: Send + Sync {
    /// Begins to listen: what is written from now on is told, by this process and by all others.
    ///
    /// One listener serves a whole process. It may have a connection of its own, which ends when it is dropped.
    ///
    /// Fails, within the store's own deadlines, if nothing can be heard: the store is away, or this user may not listen.
    async fn listen(&self) -> Result<Box<dyn Listener>, StoreError>;
}

/// Hears which sessions have changed.
#[async_trait]
pub trait Listener: Send {
    /// Waits for the next change, however long that takes. A call that is dropped loses nothing.
    ///
    /// Fails if nothing can be heard for the time being, once for each reason. The listener goes on trying by itself, and tells
    /// [`Changed::Perhaps`] as soon as it hears again: so ask again at once, and look at the sessions then, not before.
    /// Of a store that is no more it hears nothing, and waits for good after it has said so.
    async fn next(&mut self) -> Result<Changed, StoreError>;
}

/// What a [`Listener`] hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Changed {
    /// This session was written or removed.
    Session(SessionId),
    /// Any session may have been: something may have been missed. Whoever listens looks once at those that it cares about.
    Perhaps,
}
