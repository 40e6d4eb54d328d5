//! The store: [`SqliteStore`].

use std::{
    fmt,
    path::{self, Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    Clock as _, ForwardClock, SessionId, Store, StoreError,
    store::{
        Changes, Claim, Commit, Cursor, Due, Heartbeat, Listener, Loaded, Page, Post, Posted, Quarantine, Quarantined,
        Raw, Roster, Verdict,
    },
};
use thiserror::Error;
use uuid::Uuid;

use crate::{
    OpenError, SqliteStoreBuilder, beats, file, inboxes, lookout::Lookouts, quarantine, readers::Readers, sessions,
    writer::Writer,
};

/// Keeps live records in one SQLite file, and is an [`Archive`](flow_core::Archive) there as well.
///
/// Record, wake time and expiry of a session are one row, written in one transaction. Writes that come at the same time
/// share a transaction and its sync. Needs no runtime of its own; its threads end, and the file is closed, when it is dropped.
pub struct SqliteStore {
    path: PathBuf,
    lookouts: Lookouts,
    // Dropped before the writer, which is the last to close the file, and tidies up.
    pub(crate) readers: Readers,
    pub(crate) writer: Writer,
    clock: Arc<ForwardClock>,
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
        let clock = Arc::new(ForwardClock::over(clock));
        let connection = file::open(&path, durability, deadline)?;
        let readers = Readers::start(&path, deadline)?;
        let lookouts = Lookouts::over(&path, deadline);
        Ok(Self { path, lookouts, readers, writer: Writer::start(connection, Arc::clone(&clock))?, clock })
    }

    /// How many transactions this store has committed. Writes that wait at the same time share one.
    pub fn transactions(&self) -> u64 {
        self.writer.transactions()
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        let clock = Arc::clone(&self.clock);
        self.readers.read(move |connection| sessions::load(connection, id, letters, clock.now())).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        let is_told = commit.told;
        let verdict = self.writer.write(move |connection, now| sessions::commit(connection, &commit, now)).await?;
        if is_told {
            self.lookouts.look();
        }
        Ok(verdict)
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.writer.write(move |connection, now| inboxes::post(connection, &post, now)).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        let was_there = self.writer.write(move |connection, now| sessions::remove(connection, id, now)).await?;
        if was_there {
            self.lookouts.look();
        }
        Ok(was_there)
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.writer.write(move |connection, now| sessions::claim(connection, &claim, now)).await
    }

    /// Fails with [`StoreError::Refused`] if the cursor is no session id, or if pages of nothing are asked for.
    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        let (after, clock) = (start(after, limit)?, Arc::clone(&self.clock));
        let ids = self.readers.read(move |connection| sessions::page(connection, after, limit, clock.now())).await?;
        Ok(page(ids, limit))
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

/// What this process has written is told at once, and what another one has, within 200 ms. Each listener has a thread.
#[async_trait]
impl Changes for SqliteStore {
    async fn listen(&self) -> Result<Box<dyn Listener>, StoreError> {
        self.lookouts.listen().await
    }
}

#[async_trait]
impl Quarantine for SqliteStore {
    async fn raw(&self, id: SessionId) -> Result<Option<Raw>, StoreError> {
        let clock = Arc::clone(&self.clock);
        self.readers.read(move |connection| quarantine::raw(connection, id, clock.now())).await
    }

    async fn put(&self, id: SessionId, raw: &Raw, entry: Uuid, keep: Duration) -> Result<bool, StoreError> {
        let raw = raw.clone();
        self.writer.write(move |connection, now| quarantine::put(connection, id, &raw, entry, keep, now)).await
    }

    async fn list(&self, id: SessionId) -> Result<Vec<Quarantined>, StoreError> {
        let clock = Arc::clone(&self.clock);
        self.readers.read(move |connection| quarantine::list(connection, id, clock.now())).await
    }

    async fn forget(&self, id: SessionId) -> Result<bool, StoreError> {
        self.writer.write(move |connection, now| quarantine::forget(connection, id, now)).await
    }
}

#[async_trait]
impl Heartbeat for SqliteStore {
    async fn beat(&self, flow: &str, lasts: Duration) -> Result<(), StoreError> {
        let flow = flow.to_owned();
        self.writer.write(move |connection, now| beats::beat(connection, &flow, lasts, now)).await
    }

    async fn alive_until(&self, flow: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let (flow, clock) = (flow.to_owned(), Arc::clone(&self.clock));
        self.readers.read(move |connection| beats::alive_until(connection, &flow, clock.now())).await
    }
}

/// No index has the flow and the id: rows of other flows between are read too, and to count, all rows are.
#[async_trait]
impl Roster for SqliteStore {
    async fn browse_flow(&self, flow: &str, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        let (after, clock, flow) = (start(after, limit)?, Arc::clone(&self.clock), flow.to_owned());
        let ids = move |connection: &_| sessions::page_of_flow(connection, &flow, after, limit, clock.now());
        Ok(page(self.readers.read(ids).await?, limit))
    }

    async fn count(&self, flow: &str) -> Result<u64, StoreError> {
        let (clock, flow) = (Arc::clone(&self.clock), flow.to_owned());
        self.readers.read(move |connection| sessions::count(connection, &flow, clock.now())).await
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

/// A page of no sessions would be followed by others for ever.
#[derive(Debug, Error)]
#[error("a page has room for one session at least")]
struct NoLimit;
