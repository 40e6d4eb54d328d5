//! What has expired goes, a few rows at a time.

use std::time::Duration;

use flow_core::{
    SessionId,
    store::{Commit, Quarantine as _},
};
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    server::{SERVER, in_schema, own_schema, wait_until},
    writes::{create, follow, write},
};

#[tokio::test]
async fn what_has_expired_is_swept_in_steps_while_others_write() {
    let schema = own_schema();
    let store = in_schema(&schema).connect().await.expect("a store");
    let sql = format!(
        "INSERT INTO {schema}.live (id, version, write_id, record, expires_at)
            SELECT gen_random_uuid(), 1, gen_random_uuid(), '', now() - interval '1 s' FROM generate_series(1, 3000)"
    );
    let count = format!("SELECT count(*) FROM {schema}.live");
    SERVER.ask(&sql);
    for _ in 0..511 {
        write(&store, create(SessionId::random())).await;
    }
    assert_eq!(SERVER.ask(&count), "3511", "not by every commit");
    write(&store, create(SessionId::random())).await;
    wait_until(&count, "1464").await;
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
    for _ in 0..512 {
        write(&store, create(SessionId::random())).await;
    }
    wait_until(&format!("SELECT count(*) FROM {schema}.quarantine"), "0").await;
}

#[tokio::test]
async fn a_turn_leaves_the_time_of_the_sweep_as_it_is_but_now_and_then() {
    let (schema, id) = (own_schema(), SessionId::random());
    let store = in_schema(&schema).connect().await.expect("a store");
    let lives = |commit: Commit| commit.time_to_live(Duration::from_secs(30 * 60));
    let mut record = write(&store, lives(create(id))).await;
    let sweep = format!("SELECT sweep_at FROM {schema}.live");
    let mut times = vec![SERVER.ask(&sweep)];
    for _ in 0..20 {
        record = write(&store, lives(follow(id, &record))).await;
        times.push(SERVER.ask(&sweep));
        let is_in_time = "sweep_at BETWEEN expires_at AND expires_at + interval '225 s'";
        assert_eq!(SERVER.ask(&format!("SELECT {is_in_time} FROM {schema}.live")), "t");
    }
    times.dedup();
    assert!(times.len() <= 2, "{times:?}");
    write(&store, follow(id, &record)).await;
    assert_eq!(SERVER.ask(&format!("SELECT sweep_at IS NULL FROM {schema}.live")), "t", "it stays for ever");
}

#[tokio::test]
async fn what_an_older_release_wrote_is_looked_at_once_and_swept_when_it_has_expired() {
    let schema = own_schema();
    let store = in_schema(&schema).connect().await.expect("a store");
    let sql = |expires_at| {
        format!(
            "INSERT INTO {schema}.live (id, version, write_id, record, expires_at)
                VALUES (gen_random_uuid(), 1, gen_random_uuid(), '', {expires_at})"
        )
    };
    for expires_at in ["NULL", "now() + interval '1 h'", "now() + interval '100 ms'"] {
        SERVER.ask(&sql(expires_at));
    }
    let sweeps = async || {
        for _ in 0..512 {
            write(&store, create(SessionId::random()).time_to_live(Duration::from_secs(60 * 60))).await;
        }
    };
    sweeps().await;
    let not_looked_at = format!("SELECT count(*) FROM {schema}.live WHERE sweep_at = '-infinity'");
    wait_until(&not_looked_at, "0").await;
    sleep(Duration::from_millis(100)).await;
    sweeps().await;
    wait_until(&format!("SELECT count(*) FROM {schema}.live WHERE record = ''"), "2").await;
}
