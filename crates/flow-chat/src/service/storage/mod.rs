//! The store and the archive that settings name, opened: [`Storage`].

mod error;
#[cfg(feature = "memory")]
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::{fmt, sync::Arc};

use crate::{Archive, Engine, EngineBuilder, Flow, Statistics, Store};

use super::{mistake::Fault, parts::Parts, place::Place};

pub use error::StorageError;

/// The store and the archive that settings name, opened by [`Settings::connect`](super::Settings::connect).
///
/// ```
/// # use flow_chat::{EngineBuilder, Flow, service::Settings};
/// # async fn run<F: Flow>(builder: EngineBuilder<F>) -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::from_pairs([("store", "memory:")])?;
/// let storage = settings.connect().await?;
/// for warning in storage.warnings() {
///     eprintln!("{warning}");
/// }
/// let engine = storage.engine(settings.configure(builder)); // of `Booking::engine(Salon::new())`
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Storage {
    store: Arc<dyn Store>,
    archive: Option<Arc<dyn Archive>>,
    statistics: Option<Arc<dyn Statistics>>,
    warnings: Vec<String>,
}

impl Storage {
    /// The store, which others may use as well.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// The archive; none if there is none.
    pub fn archive(&self) -> Option<Arc<dyn Archive>> {
        self.archive.clone()
    }

    /// The archive as one that can count; none if there is none, or if it is in memory.
    pub fn statistics(&self) -> Option<Arc<dyn Statistics>> {
        self.statistics.clone()
    }

    /// What an operator should know of the servers, in plain words: what breaks a promise, and what is waited for.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Builds the engine over this store, with this archive.
    pub fn engine<F: Flow>(&self, builder: EngineBuilder<F>) -> Engine<F> {
        let builder = match &self.archive {
            Some(archive) => builder.archive(Arc::clone(archive)),
            None => builder,
        };
        builder.store(Arc::clone(&self.store))
    }

    /// Opens what the settings name.
    pub(super) async fn open(place: &Place, parts: &Parts) -> Result<Self, StorageError> {
        let archive = parts.archive_place();
        let is_beside = archive.is_some_and(|archive| archive.is(place)) && parts.servers.archive_password.is_none();
        let mut storage = open_store(place, parts, is_beside).await.map_err(StorageError::Store)?;
        if let (Some(place), false) = (archive, is_beside) {
            open_archive(place, parts, &mut storage).await.map_err(StorageError::Archive)?;
        }
        Ok(storage)
    }

    /// A store alone.
    #[cfg(any(feature = "memory", feature = "postgres", feature = "redis", feature = "sqlite"))]
    fn of(store: impl Store + 'static) -> Self {
        Self { store: Arc::new(store), archive: None, statistics: None, warnings: Vec::new() }
    }

    /// The same with an archive that can count.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    fn counted_by<A: Archive + Statistics + 'static>(&mut self, archive: Arc<A>) {
        self.archive = Some(archive.clone());
        self.statistics = Some(archive);
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut storage = f.debug_struct("Storage");
        storage.field("has_archive", &self.archive.is_some()).field("warnings", &self.warnings).finish_non_exhaustive()
    }
}

/// Why a store or an archive cannot be opened; none of them repeats its URL.
type Refused = Box<dyn std::error::Error + Send + Sync>;

/// Looks at what is known of a store without asking it.
///
/// Fails with the setting that is wrong, and what is wrong.
#[cfg_attr(
    not(any(feature = "postgres", feature = "redis")),
    expect(unused_variables, reason = "only the URL of a server has parts that can be wrong")
)]
pub(super) fn check_store(place: &Place, parts: &Parts) -> Result<(), (&'static str, Fault)> {
    match place {
        #[cfg(feature = "redis")]
        Place::Redis(url) => redis::check(url, parts),
        #[cfg(feature = "postgres")]
        Place::Postgres(url) => postgres::check(url, parts, "store"),
        other => built(other).map_err(|fault| ("store", fault)),
    }
}

/// Looks at what is known of an archive without asking it.
///
/// Fails with the setting that is wrong, and what is wrong.
#[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "only the URL of a server can be wrong"))]
pub(super) fn check_archive(place: &Place, parts: &Parts) -> Result<(), (&'static str, Fault)> {
    match place {
        #[cfg(feature = "postgres")]
        Place::Postgres(url) => postgres::check(url, parts, "archive"),
        other => built(other).map_err(|fault| ("archive", fault)),
    }
}

/// Fails if this program was built without this kind of store.
fn built(place: &Place) -> Result<(), Fault> {
    let (is_there, name, feature) = match place {
        Place::Memory => (cfg!(feature = "memory"), "the store in memory", "memory"),
        Place::Sqlite(_) => (cfg!(feature = "sqlite"), "SQLite", "sqlite"),
        Place::Redis(_) => (cfg!(feature = "redis"), "Redis", "redis"),
        Place::Postgres(_) => (cfg!(feature = "postgres"), "Postgres", "postgres"),
    };
    if is_there { Ok(()) } else { Err(Fault::not_built(name, feature)) }
}

#[cfg_attr(
    not(any(feature = "postgres", feature = "redis")),
    expect(clippy::unused_async, reason = "only a server is waited for")
)]
#[cfg_attr(
    not(any(feature = "memory", feature = "postgres", feature = "redis", feature = "sqlite")),
    expect(unused_variables, reason = "there is nothing to open")
)]
async fn open_store(place: &Place, parts: &Parts, is_archive: bool) -> Result<Storage, Refused> {
    match place {
        #[cfg(feature = "memory")]
        Place::Memory => Ok(memory::open(&parts.memory, is_archive)),
        #[cfg(feature = "sqlite")]
        Place::Sqlite(path) => sqlite::open(path, &parts.sqlite, is_archive),
        #[cfg(feature = "redis")]
        Place::Redis(url) => redis::open(url, parts).await,
        #[cfg(feature = "postgres")]
        Place::Postgres(url) => postgres::open(url, parts, is_archive).await,
        #[allow(unreachable_patterns, reason = "with all features there is no other")]
        other => Err(not_built(other)),
    }
}

#[cfg_attr(not(feature = "postgres"), expect(clippy::unused_async, reason = "only a server is waited for"))]
#[cfg_attr(
    not(any(feature = "memory", feature = "postgres", feature = "sqlite")),
    expect(unused_variables, reason = "there is nothing to open")
)]
async fn open_archive(place: &Place, parts: &Parts, storage: &mut Storage) -> Result<(), Refused> {
    match place {
        #[cfg(feature = "memory")]
        Place::Memory => memory::open_archive(storage),
        #[cfg(feature = "sqlite")]
        Place::Sqlite(path) => storage.counted_by(sqlite::opened(path, &parts.sqlite)?),
        #[cfg(feature = "postgres")]
        Place::Postgres(url) => postgres::open_archive(url, parts, storage).await?,
        other => return Err(not_built(other)),
    }
    Ok(())
}

/// What `built` has found before; said once more for whoever opens without having looked.
fn not_built(place: &Place) -> Refused {
    let text = built(place).err().map_or_else(|| "this program cannot open it".to_owned(), |fault| fault.to_string());
    text.into()
}

/// What a store says is wrong with its settings, from the cause on: that it is about the store, the setting's name says.
#[cfg(any(feature = "postgres", feature = "redis"))]
fn reason(error: &dyn std::error::Error) -> Fault {
    Fault::plain(chain(error.source().unwrap_or(error)))
}

/// An error and its causes in one line.
#[cfg(any(feature = "postgres", feature = "redis"))]
fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", chain(cause)),
        None => error.to_string(),
    }
}
