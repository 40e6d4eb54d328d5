//! The same faults in a store's quarantine.

use std::time::Duration;

use async_trait::async_trait;
use flow_core::{
    SessionId, StoreError,
    store::{Quarantine, Quarantined, Raw},
};
use uuid::Uuid;

use super::{Fate, FaultyStore, lost, refused};

impl FaultyStore {
    /// The quarantine behind it.
    fn behind(&self) -> Result<&dyn Quarantine, StoreError> {
        self.store.quarantine().ok_or_else(|| StoreError::Refused("the store has no quarantine".into()))
    }
}

#[async_trait]
impl Quarantine for FaultyStore {
    async fn raw(&self, id: SessionId) -> Result<Option<Raw>, StoreError> {
        self.arrive(id).await?;
        if self.lock().refuses() { Err(refused()) } else { self.behind()?.raw(id).await }
    }

    async fn put(&self, id: SessionId, raw: &Raw, entry: Uuid, keep: Duration) -> Result<bool, StoreError> {
        self.arrive(id).await?;
        let fate = self.lock().fate();
        match fate {
            Fate::Passes => self.behind()?.put(id, raw, entry, keep).await,
            Fate::LosesReply => {
                self.behind()?.put(id, raw, entry, keep).await?;
                Err(lost())
            }
            // It comes late, and finds that something else is stored.
            Fate::LosesRequest | Fate::Late => Err(lost()),
            Fate::Refused => Err(refused()),
            Fate::Conflicts => Ok(false),
        }
    }

    async fn list(&self, id: SessionId) -> Result<Vec<Quarantined>, StoreError> {
        self.behind()?.list(id).await
    }

    async fn forget(&self, id: SessionId) -> Result<bool, StoreError> {
        self.behind()?.forget(id).await
    }
}
