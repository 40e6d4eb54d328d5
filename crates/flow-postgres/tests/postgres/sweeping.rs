//! What has expired goes, a few rows at a time.

use std::time::Duration;

use flow_core::{SessionId, store::Quarantine as _};
use uuid::Uuid;

use crate::{
    server::{SERVER, in_schema, own_schema, wait_until},
    writes::{create, write},
};

#[tokio::test]
async fn what_has_expired_is_swept_in_steps_while_others_write() {
    let schema = own_schema();
    let store = in_schema(&schema).connect().await.expect("a store");
    let sql = format!(
        "INSERT INTO {schema}.live (id, version, write_id, record, expires_at)
            SELECT gen_random_uuid(), 1, gen_random_uuid(), '', now() - interval '1 s' FROM generate_series(1, 1000)"
    );
    let count = format!("SELECT count(*) FROM {schema}.live");
    SERVER.ask(&sql);
    for _ in 0..63 {
        write(&store, create(SessionId::random())).await;
    }
    assert_eq!(SERVER.ask(&count), "1063", "not by every commit");
    write(&store, create(SessionId::random())).await;
    wait_until(&count, "808").await;
}

#[tokio::test]
async fn what_has_outlived_its_time_in_quarantine_goes_without_being_asked_for() {
    let (schema, id) = (own_schema(), SessionId::random());
    let store = in_schema(&schema).connect().await.expect("a store");
    write(&store, create(id)).await;
    let raw = store.raw(id).await.expect("a server").expect("a session");
    assert!(store.put(id, &raw, Uuid::new_v4(), Duration::from_millis(1)).await.expect("a server"));
    let sql = format!("SELECT session || ' ' || flow || ' ' || version FROM {schema}.quarantine");
    assert_eq!(SERVER.ask(&sql), format!("{id} booking 1"));
    for _ in 0..64 {
        write(&store, create(SessionId::random())).await;
    }
    wait_until(&format!("SELECT count(*) FROM {schema}.quarantine"), "0").await;
}
