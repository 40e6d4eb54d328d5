//! What has expired goes, a few rows at a time, and leaves its room to others.

use std::{fs, path::Path};

use flow_core::{SessionId, store::Quarantine as _};
use flow_sqlite::{Durability, SqliteStore};
use flow_testkit::ManualClock;
use uuid::Uuid;

use crate::writes::{MINUTE, create, fresh_path, look_at, write};

fn rows(path: &Path) -> u32 {
    look_at(path).query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).expect("a count")
}

#[tokio::test]
async fn a_commit_sweeps_a_few_and_not_all() {
    let ((_folder, path), clock) = (fresh_path(), ManualClock::new());
    let store = SqliteStore::builder(&path).durability(Durability::Relaxed).clock(clock.clone()).open();
    let store = store.expect("a store");
    for _ in 0..100 {
        write(&store, create(SessionId::random()).time_to_live(MINUTE)).await;
    }
    clock.advance(MINUTE);
    write(&store, create(SessionId::random())).await;
    assert_eq!(rows(&path), 100 - 4 + 1);
}

#[tokio::test]
async fn a_file_of_sessions_that_come_and_expire_does_not_grow() {
    let ((_folder, path), clock) = (fresh_path(), ManualClock::new());
    let store = SqliteStore::builder(&path).durability(Durability::Relaxed).clock(clock.clone()).open();
    let store = store.expect("a store");
    let mut lengths = Vec::new();
    for _ in 0..6 {
        for _ in 0..1_000 {
            write(&store, create(SessionId::random()).time_to_live(MINUTE)).await;
            // A hundred are alive at any time.
            clock.advance(MINUTE / 100);
        }
        look_at(&path).pragma_update(None, "wal_checkpoint", "PASSIVE").expect("a checkpoint");
        lengths.push(fs::metadata(&path).expect("a file").len());
    }
    assert!(rows(&path) < 200, "{} rows", rows(&path));
    assert!(lengths[5] < 2 * lengths[1], "{lengths:?}");
}

#[tokio::test]
async fn what_has_outlived_its_time_in_quarantine_goes_without_being_asked_for() {
    let ((_folder, path), clock) = (fresh_path(), ManualClock::new());
    let store = SqliteStore::builder(&path).durability(Durability::Relaxed).clock(clock.clone()).open();
    let (store, id) = (store.expect("a store"), SessionId::random());
    write(&store, create(id)).await;
    let raw = store.raw(id).await.expect("a file").expect("a session");
    assert!(store.put(id, &raw, Uuid::new_v4(), MINUTE).await.expect("a file"));
    let quarantined = || -> String {
        let sql = "SELECT coalesce(group_concat(session || ' ' || flow || ' ' || version), '') FROM quarantine";
        look_at(&path).query_row(sql, [], |row| row.get(0)).expect("a text")
    };
    assert_eq!(quarantined(), format!("{id} booking 1"));
    clock.advance(MINUTE);
    for _ in 0..64 {
        write(&store, create(SessionId::random())).await;
    }
    assert_eq!(quarantined(), "");
}
