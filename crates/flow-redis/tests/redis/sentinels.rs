//! A master that sentinels watch over, and another in its place.

use std::time::{Duration, Instant};

use flow_core::{SessionId, Store, StoreError, resilience::Resilient, store::Verdict};
use flow_proving::{RedisServer, Sentinels};
use flow_redis::{ConnectError, RedisStore};

use crate::writes::{create, follow, told, write};

fn url(sentinels: &Sentinels) -> String {
    let url = sentinels.url().replace("://", "://:secret@");
    // The first of them has long been gone.
    format!("{}?sentinel_password=watchword", url.replace('@', "@127.0.0.1:1,"))
}

#[tokio::test]
async fn sentinel_failover_is_followed() {
    let mut sentinels = Sentinels::start("secret", "watchword");
    let builder = RedisStore::builder(&url(&sentinels)).call_deadline(Duration::from_secs(15));
    let confirmed = builder.replicas(1, Duration::from_secs(10)).connect().await.expect("a store");
    let id = SessionId::random();
    let mut record = write(&confirmed, create(id)).await;
    let store = RedisStore::connect(&url(&sentinels)).await.expect("a store");
    let store = Resilient::over(store);
    sentinels.servers[0].kill();
    let began = Instant::now();
    let mut attempts = 0;
    while attempts < 1_000 {
        attempts += 1;
        match store.commit(follow(id, &record)).await {
            Ok(Verdict::Done { .. }) => break,
            Ok(Verdict::Conflict(stored)) => record = stored.record.expect("it was there before"),
            Err(error) => assert!(error.is_outage(), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("from the kill to the next write: {:?}, {attempts} tries", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(20));
    let record = store.load(id, 0).await.expect("a load").record.expect("a record");
    assert!(record.stamp().version >= 2);

    // The old master comes back, is made a replica, and nobody follows it.
    sentinels.servers[0].start_again();
    for _ in 0..100 {
        write(&store, create(SessionId::random())).await;
    }
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record));
}

#[tokio::test]
async fn what_the_sentinels_do_not_know_is_told() {
    let sentinels = Sentinels::start("secret", "watchword");
    for (url, expected) in [
        (url(&sentinels).replace("/salon", "/pizza"), "know of no master by this name"),
        (url(&sentinels).replace("watchword", "wr0ng"), "refuses the user or the password"),
        (url(&sentinels).replace("secret", "wr0ng"), "refuses the user or the password"),
        ("redis+sentinel://127.0.0.1:1,127.0.0.1:2/salon".to_owned(), "cannot be reached"),
    ] {
        let Err(ConnectError::Server(error)) = RedisStore::connect(&url).await else { panic!("{expected}") };
        assert!(matches!(error, StoreError::Unavailable(_) | StoreError::Denied(_)));
        assert!(told(&error).contains(expected) && !told(&error).contains("wr0ng"), "{}", told(&error));
    }
}

#[tokio::test]
async fn a_write_that_no_replica_confirms_is_applied_and_told_as_not_replicated() {
    let (master, replica) = (RedisServer::start(), RedisServer::start());
    replica.ask(&["REPLICAOF", "127.0.0.1", &master.port().to_string()]);
    let builder = RedisStore::builder(&master.url()).call_deadline(Duration::from_secs(20));
    let patient = builder.replicas(1, Duration::from_secs(15)).connect().await.expect("a store");
    let id = SessionId::random();
    let first = write(&patient, create(id)).await;

    replica.pause();
    let builder = RedisStore::builder(&master.url()).replicas(1, Duration::from_millis(50));
    let store = builder.connect().await.expect("a store");
    let following = follow(id, &first);
    let error = store.commit(following.clone()).await.expect_err("nobody confirms it");
    assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
    assert!(told(&error).contains("applied, not replicated: 0 of 1 replicas"), "{}", told(&error));
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(following.record.clone()));
    replica.resume();
    assert_eq!(patient.commit(following).await.expect("confirmed now"), Verdict::Done { waiting: 0 });
}
