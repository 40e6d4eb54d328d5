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

use async_trait::async_trait;

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
        // What was not built was told when the settings were read.
        let store = kind(place).map_err(|fault| StorageError::Store(fault.to_string().into()))?;
        let archive = parts.archive_place();
        let is_archive = archive.is_some_and(|archive| archive.is(place)) && parts.servers.archive_password.is_none();
        let mut storage = store.open(parts, is_archive).await.map_err(StorageError::Store)?;
        if let (Some(place), false) = (archive, is_archive) {
            let archive = kind(place).map_err(|fault| StorageError::Archive(fault.to_string().into()))?;
            archive.open_archive(parts, &mut storage).await.map_err(StorageError::Archive)?;
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

/// A kind of storage, at one place.
#[async_trait]
trait Kind: Send + Sync {
    /// Looks at what is known of the store or archive without asking it; `name` is the setting that names it.
    ///
    /// Fails with the setting that is wrong, and what is wrong.
    fn check(&self, _name: &'static str, _parts: &Parts) -> Result<(), (&'static str, Fault)> {
        Ok(())
    }

    /// The store, and the archive too if it is the same.
    async fn open(&self, parts: &Parts, is_archive: bool) -> Result<Storage, Refused>;

    /// Adds the archive to a store of another place.
    async fn open_archive(&self, parts: &Parts, storage: &mut Storage) -> Result<(), Refused>;
}

/// What is at this place.
///
/// Fails if this program was built without it.
#[cfg_attr(
    all(feature = "memory", feature = "postgres", feature = "redis", feature = "sqlite"),
    expect(clippy::unnecessary_wraps, reason = "with all features no kind is missing")
)]
fn kind(place: &Place) -> Result<Box<dyn Kind + '_>, Fault> {
    match place {
        #[cfg(feature = "memory")]
        Place::Memory => Ok(Box::new(memory::InMemory)),
        #[cfg(not(feature = "memory"))]
        Place::Memory => Err(Fault::not_built("the store in memory", "memory")),
        #[cfg(feature = "sqlite")]
        Place::Sqlite(path) => Ok(Box::new(sqlite::InFile(path))),
        #[cfg(not(feature = "sqlite"))]
        Place::Sqlite(_) => Err(Fault::not_built("SQLite", "sqlite")),
        #[cfg(feature = "redis")]
        Place::Redis(url) => Ok(Box::new(redis::InRedis(url))),
        #[cfg(not(feature = "redis"))]
        Place::Redis(_) => Err(Fault::not_built("Redis", "redis")),
        #[cfg(feature = "postgres")]
        Place::Postgres(url) => Ok(Box::new(postgres::InPostgres(url))),
        #[cfg(not(feature = "postgres"))]
        Place::Postgres(_) => Err(Fault::not_built("Postgres", "postgres")),
    }
}

/// Looks at what the setting `name` says of a store or an archive, without asking it.
///
/// Fails with the setting that is wrong, and what is wrong.
pub(super) fn check(name: &'static str, place: &Place, parts: &Parts) -> Result<(), (&'static str, Fault)> {
    kind(place).map_err(|fault| (name, fault))?.check(name, parts)
}

/// What a store says is wrong with its settings.
#[cfg(any(feature = "postgres", feature = "redis"))]
fn reason(error: &dyn std::error::Error) -> Fault {
    Fault::plain(chain(error))
}

/// A server on another machine would be spoken to in the clear.
#[cfg(any(feature = "postgres", feature = "redis"))]
fn plaintext(right: &str) -> Fault {
    let right = format!("{right}, or name the host in `plaintext_hosts` if nobody else hears its network");
    Fault::new("a server on another machine would be spoken to in the clear", right)
}

/// An error and its causes in one line.
#[cfg(any(feature = "postgres", feature = "redis"))]
fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", chain(cause)),
        None => error.to_string(),
    }
}
