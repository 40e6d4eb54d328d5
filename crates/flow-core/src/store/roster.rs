//! The sessions of one flow among those of others: [`Roster`], an optional power of a store.

use async_trait::async_trait;

use super::{Cursor, Page, StoreError};

/// Lists and counts the live sessions of one flow, by what their last commits say of it.
///
/// A store that can do so without handing out the records has this, and says so with [`Store::roster`](super::Store::roster).
/// Without it an engine browses the sessions of all flows, and reads each.
#[async_trait]
pub trait Roster: Send + Sync {
    /// As [`Store::browse`](super::Store::browse), of this flow alone: its name is compared byte for byte.
    async fn browse_flow(&self, flow: &str, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError>;

    /// How many sessions of the flow are live.
    async fn count(&self, flow: &str) -> Result<u64, StoreError>;
}
