//! The archive: [`PostgresArchive`].

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Archive, Moment, SessionId, StoreError, Utterance,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Kept, Latest, Transcripts},
};

use super::{forgetting, keeping, reading, said};
use crate::{ConnectError, PostgresBuilder, builder::Built, database::Database};

/// Keeps sessions for months, in tables and views of a Postgres database that analysts can read.
///
/// Times are kept to the microsecond. A value that no column of Postgres takes, such as a text with a NUL character, has its
/// entry [`Refused`](Kept::Refused), and no other.
pub struct PostgresArchive {
    pub(super) database: Arc<Database>,
}

impl PostgresArchive {
    /// Connects to the server at `url`: `postgres://user:password@host:port/database`. The tables are made if need be.
    ///
    /// Fails as [`PostgresBuilder::connect`] does.
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        Self::builder(url).connect().await
    }

    /// Begins an archive with a schema, deadlines, or connections that are made when they are first needed.
    pub fn builder(url: &str) -> PostgresBuilder<Self> {
        PostgresBuilder::new(url)
    }
}

impl Built for PostgresArchive {
    fn on(database: Arc<Database>) -> Self {
        Self { database }
    }
}

#[async_trait]
impl Archive for PostgresArchive {
    async fn put(&self, entries: &[Entry]) -> Result<Vec<Kept>, StoreError> {
        keeping::put(&mut self.database.lend_for_long().await?, entries).await
    }

    async fn latest(&self, id: SessionId) -> Result<Latest, StoreError> {
        reading::latest(&mut self.database.lend_for_long().await?, id).await
    }

    async fn history(&self, id: SessionId, from: u64, limit: usize) -> Result<Vec<ArchivedStep>, StoreError> {
        reading::history(&mut self.database.lend_for_long().await?, id, from, limit).await
    }

    async fn checkpoints(&self, id: SessionId) -> Result<Vec<ArchivedCheckpoint>, StoreError> {
        reading::checkpoints(&mut self.database.lend_for_long().await?, id).await
    }

    /// Leaves out sessions of which another call is just keeping an entry: the next purge finds them.
    async fn purge_before(&self, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        forgetting::purge_before(&mut self.database.lend_for_long().await?, time, limit).await
    }

    async fn erase(&self, id: SessionId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        forgetting::erase(&mut self.database.lend_for_long().await?, id, at).await
    }

    fn transcripts(&self) -> Option<&dyn Transcripts> {
        Some(self)
    }
}

#[async_trait]
impl Transcripts for PostgresArchive {
    async fn transcript(
        &self,
        id: SessionId,
        after: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Utterance>, StoreError> {
        said::transcript(&mut self.database.lend_for_long().await?, id, after, limit).await
    }

    async fn forget_said_before(&self, flow: &str, time: DateTime<Utc>, limit: usize) -> Result<usize, StoreError> {
        said::forget_before(&mut self.database.lend_for_long().await?, flow, time, limit).await
    }
}

impl fmt::Debug for PostgresArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresArchive").field("database", &self.database).finish()
    }
}
