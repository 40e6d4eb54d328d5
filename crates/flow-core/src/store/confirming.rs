//! Whether what is stored is safe: [`Confirming`], an optional power of a store.

use async_trait::async_trait;

use super::StoreError;
use crate::SessionId;

/// Finds out whether what was stored of a session is as safe as the store promises: replicated.
///
/// A store that acknowledges a write only once others have it may fail to hear from them in time. The write is told as
/// [`StoreError::Unknown`] then, and is in place. If the message comes again, its session says that it was handled: before
/// an engine acknowledges it then, it asks here. A store without this has nothing to ask: what it has, is safe.
///
/// ```
/// use flow_core::{SessionId, Store, StoreError};
///
/// /// Whether a replica has what is stored of this session, where replicas count.
/// async fn is_safe(store: &dyn Store, id: SessionId) -> Result<bool, StoreError> {
///     let Some(confirming) = store.confirming() else { return Ok(true) };
///     match confirming.confirm(id).await {
///         Ok(()) => Ok(true),
///         Err(StoreError::Unknown(_)) => Ok(false),
///         Err(error) => Err(error),
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # assert!(is_safe(&flow_memory::MemoryStore::new(), SessionId::random()).await.is_ok_and(|is_safe| is_safe));
/// # }
/// ```
#[async_trait]
pub trait Confirming: Send + Sync {
    /// Answers once all that was stored of `id` before this call, by whatever process, is as safe as a write that is
    /// acknowledged.
    ///
    /// Fails as a commit does that is not confirmed in time: with [`StoreError::Unknown`].
    async fn confirm(&self, id: SessionId) -> Result<(), StoreError>;
}
