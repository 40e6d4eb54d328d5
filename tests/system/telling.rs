//! What one process writes, another one hears of within a second, in every store.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use flow_core::{
    Record, SessionId, Stamp, Store,
    resilience::Resilient,
    store::{Changed, Commit, Expect, Verdict},
};
use flow_memory::MemoryStore;
use flow_postgres::PostgresStore;
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use tokio::{task::JoinSet, time::timeout};

const COMMITS: usize = 500;

/// So many write at once.
const WRITERS: usize = 10;

/// What a commit, or a connection, may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(10);

const A_SECOND: Duration = Duration::from_secs(1);

/// Writes through the one handle, and hears through the other, as an engine has it.
async fn all_is_heard_within_a_second(name: &str, ours: Arc<dyn Store>, theirs: impl Store + 'static) {
    let theirs = Resilient::over(theirs);
    let mut listener = theirs.changes().expect("a store that has it").listen().await.expect("a listener");
    let hearing = tokio::spawn(async move {
        let mut heard = HashMap::new();
        while heard.len() < COMMITS {
            match timeout(PATIENCE, listener.next()).await.expect("something is heard").expect("the store is there") {
                Changed::Session(id) => drop(heard.entry(id).or_insert_with(Instant::now)),
                other => panic!("{other:?}, though nothing went wrong"),
            }
        }
        heard
    });
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let store = Arc::clone(&ours);
        writers.spawn(async move {
            let mut written = Vec::new();
            for _ in 0..COMMITS / WRITERS {
                let (id, record) = (SessionId::random(), Record::compose(Stamp::first(), b"{}"));
                let commit = Commit::new(id, Expect::Absent, record, "booking", "WELCOME").told(true);
                assert_eq!(store.commit(commit).await.expect("a commit"), Verdict::Done { waiting: 0 });
                written.push((id, Instant::now()));
            }
            written
        });
    }
    let written: Vec<_> = writers.join_all().await.into_iter().flatten().collect();
    let heard = hearing.await.expect("everything is heard");
    let mut waits: Vec<_> = written.iter().map(|(id, at)| heard[id].saturating_duration_since(*at)).collect();
    waits.sort_unstable();
    let (median, most, longest) = (waits[COMMITS / 2], waits[COMMITS * 99 / 100], waits[COMMITS - 1]);
    println!("{name}: {COMMITS} commits were heard after {median:?} (median), {most:?} (99 %), {longest:?} (the last)");
    assert!(longest < A_SECOND, "{name}: {longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_memory_all_is_heard_within_a_second() {
    let store = Arc::new(MemoryStore::new());
    all_is_heard_within_a_second("memory", Arc::clone(&store) as _, store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_file_all_is_heard_within_a_second() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || SqliteStore::open(folder.path().join("bot.db")).expect("a store");
    all_is_heard_within_a_second("SQLite", Arc::new(open()), open()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_redis_all_is_heard_within_a_second() {
    let server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let connect = async || {
        let builder = RedisStore::builder(&server.url()).connect_deadline(PATIENCE).call_deadline(PATIENCE);
        builder.connect().await.expect("a store")
    };
    all_is_heard_within_a_second("Redis", Arc::new(connect().await), connect().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_postgres_all_is_heard_within_a_second() {
    let server = PostgresServer::start();
    let connect = async || {
        let builder = PostgresStore::builder(&server.url("postgres")).connect_deadline(PATIENCE);
        builder.call_deadline(PATIENCE).connect().await.expect("a store")
    };
    all_is_heard_within_a_second("Postgres", Arc::new(connect().await), connect().await).await;
}
