//! Where records live: the [`Store`] trait, and what it speaks of.

mod changes;
mod claim;
mod commit;
mod confirming;
mod heartbeat;
mod inbox;
mod loaded;
mod pointer;
mod quarantine;
pub mod resilience;
mod roster;
mod teller;

use std::{error::Error as StdError, fmt::Debug};

use async_trait::async_trait;
use thiserror::Error;

use crate::{SessionId, Unreadable};

pub use changes::{Changed, Changes, Listener};
pub use claim::{Claim, Due};
pub use commit::{Commit, Expect, Verdict, WakeIndex};
pub use confirming::Confirming;
pub use heartbeat::Heartbeat;
pub use inbox::{Letter, Post, Posted};
pub use loaded::Loaded;
pub use quarantine::{Quarantine, Quarantined, Raw};
pub use roster::Roster;
pub use teller::Teller;

/// Keeps the live record of each session, of one flow or of several that know nothing of each other.
///
/// Every method is one atomic step, seen by every instance that shares the store. All of them may be called
/// again after a failure: a commit that is already in place answers [`Verdict::Done`]. A pointer to a store is a store.
///
/// A store has a time of its own, by which records expire, sessions are due and leases end. It tells it with each answer
/// that somebody decides by, and is never told one: the clocks of the instances that share it may differ. A store without a
/// server has the machine's clock, best behind a [`ForwardClock`](crate::ForwardClock), and takes another for its tests.
///
/// The test kit's conformance suite says the rest, one behaviour a test; run it over yours.
///
/// ```
/// use chrono::Utc;
/// use flow_core::{Record, SessionId, Stamp, Store, StoreError, store::{Commit, Expect, Verdict}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let store: Box<dyn Store> = Box::new(flow_memory::MemoryStore::new());
/// let (id, first) = (SessionId::random(), Record::compose(Stamp::first(), b"{}"));
/// let commit = Commit::new(id, Expect::Absent, first.clone(), "booking", "WELCOME");
/// assert_eq!(store.commit(commit).await?, Verdict::Done { waiting: 0 });
///
/// // Another writer also takes the session for absent, comes second, and is handed what is there.
/// let late = Commit::new(id, Expect::Absent, Record::compose(Stamp::first(), b"{}"), "booking", "WELCOME");
/// let Verdict::Conflict(loaded) = store.commit(late).await? else { panic!("it wrote") };
/// assert_eq!(loaded.record, Some(first));
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Store: Debug + Send + Sync {
    /// What is stored for `id`, with the first `letters` of its inbox, and what time it is in the store.
    ///
    /// The time of a later load is not earlier, as long as the store's clock is not turned back.
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError>;

    /// Writes the record if what is stored still is what the commit expects.
    ///
    /// Takes letters off the inbox in the same step. While any are left, somebody is to look after them: the session is due
    /// when the writer's lease has passed ([`Commit::while_waiting`]), or, if the writer does not go on with them, when it was due
    /// before, unless the commit's own wake time is earlier.
    ///
    /// Answers [`Verdict::Conflict`] with what is stored now, as a load without letters would, having written nothing, if another
    /// writer came first, or if the commit stands in line ([`Commit::in_line`]) and other letters wait than those it takes.
    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError>;

    /// Puts a letter at the end of a session's inbox, whether there is a record or not, and leaves the record as it is.
    ///
    /// The first letter of an empty inbox leaves the session to its poster: it is due when the lease has passed. Later ones
    /// change nothing of that. What expires takes no letter with it.
    async fn post(&self, post: Post) -> Result<Posted, StoreError>;

    /// Removes the record of `id`, its inbox and its wake time, and tells whether there was a record or a letter.
    async fn remove(&self, id: SessionId) -> Result<bool, StoreError>;

    /// Claims sessions of a flow whose wake time has come by the store's time, the longest due first.
    ///
    /// A claim is a lease: the session is given to no other caller until the lease has passed, by the store's time, or a
    /// commit sets a new wake time. A session belongs to the flow that its last commit names, byte for byte; a worker is
    /// never given a session of another flow, nor keeps one from the other flow's workers.
    async fn due(&self, claim: Claim) -> Result<Due, StoreError>;

    /// The ids of live sessions, of all flows, a page at a time, in an order of the store's own.
    ///
    /// A session that is there from the first page to the last is seen; in a quiet store, exactly once. A page has about
    /// `limit` ids, which is at least 1; a store whose server counts in its own way may give some more.
    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError>;

    /// Which of the store's clocks tells the time of this session, where it has several, as the nodes of a cluster do; none, unless
    /// this is written, because it has one.
    ///
    /// Sessions with the same answer have the same clock. What is due for a session, and its lease, are judged by that, and so no
    /// time that is told of one session is taken for the time of a session with another clock.
    fn clock_of(&self, id: SessionId) -> Option<u16> {
        let _ = id;
        None
    }

    /// The store's power to put damaged records aside; none if it has not got it.
    fn quarantine(&self) -> Option<&dyn Quarantine> {
        None
    }

    /// Where workers say that they are there, if the store can keep that. It cannot, unless it says otherwise.
    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        None
    }

    /// What finds out whether that is safe which was not confirmed when it was written, if there is such a thing in this store.
    fn confirming(&self) -> Option<&dyn Confirming> {
        None
    }

    /// What lists and counts the sessions of one flow, if this store can.
    fn roster(&self) -> Option<&dyn Roster> {
        None
    }

    /// What tells other processes that a session has changed, if this store can.
    fn changes(&self) -> Option<&dyn Changes> {
        None
    }
}

/// Where a page of [`Store::browse`] ended. Its text is the store's own business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// One page of [`Store::browse`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The sessions on this page; there may be fewer than asked for, even none, with more to come.
    pub ids: Vec<SessionId>,
    /// Where to go on; none after the last page.
    pub next: Option<Cursor>,
}

impl Page {
    /// A page with these sessions, and where to go on.
    pub fn new(ids: Vec<SessionId>, next: Option<Cursor>) -> Self {
        Self { ids, next }
    }
}

/// The cause of a [`StoreError`].
pub type StoreFailure = Box<dyn StdError + Send + Sync>;

/// Why a store could not do what was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be reached. Nothing was written.
    #[error("the store is not available")]
    Unavailable(#[source] StoreFailure),
    /// The write was sent and its answer was lost: it may be in place, or may yet arrive.
    #[error("the outcome of the write is unknown")]
    Unknown(#[source] StoreFailure),
    /// There is no room. Nothing was written; live records are never given up for new ones.
    #[error("the store is full")]
    Full,
    /// The store refuses the credentials, or the right to this operation.
    #[error("the store denies access")]
    Denied(#[source] StoreFailure),
    /// What is stored is no whole record, or of a form that this release does not know. It stays as it is.
    #[error("the stored record cannot be read")]
    Unreadable(#[from] Unreadable),
    /// What is stored beside the records, or instead of one, is not as the store writes it. It stays as it is.
    #[error("what is stored cannot be read")]
    Corrupt(#[source] StoreFailure),
    /// The request can never succeed: a cursor of another store, a record beyond the store's bound.
    #[error("the store cannot take this request")]
    Refused(#[source] StoreFailure),
}

impl StoreError {
    /// Whether waiting may help: the store is away, full, or refuses access.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Unknown(_) | Self::Full | Self::Denied(_))
    }
}
