//! How a store is opened: [`SqliteStoreBuilder`], and what its commits survive: [`Durability`].

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use flow_core::{Clock, SystemClock};

use crate::{OpenError, SqliteStore};

/// Opens a [`SqliteStore`].
pub struct SqliteStoreBuilder {
    pub(crate) path: PathBuf,
    pub(crate) durability: Durability,
    pub(crate) deadline: Duration,
    pub(crate) clock: Box<dyn Clock>,
}

impl SqliteStoreBuilder {
    /// How long a write waits for another process, if nothing else is said: 5 s.
    pub const DEADLINE: Duration = Duration::from_secs(5);

    pub(crate) fn new(path: &Path) -> Self {
        let durability = Durability::default();
        Self { path: path.to_owned(), durability, deadline: Self::DEADLINE, clock: Box::new(SystemClock) }
    }

    /// What an acknowledged commit survives; without it, [`Durability::Full`].
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// How long a transaction waits for another process that is writing, before its writes are
    /// [`Unavailable`](flow_core::StoreError::Unavailable).
    ///
    /// A write that comes while one is waiting is in the next, so that it may take twice as long.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Has `clock` for its time, instead of the machine's. When it is set back, the store's time stands still until it has
    /// caught up.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// The store on the file at its path, which is made if it is not there.
    ///
    /// Fails as [`SqliteStore::open`] does.
    pub fn open(self) -> Result<SqliteStore, OpenError> {
        SqliteStore::with(self)
    }
}

impl fmt::Debug for SqliteStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut builder = f.debug_struct("SqliteStoreBuilder");
        builder.field("path", &self.path).field("durability", &self.durability).field("deadline", &self.deadline);
        builder.finish_non_exhaustive()
    }
}

/// What an acknowledged commit survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A crash of the process, and a power cut, if the disk honours a sync: each commit is synced before it is answered.
    #[default]
    Full,
    /// A crash of the process. A power cut may take the last commits with it, whole; the file stays sound.
    Relaxed,
}

impl Durability {
    /// The level by SQLite's name for it.
    pub(crate) fn synchronous(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Relaxed => "NORMAL",
        }
    }
}
