//! The server that most tests share, each behind a prefix of its own.

use std::sync::LazyLock;

use flow_core::SessionId;
use flow_proving::RedisServer;
use flow_redis::{RedisStore, RedisStoreBuilder};

pub(crate) static SERVER: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);

/// The shared server, behind a prefix that nobody else has.
pub(crate) fn behind_own_prefix() -> RedisStoreBuilder {
    RedisStore::builder(&SERVER.url()).prefix(format!("test:{}", SessionId::random()))
}

/// A store of one's own on the shared server.
pub(crate) async fn fresh_store() -> RedisStore {
    behind_own_prefix().connect().await.expect("the server takes connections")
}
