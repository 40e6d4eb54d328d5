//! What was said in the sessions that an archive keeps: [`Transcripts`], an optional power of an archive.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::{Moment, SessionId, StoreError, Utterance};

/// Keeps what was said, for a life of its own.
///
/// An archive that can do so has this, and says so with [`Archive::transcripts`](super::Archive::transcripts). It then keeps
/// [`Entry::said`](super::Entry::said) with the rest of an entry, each thing once, by its session and its
/// [`Moment`]: what is there already stays as it is. A purge and an erasure of the session take it along. Without this, what was
/// said stays in the records alone.
///
/// ```
/// use flow_core::{Archive, SessionId, StoreError};
/// use flow_memory::MemoryArchive;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let archive = MemoryArchive::new();
/// let transcripts = archive.transcripts().expect("every archive that comes with Flow has them");
/// assert!(transcripts.transcript(SessionId::random(), None, 100).await?.is_empty());
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Transcripts: Send + Sync {
    /// Up to `limit` of what was said in the session `id` after that moment, or from the beginning, in the order of the moments.
    async fn transcript(
        &self,
        id: SessionId,
        after: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Utterance>, StoreError>;

    /// Forgets up to `limit` of what was said before `time` in the sessions of a flow, by its wire name, whatever was said the
    /// longest ago first; tells how many that were. The sessions stay, with all else of them.
    async fn forget_said_before(&self, flow: &str, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError>;
}
