//! How fast one worker follows with the archive: sessions a second, from a Redis into each archive.
//!
//! `cargo bench -p flow-bench --bench archiving`, with `redis-server` and `postgresql` installed.

mod conversation;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use flow_core::{Archival, Archive, SessionId};
use flow_memory::MemoryArchive;
use flow_postgres::PostgresArchive;
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;

use conversation::{Host, Talk};

const SESSIONS: u32 = 10_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (redis, postgres) = (RedisServer::start(), PostgresServer::start());
    let folder = tempfile::tempdir()?;
    let sqlite = SqliteStore::open(folder.path().join("archive.db"))?;
    let database = PostgresArchive::connect(&postgres.url("postgres")).await?;
    let archives: [(&str, Arc<dyn Archive>); 3] =
        [("memory", Arc::new(MemoryArchive::new())), ("SQLite", Arc::new(sqlite)), ("Postgres", Arc::new(database))];
    for (name, archive) in archives {
        let store = RedisStore::builder(&redis.url()).prefix(name).connect().await?;
        let engine = Talk::engine(Host)
            .archival(Archival::default().interval(Duration::ZERO))
            .archive(Arc::clone(&archive))
            .store(store);
        for _ in 0..SESSIONS {
            engine.handle(SessionId::random(), "hello").await?;
        }
        // What was written this very millisecond is due in the next.
        tokio::time::sleep(Duration::from_millis(2)).await;
        let began = Instant::now();
        engine.worker().look().await?;
        let (took, stats) = (began.elapsed().as_secs_f64(), engine.stats());
        assert_eq!(stats.archived, u64::from(SESSIONS));
        let rate = f64::from(SESSIONS) / took;
        println!(
            "{name}: {rate:.0} sessions/s in {} runs, the longest {:?}",
            stats.archive.runs, stats.archive.longest_run
        );
    }
    Ok(())
}
