//! Where conversations are kept, opened as the command line says: [`Places`].

use std::{error::Error, path::Path, sync::Arc};

use flow_core::{Archive, Statistics, Store, StoreError};
use flow_memory::{MemoryArchive, MemoryStore};
use flow_postgres::{ConnectError, PostgresArchive, PostgresStore};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;

use crate::{
    arguments::{ArchiveChoice, Arguments, OutageChoice, StoreChoice},
    screen,
};

/// The store, and the archive if there is one.
pub struct Places {
    pub store: Arc<dyn Store>,
    pub archive: Option<Arc<dyn Archive>>,
    /// The archive, if it can count.
    pub statistics: Option<Arc<dyn Statistics>>,
}

impl Places {
    /// Opens what the command line names.
    pub async fn open(arguments: &Arguments) -> Result<Self, Box<dyn Error>> {
        let choice = arguments.store()?;
        let archive = arguments.archive.clone().unwrap_or_else(|| ArchiveChoice::beside(&choice));
        // One file that is both is opened once.
        if let (StoreChoice::Sqlite(path), ArchiveChoice::Sqlite(same)) = (&choice, &archive)
            && path == same
        {
            let file = Arc::new(open(path)?);
            return Ok(Self { store: file.clone(), archive: Some(file.clone()), statistics: Some(file) });
        }
        let store: Arc<dyn Store> = match choice {
            StoreChoice::Memory => Arc::new(MemoryStore::new()),
            StoreChoice::Sqlite(path) => Arc::new(open(&path)?),
            StoreChoice::Redis(url) => Arc::new(redis(&url, arguments).await?),
            StoreChoice::Postgres(url) => {
                let database = postgres(&url, arguments).await?;
                if archive == ArchiveChoice::Postgres(url) {
                    let archive = Arc::new(database.archive());
                    return Ok(Self {
                        store: Arc::new(database),
                        archive: Some(archive.clone()),
                        statistics: Some(archive),
                    });
                }
                Arc::new(database)
            }
        };
        Ok(match archive {
            ArchiveChoice::None => Self { store, archive: None, statistics: None },
            ArchiveChoice::Memory => Self { store, archive: Some(Arc::new(MemoryArchive::new())), statistics: None },
            ArchiveChoice::Sqlite(path) => {
                let file = Arc::new(open(&path)?);
                Self { store, archive: Some(file.clone()), statistics: Some(file) }
            }
            ArchiveChoice::Postgres(url) => {
                let archive = Arc::new(archive_in_postgres(&url, arguments).await?);
                Self { store, archive: Some(archive.clone()), statistics: Some(archive) }
            }
        })
    }
}

fn open(path: &Path) -> Result<SqliteStore, Box<dyn Error>> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    Ok(SqliteStore::open(path)?)
}

/// Where an outage fails a turn, a server that is away fails the start; otherwise the bot may come first.
async fn redis(url: &str, arguments: &Arguments) -> Result<RedisStore, Box<dyn Error>> {
    let mut builder = RedisStore::builder(url).prefix("booking");
    if let Some(host) = &arguments.plaintext_host {
        builder = builder.allow_plaintext(host);
    }
    if arguments.outage != OutageChoice::Fail {
        return Ok(builder.lazy()?);
    }
    let store = builder.connect().await?;
    for warning in store.health().await?.warnings {
        screen::warn(format_args!("the store: {warning}"));
    }
    Ok(store)
}

/// As with Redis.
async fn postgres(url: &str, arguments: &Arguments) -> Result<PostgresStore, Box<dyn Error>> {
    let mut builder = PostgresStore::builder(url);
    if let Some(host) = &arguments.plaintext_host {
        builder = builder.allow_plaintext(host);
    }
    Ok(if arguments.outage == OutageChoice::Fail { builder.connect().await? } else { builder.lazy()? })
}

/// The start does not wait for an archive that is away, and fails if the archive refuses us.
async fn archive_in_postgres(url: &str, arguments: &Arguments) -> Result<PostgresArchive, Box<dyn Error>> {
    let builder = || match &arguments.plaintext_host {
        Some(host) => PostgresArchive::builder(url).allow_plaintext(host),
        None => PostgresArchive::builder(url),
    };
    match builder().connect().await {
        Err(ConnectError::Server(error @ StoreError::Unavailable(_))) => {
            screen::warn(format_args!("the archive is away, and is waited for: {}", screen::chain(&error)));
            Ok(builder().lazy()?)
        }
        connected => Ok(connected?),
    }
}
