//! Many at once: one transaction for those of one store, one history for the stores of one file.

use std::{collections::BTreeSet, sync::Arc, thread, time::Duration};
#[cfg(target_os = "linux")]
use std::{fs, os::unix::fs::MetadataExt as _, path::Path};

use flow_core::{SessionId, Store, StoreError, store::Verdict};
use flow_sqlite::SqliteStore;

use crate::writes::{create, follow, fresh_path, look_at, write};

#[tokio::test]
async fn writes_that_wait_together_share_a_transaction() {
    let (_folder, path) = fresh_path();
    let store = Arc::new(SqliteStore::open(&path).expect("a store"));
    let blocker = look_at(&path);
    // While another process writes, every other writer waits.
    blocker.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
    let commits: Vec<_> = (0..64)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.commit(create(SessionId::random())).await })
        })
        .collect();
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    blocker.execute_batch("COMMIT").expect("a commit");
    for commit in commits {
        assert_eq!(commit.await.expect("a task").expect("a commit"), Verdict::Done { waiting: 0 });
    }
    // Those that came before the writer began to wait, and all the others.
    assert!(store.transactions() <= 2, "{} transactions", store.transactions());
    assert_eq!(store.browse(None, 100).await.expect("a page").ids.len(), 64);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_on_one_file_share_one_history() {
    let ((_folder, path), id) = (fresh_path(), SessionId::random());
    let open = || Arc::new(SqliteStore::open(&path).expect("a store"));
    let stores = [open(), open()];
    write(&stores[0], create(id)).await;
    let writers = stores.map(|store| {
        tokio::spawn(async move {
            let mut versions = Vec::new();
            while versions.len() < 100 {
                let record = store.load(id, 0).await.expect("a load").record.expect("a record");
                let commit = follow(id, &record);
                let version = commit.record.stamp().version;
                if matches!(store.commit(commit).await.expect("no lock reaches a caller"), Verdict::Done { .. }) {
                    versions.push(version);
                }
            }
            versions
        })
    });
    let mut versions = BTreeSet::new();
    for writer in writers {
        versions.extend(writer.await.expect("a task"));
    }
    assert_eq!(versions, (2..=201).collect());
}

#[test]
fn stores_that_make_a_file_at_the_same_time_make_one() {
    let (_folder, path) = fresh_path();
    let openers: Vec<_> = (0..8)
        .map(|_| {
            thread::spawn({
                let path = path.clone();
                move || SqliteStore::open(path).map(drop)
            })
        })
        .collect();
    for opener in openers {
        opener.join().expect("a thread").expect("a store");
    }
}

#[tokio::test]
async fn a_lock_that_outlasts_the_deadline_is_an_outage_and_passes() {
    let ((_folder, path), id) = (fresh_path(), SessionId::random());
    let store = SqliteStore::builder(&path).deadline(Duration::from_millis(20)).open().expect("a store");
    let record = write(&store, create(id)).await;
    let blocker = look_at(&path);
    blocker.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
    let error = store.commit(follow(id, &record)).await.expect_err("locked");
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert_eq!(store.load(id, 0).await.expect("readers do not wait").record, Some(record.clone()));
    blocker.execute_batch("COMMIT").expect("a commit");
    write(&store, follow(id, &record)).await;
}

/// As the system tells it: to ask SQLite would be to lock anew.
#[cfg(target_os = "linux")]
fn is_locked(path: &Path) -> bool {
    let file = fs::metadata(path).expect("a file").ino();
    fs::read_to_string("/proc/locks").expect("all locks").contains(&format!(":{file} "))
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn opening_a_file_again_leaves_the_locks_of_the_first() {
    let (_folder, path) = fresh_path();
    let store = SqliteStore::open(&path).expect("a store");
    write(&store, create(SessionId::random())).await;
    assert!(is_locked(&path));
    drop(SqliteStore::open(&path).expect("a store"));
    assert!(is_locked(&path), "another process may take itself for the last and tidy up");
}
