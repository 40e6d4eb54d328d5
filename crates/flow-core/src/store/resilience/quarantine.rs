//! The same care for a store's [`Quarantine`].

use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;
use uuid::Uuid;

use super::{AfterLostAnswer, Resilient};
use crate::{
    SessionId,
    store::{Quarantine, Quarantined, Raw, StoreError},
};

#[async_trait]
impl Quarantine for Resilient {
    async fn raw(&self, id: SessionId) -> Result<Option<Raw>, StoreError> {
        self.call(AfterLostAnswer::AsBefore, async || self.power()?.raw(id).await).await
    }

    async fn put(&self, id: SessionId, raw: &Raw, entry: Uuid, keep: Duration) -> Result<bool, StoreError> {
        self.call(AfterLostAnswer::RetryTells, async || self.power()?.put(id, raw, entry, keep).await).await
    }

    async fn list(&self, id: SessionId) -> Result<Vec<Quarantined>, StoreError> {
        self.call(AfterLostAnswer::AsBefore, async || self.power()?.list(id).await).await
    }

    async fn forget(&self, id: SessionId) -> Result<bool, StoreError> {
        self.call(AfterLostAnswer::InDoubt, async || self.power()?.forget(id).await).await
    }
}

impl Resilient {
    fn power(&self) -> Result<&dyn Quarantine, StoreError> {
        self.store.quarantine().ok_or_else(|| StoreError::Refused(Box::new(NoQuarantine)))
    }
}

/// The store has no such power.
#[derive(Clone, Copy, Debug, Error)]
#[error("the store cannot put records in quarantine")]
struct NoQuarantine;
