//! Whether workers are there: [`Heartbeat`], an optional power of a store.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreError;

/// Remembers for a while that a worker of a flow is at work: its heartbeat, also known as a liveness lease.
///
/// Where no worker runs, records wait and do not expire. With this an engine can tell so. A store without it keeps sessions as
/// well as any; that its workers are missing is then not told.
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::{Store, StoreError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let store = flow_memory::MemoryStore::new();
/// let heartbeat = store.heartbeat().expect("a store that has it");
/// assert_eq!(heartbeat.alive_until("booking").await?, None);
/// heartbeat.beat("booking", Duration::from_secs(90)).await?;
/// assert!(heartbeat.alive_until("booking").await?.is_some());
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Heartbeat: Send + Sync {
    /// Says that a worker of `flow` is at work, and is to be taken for alive for as long as it `lasts` by the store's time.
    ///
    /// A later beat renews an earlier one, and shortens none. Flows are told apart byte for byte.
    async fn beat(&self, flow: &str, lasts: Duration) -> Result<(), StoreError>;

    /// Until when some worker of `flow` is taken for alive, by the store's time; none if none is.
    async fn alive_until(&self, flow: &str) -> Result<Option<DateTime<Utc>>, StoreError>;
}
