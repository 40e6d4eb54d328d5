//! What a server says of itself.

use std::time::Duration;

use chrono::Utc;
use flow_core::{SessionId, Store};
use flow_proving::RedisServer;
use flow_redis::{AppendOnly, RedisStore, ServerRole, Warning};

use crate::writes::{FLOW, create, write};

#[tokio::test]
async fn a_server_that_syncs_every_write_has_no_warnings() {
    let server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let health = RedisStore::connect(&server.url()).await.expect("a store").health().await.expect("its health");
    assert_eq!((health.role, health.append_only), (ServerRole::Master, AppendOnly::Always));
    assert_eq!(health.eviction.as_deref(), Some("noeviction"));
    assert!(["Redis", "Valkey"].iter().any(|name| health.server.starts_with(name)), "{}", health.server);
    assert!(health.round_trip.as_nanos() > 0);
    assert!(health.skew.abs() < chrono::TimeDelta::seconds(1), "the same machine's clock: {}", health.skew);
    assert_eq!(health.warnings, []);
}

#[tokio::test]
async fn settings_that_break_a_promise_are_warned_of_in_plain_words() {
    let server = RedisServer::with(&["--maxmemory-policy", "allkeys-lru"]);
    let store = RedisStore::builder(&server.url()).allow_eviction().connect().await.expect("a store");
    let health = store.health().await.expect("its health");
    assert_eq!(health.warnings, [Warning::Evicting { policy: "allkeys-lru".into() }, Warning::NotDurable]);
    assert_eq!(
        health.warnings[0].to_string(),
        "the server gives up live sessions when its memory is full: set maxmemory-policy to noeviction (it is \
         allkeys-lru)"
    );
    server.ask(&["CONFIG", "SET", "appendonly", "yes"]);
    assert!(store.health().await.expect("its health").warnings.contains(&Warning::LastSecond));
}

#[tokio::test]
async fn a_replica_is_warned_of_and_refuses_writes() {
    let (server, master) = (RedisServer::start(), RedisServer::start());
    server.ask(&["REPLICAOF", "127.0.0.1", &master.port().to_string()]);
    let store = RedisStore::connect(&server.url()).await.expect("a store");
    let health = store.health().await.expect("its health");
    assert_eq!((health.role, &health.warnings[0]), (ServerRole::Replica, &Warning::Replica));
}

#[tokio::test]
async fn what_a_server_keeps_to_itself_is_a_warning_and_no_error() {
    let server = RedisServer::start();
    server.ask(&["ACL", "SETUSER", "default", "-info", "-config"]);
    let store = RedisStore::connect(&server.url()).await.expect("a store");
    let health = store.health().await.expect("its health");
    assert_eq!((health.role, health.append_only, health.eviction), (ServerRole::Unknown, AppendOnly::Unknown, None));
    assert!(health.warnings.iter().all(|warning| matches!(warning, Warning::Silent { .. })));
    assert_eq!(health.warnings.len(), 3);
}

#[tokio::test]
async fn a_flow_whose_sessions_are_overdue_and_that_has_no_worker_is_warned_of() {
    let server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let store = RedisStore::connect(&server.url()).await.expect("a store");
    let warnings = async || store.health().await.expect("its health").warnings;
    write(&store, create(SessionId::random()).wake_at(Utc::now() - Duration::from_secs(30))).await;
    assert_eq!(warnings().await, [], "a worker may be starting just now");
    write(&store, create(SessionId::random()).wake_at(Utc::now() - Duration::from_secs(90))).await;
    assert_eq!(warnings().await, [Warning::Unattended { flow: FLOW.into() }]);
    store.heartbeat().expect("it has one").beat(FLOW, Duration::from_secs(90)).await.expect("a beat");
    assert_eq!(warnings().await, []);
}
