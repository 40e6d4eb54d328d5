//! Where conversations are kept: [`Place`].

use std::sync::Arc;

use flow_core::Store;
use flow_postgres::PostgresStore;
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use tempfile::TempDir;

/// A store, with the server or the folder that it has for itself.
pub struct Place {
    pub name: String,
    pub url: String,
    _kept: Kept,
}

#[allow(dead_code, reason = "kept until it is dropped")]
enum Kept {
    Folder(TempDir),
    Redis(RedisServer),
    Postgres(PostgresServer),
    Elsewhere,
}

impl Place {
    /// One of this name, made anew, or the one that this URL names. Each keeps what it has acknowledged, on disk.
    pub fn of(name: &str) -> Self {
        let (name, url, kept) = match name {
            "sqlite" => {
                // Beside this program: where other files go may be no disk.
                let program = std::env::current_exe().expect("this program");
                let folder = tempfile::tempdir_in(program.parent().expect("a folder")).expect("a folder");
                ("SQLite", format!("sqlite:{}", folder.path().join("bot.db").display()), Kept::Folder(folder))
            }
            "redis" => {
                let server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
                ("Redis", server.url(), Kept::Redis(server))
            }
            "postgres" => {
                let server = PostgresServer::start();
                ("Postgres", server.url("postgres"), Kept::Postgres(server))
            }
            url => (url.split_once(':').map_or(url, |(scheme, _)| scheme), url.to_owned(), Kept::Elsewhere),
        };
        Self { name: name.into(), url, _kept: kept }
    }

    pub async fn store(&self) -> Arc<dyn Store> {
        store(&self.url).await
    }
}

/// The store that this URL names.
pub async fn store(url: &str) -> Arc<dyn Store> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        Arc::new(SqliteStore::open(path).expect("a file"))
    } else if url.starts_with("redis") {
        Arc::new(RedisStore::connect(url).await.expect("a Redis"))
    } else {
        Arc::new(PostgresStore::builder(url).connect().await.expect("a Postgres"))
    }
}
