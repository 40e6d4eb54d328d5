//! What is stored and is no record is told, and stays as it is.

use std::time::Duration;

use flow_core::{
    SessionId, Store, StoreError,
    store::{Claim, Expect},
};
use flow_redis::RedisStore;

use crate::{
    server::SERVER,
    writes::{FLOW, create, follow, told},
};

#[tokio::test]
async fn what_is_no_record_is_told_and_stays_as_it_is() {
    let store = RedisStore::builder(&SERVER.url()).prefix("damage").connect().await.expect("a store");
    for damage in ["", "a secret", r#"{"version":1}"#, r#"{"version":01,"writeId":"#] {
        let id = SessionId::random();
        let text = id.to_string();
        let key = format!("damage:state:{{{}}}:{text}", &text[..2]);
        SERVER.ask(&["SET", &key, damage]);
        let creation = create(id);
        let following = follow(id, &creation.record);
        assert!(matches!(following.expect, Expect::At(_)));
        for error in [
            store.load(id, 0).await.expect_err("no record"),
            store.commit(creation).await.expect_err("no record"),
            store.commit(following).await.expect_err("no record"),
        ] {
            let StoreError::Unreadable(unreadable) = &error else { panic!("{error:?}") };
            assert!(unreadable.is_damage());
            assert!(!told(&error).contains("secret"));
        }
        assert_eq!(SERVER.ask(&["GET", &key]), damage);
    }
}

#[tokio::test]
async fn a_key_of_another_kind_is_told_and_stays_as_it_is() {
    let store = RedisStore::builder(&SERVER.url()).prefix("kind").connect().await.expect("a store");
    let id = SessionId::random();
    let tag = &id.to_string()[..2];
    let (record, wake) = (format!("kind:state:{{{tag}}}:{id}"), format!("kind:wake:{{{tag}}}:{FLOW}"));
    SERVER.ask(&["RPUSH", &record, "a"]);
    assert!(matches!(store.load(id, 0).await, Err(StoreError::Corrupt(_))));
    assert!(matches!(store.commit(create(id)).await, Err(StoreError::Corrupt(_))));
    assert_eq!(SERVER.ask(&["TYPE", &record]), "list");

    SERVER.ask(&["DEL", &record]);
    SERVER.ask(&["SET", &wake, "x"]);
    assert!(matches!(store.commit(create(id)).await, Err(StoreError::Corrupt(_))));
    assert!(matches!(store.due(Claim::new(FLOW, Duration::from_secs(1), 10)).await, Err(StoreError::Corrupt(_))));
    assert_eq!(store.load(id, 0).await.expect("a load").record, None, "nothing was written");
}
