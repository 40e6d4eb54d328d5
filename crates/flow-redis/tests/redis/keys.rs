//! What is stored, as any tool sees it.

use std::time::Duration;

use chrono::DateTime;
use flow_core::{SessionId, Store, store::Commit};
use flow_redis::RedisStore;

use crate::{
    server::SERVER,
    writes::{create, follow, write},
};

#[tokio::test]
async fn a_session_is_a_readable_key_that_expires_and_an_entry_in_its_index() {
    let id: SessionId = "3f2a0000-0000-4000-8000-00000000000a".parse().expect("an id");
    let store = RedisStore::builder(&SERVER.url()).prefix("salon:keys").connect().await.expect("a store");
    let wake_at = DateTime::from_timestamp_millis(1_767_225_600_000);
    let lasting = Commit { time_to_live: Some(Duration::from_secs(100)), wake_at, ..create(id) };
    let record = write(&store, lasting).await;
    let key = format!("salon:keys:state:{{3f}}:{id}");
    assert_eq!(SERVER.ask(&["GET", &key]).as_bytes(), &record.bytes()[..]);
    let lifetime: u32 = SERVER.ask(&["PTTL", &key]).parse().expect("a lifetime");
    assert!((90_000..=100_000).contains(&lifetime), "{lifetime}");
    assert_eq!(SERVER.ask(&["ZSCORE", "salon:keys:wake:{3f}", &id.to_string()]), "1767225600000");

    write(&store, follow(id, &record)).await;
    assert_eq!(SERVER.ask(&["PTTL", &key]), "-1");
    assert_eq!(SERVER.ask(&["EXISTS", "salon:keys:wake:{3f}"]), "0");
}

#[tokio::test]
async fn stores_behind_different_prefixes_and_databases_do_not_see_each_other() {
    let id = SessionId::random();
    let apart = |prefix: &str, database| RedisStore::builder(&SERVER.url()).prefix(prefix).database(database).connect();
    let here = apart("apart:a", 0).await.expect("a store");
    write(&here, create(id)).await;
    for (prefix, database) in [("apart:b", 0), ("apart", 0), ("apart:a", 1)] {
        let there = apart(prefix, database).await.expect("a store");
        assert_eq!(there.load(id).await.expect("a load"), None);
        assert_eq!(there.browse(None, 100_000).await.expect("a page").ids, []);
    }
    assert!(here.remove(id).await.expect("a removal"));
}
