//! The same care for what a store may do besides: its [`Quarantine`], its [`Heartbeat`], its [`Roster`], its
//! [`Confirming`].

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use thiserror::Error;
use uuid::Uuid;

use super::{AfterLostAnswer, Resilient};
use crate::{
    SessionId,
    store::{Confirming, Cursor, Heartbeat, Page, Quarantine, Quarantined, Raw, Roster, StoreError},
};

#[async_trait]
impl Quarantine for Resilient {
    async fn raw(&self, id: SessionId) -> Result<Option<Raw>, StoreError> {
        let quarantine = self.store.quarantine().ok_or_else(|| lacks("quarantine"))?;
        self.call(AfterLostAnswer::AsBefore, || quarantine.raw(id)).await
    }

    async fn put(&self, id: SessionId, raw: &Raw, entry: Uuid, keep: Duration) -> Result<bool, StoreError> {
        let quarantine = self.store.quarantine().ok_or_else(|| lacks("quarantine"))?;
        self.call(AfterLostAnswer::RetryTells, || quarantine.put(id, raw, entry, keep)).await
    }

    async fn list(&self, id: SessionId) -> Result<Vec<Quarantined>, StoreError> {
        let quarantine = self.store.quarantine().ok_or_else(|| lacks("quarantine"))?;
        self.call(AfterLostAnswer::AsBefore, || quarantine.list(id)).await
    }

    async fn forget(&self, id: SessionId) -> Result<bool, StoreError> {
        let quarantine = self.store.quarantine().ok_or_else(|| lacks("quarantine"))?;
        self.call(AfterLostAnswer::InDoubt, || quarantine.forget(id)).await
    }
}

#[async_trait]
impl Heartbeat for Resilient {
    async fn beat(&self, flow: &str, lasts: Duration) -> Result<(), StoreError> {
        let heartbeat = self.store.heartbeat().ok_or_else(|| lacks("heartbeat"))?;
        self.call(AfterLostAnswer::AsBefore, || heartbeat.beat(flow, lasts)).await
    }

    async fn alive_until(&self, flow: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let heartbeat = self.store.heartbeat().ok_or_else(|| lacks("heartbeat"))?;
        self.call(AfterLostAnswer::AsBefore, || heartbeat.alive_until(flow)).await
    }
}

#[async_trait]
impl Confirming for Resilient {
    async fn confirm(&self, id: SessionId) -> Result<(), StoreError> {
        let confirming = self.store.confirming().ok_or_else(|| lacks("replicas to be asked"))?;
        self.call(AfterLostAnswer::RetryTells, || confirming.confirm(id)).await
    }
}

#[async_trait]
impl Roster for Resilient {
    async fn browse_flow(&self, flow: &str, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        let roster = self.store.roster().ok_or_else(|| lacks("roster"))?;
        self.call(AfterLostAnswer::AsBefore, || roster.browse_flow(flow, after.clone(), limit)).await
    }

    async fn count(&self, flow: &str) -> Result<u64, StoreError> {
        let roster = self.store.roster().ok_or_else(|| lacks("roster"))?;
        self.call(AfterLostAnswer::AsBefore, || roster.count(flow)).await
    }
}

/// The store behind has no such power, and so this one has none to be asked.
#[derive(Clone, Copy, Debug, Error)]
#[error("the store has no {0}")]
struct Lacks(&'static str);

fn lacks(power: &'static str) -> StoreError {
    StoreError::Refused(Box::new(Lacks(power)))
}
