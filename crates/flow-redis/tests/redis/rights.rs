//! The user with the least rights, as the crate's README has it.

use std::{collections::BTreeSet, sync::LazyLock, time::Duration};

use chrono::Utc;
use flow_core::{
    SessionId, Store, StoreError,
    store::{Claim, Letter, Post, Posted},
};
use flow_proving::RedisServer;
use flow_redis::{RedisStore, RedisStoreBuilder};
use flow_testkit::{Subject, quarantine_conformance, store_conformance};

use crate::writes::{FLOW, create, follow, write};

/// The words of the README's line, for stores behind a prefix that begins with `test:`.
pub(crate) fn rights() -> Vec<&'static str> {
    let readme = include_str!("../../README.md");
    let line = readme.lines().find(|line| line.starts_with("ACL SETUSER flow ")).expect("the line");
    let in_tests = |word: &'static str| match word {
        "~state:*" => "~test:*:state:*",
        "~inbox:*" => "~test:*:inbox:*",
        "~wake:*" => "~test:*:wake:*",
        "&told*" => "&test:*:told*",
        word => word,
    };
    line.split(' ').map(in_tests).collect()
}

fn server() -> RedisServer {
    let server = RedisServer::start();
    assert_eq!(server.ask(&rights()), "OK");
    server
}

static SERVER: LazyLock<RedisServer> = LazyLock::new(server);

fn as_user(server: &RedisServer) -> RedisStoreBuilder {
    let prefix = format!("test:{}", SessionId::random());
    RedisStore::builder(&server.url()).user("flow").password("password").prefix(prefix)
}

async fn fresh_store() -> Subject {
    let prefix = format!("test:{}", SessionId::random());
    let connect = async || as_user(&SERVER).prefix(prefix.as_str()).connect().await.expect("the user may connect");
    Subject::in_real_time(connect().await, Duration::from_millis(300)).with_another_handle(connect().await)
}

store_conformance!(fresh_store);
quarantine_conformance!(fresh_store);

#[tokio::test]
async fn the_user_has_no_right_that_is_not_used() {
    let server = server();
    let store = as_user(&server).connect().await.expect("the user may connect");
    let _listener = store.changes().expect("a store that has it").listen().await.expect("the user may listen");
    let (id, now) = (SessionId::random(), Utc::now() - Duration::from_secs(1));
    let waking = create(id).time_to_live(Duration::from_secs(60)).wake_at(now);
    let record = write(&store, waking).await;
    assert_eq!(store.due(Claim::new(FLOW, Duration::from_secs(1), 1)).await.expect("due").ids, [id]);
    let letter = Letter::new([7; 16], &b"hello"[..]);
    assert_eq!(store.post(Post::new(id, FLOW, letter, Duration::from_secs(1))).await.expect("a post"), Posted::First);
    write(&store, follow(id, &record).takes([[7; 16]])).await;
    store.load(id, 1).await.expect("a load");
    store.browse(None, 10).await.expect("a page");
    assert!(store.remove(id).await.expect("a removal"));
    let heartbeat = store.heartbeat().expect("a store that has it");
    heartbeat.beat(FLOW, Duration::from_secs(60)).await.expect("a beat");
    heartbeat.alive_until(FLOW).await.expect("a time").expect("alive");
    assert_eq!(store.health().await.expect("its health").warnings.len(), 1);

    // `cmdstat_zadd:calls=…`, `cmdstat_config|get:calls=…`
    let statistics = server.ask(&["INFO", "commandstats"]);
    let used = statistics.lines().filter_map(|line| line.strip_prefix("cmdstat_")?.split(':').next());
    // What the tests themselves, and logging in, ask.
    let ours = ["acl|setuser", "ping", "info", "auth", "hello"];
    let used: BTreeSet<_> = used.filter(|command| !ours.contains(command)).chain(["info"]).collect();
    let allowed: BTreeSet<_> = rights().into_iter().filter_map(|word| word.strip_prefix('+')).collect();
    assert_eq!(used, allowed);
}

#[tokio::test]
async fn a_right_that_is_missing_is_told_as_such() {
    let server = server();
    let store = as_user(&server).connect().await.expect("the user may connect");
    server.ask(&["ACL", "SETUSER", "flow", "-set"]);
    let error = store.commit(create(SessionId::random())).await.expect_err("no right to write");
    assert!(matches!(error, StoreError::Denied(_)), "{error:?}");
    server.ask(&["ACL", "SETUSER", "flow", "-get"]);
    assert!(matches!(store.load(SessionId::random(), 0).await, Err(StoreError::Denied(_))));
    server.ask(&["ACL", "SETUSER", "flow", "-zrangebyscore"]);
    assert!(matches!(store.due(Claim::new(FLOW, Duration::from_secs(1), 10)).await, Err(StoreError::Denied(_))));
}

#[tokio::test]
async fn without_the_right_to_listen_or_to_tell_that_is_told_and_all_else_is_done() {
    for missing in ["resetchannels", "-publish", "-subscribe"] {
        let server = server();
        let store = as_user(&server).connect().await.expect("the user may connect");
        server.ask(&["ACL", "SETUSER", "flow", missing]);
        let error = store.changes().expect("a store that has it").listen().await.err().expect("no right to");
        assert!(matches!(error, StoreError::Denied(_)), "{missing}: {error:?}");
        let id = SessionId::random();
        let record = write(&store, create(id).told(true)).await;
        let record = write(&store, follow(id, &record).told(true)).await;
        assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record), "{missing}");
        assert!(store.remove(id).await.expect("a removal"), "{missing}");
    }
}
