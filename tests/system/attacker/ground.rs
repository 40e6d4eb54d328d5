//! Where the shop is attacked: a real store, which the attacker can also reach behind.

use std::{
    future::Future,
    sync::{Arc, LazyLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{Clock, Deadlines, Engine, EngineBuilder, SessionId, Store, SystemClock};
use flow_memory::MemoryStore;
use flow_postgres::PostgresStore;
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use futures_util::future::join_all;
use tempfile::TempDir;

use super::shop::Shop;
use crate::courier::RunningClock;

/// The name of the shop's sessions in a store.
pub(crate) const FLOW: &str = "besieged_shop";

/// So long may a call take where the machine is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

static REDIS: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);
static POSTGRES: LazyLock<PostgresServer> = LazyLock::new(PostgresServer::start_quick);

/// A store with nobody else's sessions in it.
pub(crate) struct Ground {
    pub(crate) name: &'static str,
    pub(crate) store: Arc<dyn Store>,
    pub(super) behind: Behind,
    clock: Arc<dyn Clock>,
    deadlines: Deadlines,
}

/// The way to the bytes.
pub(super) enum Behind {
    /// There is none.
    None,
    Sqlite(TempDir),
    /// Keys with this prefix.
    Redis(&'static RedisServer, String),
    /// Tables in this schema.
    Postgres(&'static PostgresServer, String),
}

impl Ground {
    pub(super) fn over(name: &'static str, store: impl Store + 'static, behind: Behind) -> Self {
        // A busy machine is no reason to give a call up.
        let deadlines = Deadlines::default().store(PATIENCE);
        Self { name, store: Arc::new(store), behind, clock: Arc::new(SystemClock), deadlines }
    }

    /// Memory, with a time that is the test's own, and with the deadlines that an engine has by itself.
    pub(crate) fn in_virtual_time() -> Self {
        let clock = RunningClock::new();
        let store = MemoryStore::builder().clock(clock).build();
        Self { clock: Arc::new(clock), deadlines: Deadlines::default(), ..Self::over("memory", store, Behind::None) }
    }

    pub(crate) fn memory() -> Self {
        Self::over("memory", MemoryStore::new(), Behind::None)
    }

    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::builder(folder.path().join("shop.db")).deadline(PATIENCE).open().expect("a store");
        Self::over("SQLite", store, Behind::Sqlite(folder))
    }

    pub(crate) async fn redis() -> Self {
        let prefix = name();
        let store = redis_at(&REDIS.url(), &prefix).await;
        Self::over("Redis", store, Behind::Redis(&REDIS, prefix))
    }

    pub(crate) async fn postgres() -> Self {
        let schema = name();
        let builder = PostgresStore::builder(&POSTGRES.url("postgres")).schema(&schema);
        let store = builder.connect_deadline(PATIENCE).call_deadline(PATIENCE).connect().await.expect("a store");
        Self::over("Postgres", store, Behind::Postgres(&POSTGRES, schema))
    }

    /// Those whose bytes lie outside of this process.
    pub(crate) async fn with_bytes() -> Vec<Self> {
        vec![Self::sqlite(), Self::redis().await, Self::postgres().await]
    }

    /// Attacks every store at the same time.
    pub(crate) async fn on_each<A: Future<Output = ()>>(attack: impl Fn(Self) -> A) {
        let mut grounds = Self::with_bytes().await;
        grounds.push(Self::memory());
        join_all(grounds.into_iter().map(attack)).await;
    }

    /// An engine on a machine whose clock is right.
    pub(crate) fn engine(&self, builder: EngineBuilder<Shop>) -> Engine<Shop> {
        self.engine_at(builder, TimeDelta::zero())
    }

    /// An engine on a machine whose clock is so far ahead of the store's.
    pub(crate) fn engine_at(&self, builder: EngineBuilder<Shop>, ahead: TimeDelta) -> Engine<Shop> {
        let clock = Ahead { from: Arc::clone(&self.clock), by: ahead };
        builder.deadlines(self.deadlines.clone()).clock(clock).store(Arc::clone(&self.store))
    }

    /// Whether there are bytes to be reached past every engine.
    pub(crate) fn has_bytes(&self) -> bool {
        !matches!(self.behind, Behind::None)
    }

    /// The same place on the command line of the booking bot; none for what another process cannot reach.
    pub(crate) fn argument(&self) -> Option<String> {
        match &self.behind {
            Behind::None => None,
            Behind::Sqlite(folder) => Some(format!("sqlite:{}", folder.path().join("shop.db").display())),
            Behind::Redis(server, _) => Some(server.url()),
            Behind::Postgres(server, _) => Some(server.url("postgres")),
        }
    }

    /// Whether anything is stored of the session.
    pub(crate) async fn has(&self, id: SessionId) -> bool {
        self.store.load(id, 0).await.expect("the store answers").record.is_some()
    }
}

/// A store on this server, for keys with this prefix.
pub(crate) async fn redis_at(url: &str, prefix: &str) -> RedisStore {
    let builder = RedisStore::builder(url).prefix(prefix).connect_deadline(PATIENCE).call_deadline(PATIENCE);
    builder.connect().await.expect("a store")
}

/// A name that nothing else on the server has.
fn name() -> String {
    format!("attacked_{}", SessionId::random().to_string().replace('-', ""))
}

/// The clock of a machine that is so far ahead of another.
struct Ahead {
    from: Arc<dyn Clock>,
    by: TimeDelta,
}

impl Clock for Ahead {
    fn now(&self) -> DateTime<Utc> {
        self.from.now() + self.by
    }
}
