//! Where sessions are kept for months: the [`Archive`] trait, and what it speaks of.

mod entry;
mod epoch;
mod pointer;
pub mod statistics;
mod transcripts;

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::{SessionId, StoreError};

pub use entry::{Archived, ArchivedCheckpoint, ArchivedStep, Entry, Kept, Latest, Status, Summary};
pub use epoch::Epoch;
pub use transcripts::Transcripts;

/// Keeps of each session its last record, every step it took and every checkpoint, for as long as it is not purged.
///
/// It follows the store and never leads it: an [`Engine`](crate::Engine) with an archive writes to it after the turn, and
/// reads from it what the store no longer has. Every method may be called again after a failure. A
/// [`StoreError::Unknown`] means no more here than [`StoreError::Unavailable`]. Times may come back cut to the microsecond.
/// A pointer to an archive is an archive.
///
/// The test kit's suite for archives says the rest, one behaviour a test; run it over yours.
///
/// ```
/// use chrono::Utc;
/// use flow_core::{
///     Archive, Record, SessionId, Stamp, StoreError,
///     archive::{Entry, Kept, Summary},
///     store::Expect,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let archive: Box<dyn Archive> = Box::new(flow_memory::MemoryArchive::new());
/// let (id, record) = (SessionId::random(), Record::compose(Stamp::first(), b"{}"));
/// let entry = Entry::new(id, Expect::Absent, record.clone(), Summary::new("booking", 1, "WELCOME", Utc::now()));
/// assert!(matches!(archive.put(&[entry]).await?[..], [Kept::Done]));
/// assert_eq!(archive.latest(id).await?.archived.map(|archived| archived.record), Some(record));
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Archive: fmt::Debug + Send + Sync {
    /// Keeps these entries, no two of which are of one session, and says of each what became of it, in their order.
    ///
    /// An entry is kept whole, with its steps and checkpoints, or not at all; one that is not kept holds up no other.
    async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError>;

    /// What was last kept of `id`, and in which epoch that was so: both as one look finds them, so that an erasure is in
    /// both or in neither.
    async fn latest(&self, id: SessionId) -> Result<Latest, StoreError>;

    /// Up to `limit` steps of `id`, from the one with the number `from` on, in their order.
    async fn history(&self, id: SessionId, from: u64, limit: usize) -> Result<Vec<ArchivedStep>, StoreError>;

    /// The checkpoints of `id`, in the order of their keys.
    async fn checkpoints(&self, id: SessionId) -> Result<Vec<ArchivedCheckpoint>, StoreError>;

    /// Forgets up to `limit` sessions, those first whose last turn is the longest ago, and only such as had it before
    /// `time`; and up to `limit` tombstones from before then. Tells how many sessions it forgot, and leaves no tombstones.
    async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError>;

    /// Forgets everything of `id`, begins the next epoch, and leaves a tombstone with it: an entry of an earlier epoch is
    /// [`Kept::Erased`] from now on, even if it is on its way already. An entry of an unknown epoch is if it reaches back
    /// ([`Entry::since`]) to `at` or before. Tells whether there was anything.
    async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError>;

    /// How it keeps what was said; none if it cannot. Then [`Entry::said`] is always empty.
    fn transcripts(&self) -> Option<&dyn Transcripts> {
        None
    }
}
