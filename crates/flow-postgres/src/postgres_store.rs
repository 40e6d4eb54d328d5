//! The store: [`PostgresStore`].

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    SessionId, Store, StoreError,
    store::{
        Changes, Claim, Commit, Cursor, Due, Heartbeat, Listener, Loaded, Page, Post, Posted, Quarantine, Quarantined,
        Raw, Roster, Verdict,
    },
};
use thiserror::Error;
use uuid::Uuid;

use crate::{
    ConnectError, PostgresArchive, PostgresBuilder, beats,
    builder::Built,
    committing,
    database::Database,
    inboxes, live, quarantine,
    sweeping::{self, SWEPT_AT_ONCE, Unswept},
    telling::Telling,
    watch::Watch,
};

/// Keeps live records in a Postgres database.
///
/// Record, wake time and expiry of a session are one row, written by one statement. What time it is, the server says.
pub struct PostgresStore {
    database: Arc<Database>,
    unswept: Mutex<Unswept>,
    telling: Telling,
}

impl PostgresStore {
    /// Connects to the server at `url`: `postgres://user:password@host:port/database`. The tables are made if need be.
    ///
    /// Fails as [`PostgresBuilder::connect`] does.
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        Self::builder(url).connect().await
    }

    /// Begins a store with a schema, deadlines, or connections that are made when they are first needed.
    pub fn builder(url: &str) -> PostgresBuilder<Self> {
        PostgresBuilder::new(url)
    }

    /// The archive in the same schema, over the same connections.
    pub fn archive(&self) -> PostgresArchive {
        PostgresArchive::on(Arc::clone(&self.database))
    }

    /// Sweeps expired rows now and then, in a task of its own.
    fn sweep_now_and_then(&self) {
        if !self.unswept.lock().unwrap_or_else(PoisonError::into_inner).is_enough(Instant::now()) {
            return;
        }
        let database = Arc::clone(&self.database);
        tokio::spawn(async move {
            let swept = async {
                let mut connection = database.lend().await?;
                sweeping::sweep(&mut connection, SWEPT_AT_ONCE).await?;
                quarantine::sweep(&mut connection, SWEPT_AT_ONCE).await
            };
            if let Err(error) = swept.await {
                tracing::debug!(error = &error as &dyn std::error::Error, "expired sessions were not swept");
            }
        });
    }
}

impl Built for PostgresStore {
    fn on(database: Arc<Database>) -> Self {
        Self { database, unswept: Mutex::new(Unswept::since(Instant::now())), telling: Telling::default() }
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        live::load(&mut self.database.lend().await?, id, letters).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        let verdict = committing::commit(&mut self.database.lend().await?, &commit).await;
        // One whose answer was lost may have been written: to tell too often is harmless.
        if commit.told && matches!(verdict, Ok(Verdict::Done { .. }) | Err(StoreError::Unknown(_))) {
            self.telling.tell(commit.id, &self.database);
        }
        if verdict.is_ok() {
            self.sweep_now_and_then();
        }
        verdict
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        inboxes::post(&mut self.database.lend().await?, &post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        let was_there = live::remove(&mut self.database.lend().await?, id).await;
        if matches!(was_there, Ok(true) | Err(StoreError::Unknown(_))) {
            self.telling.tell(id, &self.database);
        }
        was_there
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        live::claim(&mut self.database.lend().await?, &claim).await
    }

    /// Fails with [`StoreError::Refused`] if the cursor is no session id, or if pages of nothing are asked for.
    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        let after = start(after, limit)?;
        Ok(page(live::page(&mut self.database.lend().await?, after, limit).await?, limit))
    }

    fn quarantine(&self) -> Option<&dyn Quarantine> {
        Some(self)
    }

    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        Some(self)
    }

    fn roster(&self) -> Option<&dyn Roster> {
        Some(self)
    }

    fn changes(&self) -> Option<&dyn Changes> {
        Some(self)
    }
}

/// A change is told (`NOTIFY`) after its commit, beside it, and so may be lost if this process ends between the two. A listener has a
/// connection of its own (`LISTEN`), which is no use behind a pooler that lends each transaction another one: then listening fails.
#[async_trait]
impl Changes for PostgresStore {
    async fn listen(&self) -> Result<Box<dyn Listener>, StoreError> {
        Watch::over(&self.database).begin().await
    }
}

#[async_trait]
impl Quarantine for PostgresStore {
    async fn raw(&self, id: SessionId) -> Result<Option<Raw>, StoreError> {
        quarantine::raw(&mut self.database.lend().await?, id).await
    }

    async fn put(&self, id: SessionId, raw: &Raw, entry: Uuid, keep: Duration) -> Result<bool, StoreError> {
        quarantine::put(&mut self.database.lend().await?, id, raw, entry, keep).await
    }

    async fn list(&self, id: SessionId) -> Result<Vec<Quarantined>, StoreError> {
        quarantine::list(&mut self.database.lend().await?, id).await
    }

    async fn forget(&self, id: SessionId) -> Result<bool, StoreError> {
        quarantine::forget(&mut self.database.lend().await?, id).await
    }
}

#[async_trait]
impl Heartbeat for PostgresStore {
    async fn beat(&self, flow: &str, lasts: Duration) -> Result<(), StoreError> {
        beats::beat(&mut self.database.lend().await?, flow, lasts).await
    }

    async fn alive_until(&self, flow: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        beats::alive_until(&mut self.database.lend().await?, flow).await
    }
}

/// No index has the flow and the id: rows of other flows between are read too, and to count, all rows are.
#[async_trait]
impl Roster for PostgresStore {
    async fn browse_flow(&self, flow: &str, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        let after = start(after, limit)?;
        Ok(page(live::page_of_flow(&mut self.database.lend().await?, flow, after, limit).await?, limit))
    }

    async fn count(&self, flow: &str) -> Result<u64, StoreError> {
        live::count(&mut self.database.lend().await?, flow).await
    }
}

/// The session behind which a page begins.
fn start(after: Option<Cursor>, limit: usize) -> Result<Option<SessionId>, StoreError> {
    if limit == 0 {
        return Err(StoreError::Refused(Box::new(NoLimit)));
    }
    let id = |Cursor(text): Cursor| text.parse().map_err(|error| StoreError::Refused(Box::new(error)));
    after.map(id).transpose()
}

/// A page of as many as were asked for may be the last one: then the next one is empty.
fn page(ids: Vec<SessionId>, limit: usize) -> Page {
    let next = ids.last().filter(|_| ids.len() == limit).map(|id| Cursor(id.to_string()));
    Page::new(ids, next)
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("database", &self.database).finish_non_exhaustive()
    }
}

/// A page of no sessions would be followed by others for ever.
#[derive(Debug, Error)]
#[error("a page has room for one session at least")]
struct NoLimit;
