//! The store: [`SqliteStore`].

use std::{
    fmt,
    path::{self, Path, PathBuf},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Clock, Record, SessionId, Store, StoreError,
    store::{Commit, Cursor, Page, Verdict},
};
use thiserror::Error;

use crate::{
    OpenError, SqliteStoreBuilder, file, millis,
    readers::Readers,
    sessions::{self, Claim},
    writer::Writer,
};

/// Keeps live records in one SQLite file, and is an [`Archive`](flow_core::Archive) there as well.
///
/// Record, wake time and expiry of a session are one row, written in one transaction. Writes that come at the same time
/// share a transaction and its sync. Needs no runtime of its own; its threads end, and the file is closed, when it is dropped.
pub struct SqliteStore {
    path: PathBuf,
    // Dropped first: the writer is the last to close the file, and tidies up.
    pub(crate) readers: Readers,
    pub(crate) writer: Writer,
    clock: Box<dyn Clock>,
}

impl SqliteStore {
    /// Opens the file at `path`, and makes it, for its owner alone, if it is not there. That other users of the machine can
    /// read an existing file is a warning in the log.
    ///
    /// Fails, leaving the file as it was, if it is no database, another's, damaged at its root, or of a newer release.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::builder(path).open()
    }

    /// Begins a store with another durability, deadline or clock.
    pub fn builder(path: impl AsRef<Path>) -> SqliteStoreBuilder {
        SqliteStoreBuilder::new(path.as_ref())
    }

    pub(crate) fn with(builder: SqliteStoreBuilder) -> Result<Self, OpenError> {
        let SqliteStoreBuilder { path, durability, deadline, clock } = builder;
        // Against a name like ":memory:", and against a working folder that changes.
        let path = path::absolute(path).map_err(|error| OpenError::Unreachable(Box::new(error)))?;
        let connection = file::open(&path, durability, deadline)?;
        let readers = Readers::start(&path, deadline)?;
        Ok(Self { path, readers, writer: Writer::start(connection)?, clock })
    }

    /// How many transactions this store has committed. Writes that wait at the same time share one.
    pub fn transactions(&self) -> u64 {
        self.writer.transactions()
    }

    pub(crate) fn now(&self) -> i64 {
        millis::floor(self.clock.now())
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn load(&self, id: SessionId) -> Result<Option<Record>, StoreError> {
        let now = self.now();
        self.readers.read(move |connection| sessions::load(connection, id, now)).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        let now = self.now();
        self.writer.write(now, move |connection| sessions::commit(connection, &commit, now)).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        let now = self.now();
        self.writer.write(now, move |connection| sessions::remove(connection, id, now)).await
    }

    async fn due(
        &self,
        flow: &str,
        due_at: DateTime<Utc>,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<SessionId>, StoreError> {
        let now = self.now();
        let claim = Claim {
            flow: flow.to_owned(),
            due_at,
            until: millis::after(millis::ceil(due_at), lease.saturating_add(ALMOST_ONE)).unwrap_or(i64::MAX),
            limit,
        };
        self.writer.write(now, move |connection| sessions::claim(connection, &claim, now)).await
    }

    /// Fails with [`StoreError::Refused`] if the cursor is no session id, or if pages of nothing are asked for.
    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        if limit == 0 {
            return Err(StoreError::Refused(Box::new(NoLimit)));
        }
        let after: Option<SessionId> = match after {
            Some(Cursor(text)) => Some(text.parse().map_err(|error| StoreError::Refused(Box::new(error)))?),
            None => None,
        };
        let now = self.now();
        let ids = self.readers.read(move |connection| sessions::page(connection, after, limit, now)).await?;
        // A full page may be the last one: then the next one is empty.
        let next = ids.last().filter(|_| ids.len() == limit).map(|id| Cursor(id.to_string()));
        Ok(Page::new(ids, next))
    }
}

/// Almost a millisecond: a lease is rounded up, so that it does not end early.
const ALMOST_ONE: Duration = Duration::from_nanos(999_999);

/// A page of no sessions would be followed by others for ever.
#[derive(Debug, Error)]
#[error("a page has room for one session at least")]
struct NoLimit;
