//! Where conversations are kept, opened as the command line says: [`Places`].

use std::{error::Error, path::Path, sync::Arc};

use flow_chat::{
    Archive, Statistics, Store,
    memory::{MemoryArchive, MemoryStore},
    sqlite::SqliteStore,
};

use crate::arguments::{ArchiveChoice, Arguments, StoreChoice};
#[cfg(feature = "postgres")]
use crate::postgres;
#[cfg(feature = "redis")]
use crate::redis;

/// The store, and the archive if there is one.
pub struct Places {
    pub store: Arc<dyn Store>,
    pub archive: Option<Arc<dyn Archive>>,
    /// The archive, if it can count.
    pub statistics: Option<Arc<dyn Statistics>>,
}

/// An archive that can count.
pub type Counting = (Arc<dyn Archive>, Arc<dyn Statistics>);

impl Places {
    /// Opens what the command line names.
    pub async fn open(arguments: &Arguments) -> Result<Self, Box<dyn Error>> {
        let choice = arguments.store()?;
        let archive = arguments.archive.clone().unwrap_or_else(|| ArchiveChoice::beside(&choice));
        // What is both is opened once.
        match (&choice, &archive) {
            (StoreChoice::Sqlite(path), ArchiveChoice::Sqlite(same)) if path == same => {
                let file = Arc::new(open(path)?);
                return Ok(Self::counted(file.clone(), (file.clone(), file)));
            }
            #[cfg(feature = "postgres")]
            (StoreChoice::Postgres(url), ArchiveChoice::Postgres(same)) if url == same => {
                let (store, archive) = postgres::both(url, arguments).await?;
                return Ok(Self::counted(store, archive));
            }
            _ => {}
        }
        let store = store(choice, arguments).await?;
        Ok(match archive {
            ArchiveChoice::None => Self { store, archive: None, statistics: None },
            ArchiveChoice::Memory => Self { store, archive: Some(Arc::new(MemoryArchive::new())), statistics: None },
            ArchiveChoice::Sqlite(path) => {
                let file = Arc::new(open(&path)?);
                Self::counted(store, (file.clone(), file))
            }
            #[cfg(feature = "postgres")]
            ArchiveChoice::Postgres(url) => Self::counted(store, postgres::archive(&url, arguments).await?),
            #[cfg(not(feature = "postgres"))]
            ArchiveChoice::Postgres(_) => return Err(WITHOUT_POSTGRES.into()),
        })
    }

    fn counted(store: Arc<dyn Store>, (archive, statistics): Counting) -> Self {
        Self { store, archive: Some(archive), statistics: Some(statistics) }
    }
}

#[cfg(not(feature = "redis"))]
const WITHOUT_REDIS: &str = "this program was built without Redis, which is its feature `redis`: \
     `cargo run --example booking --features redis -- --store redis://…`";

#[cfg(not(feature = "postgres"))]
const WITHOUT_POSTGRES: &str = "this program was built without Postgres, which is its feature `postgres`: \
     `cargo run --example booking --features postgres -- --store postgres://…`";

#[cfg_attr(
    not(any(feature = "postgres", feature = "redis")),
    expect(
        clippy::unused_async,
        unused_variables,
        reason = "only a server is waited for, and spoken to as the arguments say"
    )
)]
async fn store(choice: StoreChoice, arguments: &Arguments) -> Result<Arc<dyn Store>, Box<dyn Error>> {
    Ok(match choice {
        StoreChoice::Memory => Arc::new(MemoryStore::new()),
        StoreChoice::Sqlite(path) => Arc::new(open(&path)?),
        #[cfg(feature = "redis")]
        StoreChoice::Redis(url) => redis::store(&url, arguments).await?,
        #[cfg(not(feature = "redis"))]
        StoreChoice::Redis(_) => return Err(WITHOUT_REDIS.into()),
        #[cfg(feature = "postgres")]
        StoreChoice::Postgres(url) => postgres::store(&url, arguments).await?,
        #[cfg(not(feature = "postgres"))]
        StoreChoice::Postgres(_) => return Err(WITHOUT_POSTGRES.into()),
    })
}

fn open(path: &Path) -> Result<SqliteStore, Box<dyn Error>> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    Ok(SqliteStore::open(path)?)
}
