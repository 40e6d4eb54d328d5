//! What is opened, and what is left alone.

use std::{fs, path::Path};

use chrono::TimeDelta;
use flow_core::{
    Archive, Prefix, Record, SessionId, Stamp, Store, StoreError, Unreadable,
    archive::{Epoch, Kept},
    store::{Claim, Commit, Expect},
};
use flow_sqlite::{Durability, OpenError, SqliteStore};
use flow_testkit::{ManualClock, conformance::archive::seed};
use rusqlite::{params, types::Value};
use uuid::Uuid;

use crate::writes::{FLOW, MINUTE, create, fresh_path, look_at, write};

/// A record in the form of before the first edition.
fn before(body: &[u8]) -> Record {
    Record::read([&Prefix::of_json(Stamp::first()).bytes()[..], body].concat()).expect("a record")
}

/// Opening fails, and the file stays as it is.
fn refused(path: &Path) -> OpenError {
    let before = fs::read(path).expect("a file");
    let error = SqliteStore::open(path).expect_err("refused");
    assert!(fs::read(path).expect("a file") == before, "the file was changed");
    error
}

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let ((_folder, path), id) = (fresh_path(), SessionId::random());
    let store = SqliteStore::builder(&path).durability(Durability::Relaxed).open().expect("a store");
    let record = write(&store, create(id)).await;
    drop(store);
    assert_eq!(SqliteStore::open(&path).expect("a store").load(id, 0).await.expect("a load").record, Some(record));
    assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("a folder").count(), 1, "the WAL is tidied up");
}

#[test]
fn what_is_no_database_is_refused() {
    let (_folder, path) = fresh_path();
    for content in [&b"x"[..], b"SQLite format 3\0", &[b'x'; 8_192]] {
        fs::write(&path, content).expect("a file");
        assert!(matches!(refused(&path), OpenError::NoDatabase));
    }
}

#[test]
fn the_database_of_something_else_is_refused() {
    let (_folder, path) = fresh_path();
    look_at(&path).execute_batch("CREATE TABLE sessions (id)").expect("a table");
    assert!(matches!(refused(&path), OpenError::Foreign));
    look_at(&path).pragma_update(None, "application_id", 7).expect("a mark");
    assert!(matches!(refused(&path), OpenError::Foreign));
}

#[test]
fn a_newer_schema_is_refused() {
    let (_folder, path) = fresh_path();
    drop(SqliteStore::open(&path).expect("a store"));
    look_at(&path).pragma_update(None, "user_version", 12).expect("a version");
    assert!(matches!(refused(&path), OpenError::Newer { found: 12, known: 11 }));
}

#[tokio::test]
async fn a_newer_schema_that_only_the_wal_tells_is_refused() {
    let (_folder, path) = fresh_path();
    drop(SqliteStore::open(&path).expect("a store"));
    let newer = look_at(&path);
    newer.pragma_update(None, "user_version", 12).expect("a version");
    assert!(matches!(refused(&path), OpenError::Newer { found: 12, known: 11 }));
}

#[tokio::test]
async fn a_file_of_the_first_schema_is_brought_forward_with_what_is_in_it() {
    let ((_folder, path), id) = (fresh_path(), SessionId::random());
    let (old, record) = (look_at(&path), before(br#","flow":"booking","current":"WELCOME"}"#));
    old.execute_batch(include_str!("../../src/schema/1.sql")).expect("the first schema");
    old.pragma_update(None, "application_id", 0x466c_6f77).expect("a mark");
    old.pragma_update(None, "user_version", 1).expect("a version");
    let stamp = (id.to_string(), record.stamp().write_id.to_string(), str::from_utf8(record.bytes()).expect("text"));
    let sql = "INSERT INTO sessions (id, version, write_id, record) VALUES (?1, 1, ?2, ?3)";
    old.execute(sql, stamp).expect("a row");
    drop(old);
    for _ in 0..2 {
        let store = SqliteStore::open(&path).expect("a store");
        assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record.clone()));
        assert_eq!(store.latest(id).await.expect("an archive").archived, None);
    }
}

#[tokio::test]
async fn the_sessions_of_an_older_release_are_woken_for_their_flow() {
    let ((_folder, path), clock) = (fresh_path(), ManualClock::new());
    let old = look_at(&path);
    old.execute_batch(include_str!("../../src/schema/1.sql")).expect("the first schema");
    old.pragma_update(None, "application_id", 0x466c_6f77).expect("a mark");
    old.pragma_update(None, "user_version", 1).expect("a version");
    let insert = |id: SessionId, body: &[u8]| {
        let record = before(body);
        let (write_id, record) = (record.stamp().write_id.to_string(), record.bytes().to_vec());
        let record = String::from_utf8(record).map_or_else(|bytes| Value::Blob(bytes.into_bytes()), Value::Text);
        let sql = "INSERT INTO sessions (id, version, write_id, record, wake_at) VALUES (?1, 1, ?2, ?3, 0)";
        old.execute(sql, params![id.to_string(), write_id, record]).expect("a row");
    };
    let (early, late) = (SessionId::random(), SessionId::random());
    insert(early, br#","flow":"booking"}"#);
    // Neither of these tells its flow, nor holds up the others.
    insert(SessionId::random(), b"}");
    insert(SessionId::random(), b"\xff}");
    let store = SqliteStore::builder(&path).clock(clock.clone()).open().expect("a store");
    // A process of the older release that still runs goes on as it did.
    insert(late, br#","flow":"booking"}"#);
    assert_eq!(store.due(Claim::new("pizza", MINUTE, 10)).await.expect("a claim").ids, []);
    let claimed = store.due(Claim::new("booking", MINUTE, 10)).await.expect("a claim").ids;
    assert!(claimed.len() == 2 && claimed.contains(&early) && claimed.contains(&late), "{claimed:?}");
}

#[tokio::test]
async fn a_file_of_before_the_heartbeat_and_the_quarantine_is_brought_forward_and_takes_both() {
    let (_folder, path) = fresh_path();
    drop(SqliteStore::open(&path).expect("a store"));
    let old = look_at(&path);
    let before =
        "DROP TABLE beats; DROP TABLE forgotten; DROP TABLE quarantine; DROP TABLE letters; DROP TABLE inboxes;
        DROP TABLE said; DROP TABLE epoch; ALTER TABLE tombstones DROP COLUMN epoch; DROP TABLE told";
    old.execute_batch(before).expect("the schema of before");
    old.pragma_update(None, "user_version", 4).expect("a version");
    drop(old);
    let store = SqliteStore::open(&path).expect("a store");
    let heartbeat = store.heartbeat().expect("a store that has it");
    assert_eq!(heartbeat.alive_until(FLOW).await.expect("a time, or none"), None);
    heartbeat.beat(FLOW, MINUTE).await.expect("a beat");
    assert!(heartbeat.alive_until(FLOW).await.expect("a time, or none").is_some());
    assert_eq!(store.due(Claim::new(FLOW, MINUTE, 10)).await.expect("a claim").forgotten, 0);
    let id = SessionId::random();
    write(&store, create(id)).await;
    let quarantine = store.quarantine().expect("a store that has it");
    let raw = quarantine.raw(id).await.expect("a file").expect("a session");
    assert!(quarantine.put(id, &raw, Uuid::new_v4(), MINUTE).await.expect("a file"));
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    let (_folder, path) = fresh_path();
    let store = SqliteStore::open(&path).expect("a store");
    write(&store, create(SessionId::random())).await;
    drop(store);
    let whole = fs::read(&path).expect("a file");
    let mut garbled = whole.clone();
    garbled[100..4_000].fill(b'x');
    for damaged in [&whole[..whole.len() / 2], &garbled] {
        fs::write(&path, damaged).expect("a file");
        assert!(matches!(refused(&path), OpenError::Damaged(_)));
    }
}

#[tokio::test]
async fn a_strange_row_is_told_and_stays_as_it_is() {
    let ((_folder, path), id) = (fresh_path(), SessionId::random());
    let store = SqliteStore::open(&path).expect("a store");
    write(&store, create(id)).await;
    look_at(&path).execute("UPDATE sessions SET record = 'a secret', write_id = 'a secret'", []).expect("an update");
    for error in [store.load(id, 0).await.expect_err("strange"), store.commit(create(id)).await.expect_err("strange")] {
        assert!(matches!(error, StoreError::Unreadable(Unreadable::NotARecord)), "{error:?}");
        assert!(!format!("{error:?}").contains("secret"));
    }
    let record: String = look_at(&path).query_row("SELECT record FROM sessions", [], |row| row.get(0)).expect("a row");
    assert_eq!(record, "a secret");
}

#[tokio::test]
async fn a_record_beside_another_stamp_is_told_as_damage_and_stays_as_it_is() {
    let others = ["version = version + 1", "write_id = '9f1c0000-0000-4000-8000-000000000000'", "write_id = 'no id'"];
    for change in others {
        let ((_folder, path), id) = (fresh_path(), SessionId::random());
        let store = SqliteStore::open(&path).expect("a store");
        let record = write(&store, create(id)).await;
        look_at(&path).execute(&format!("UPDATE sessions SET {change}"), []).expect("an update");
        let next = Record::compose(record.stamp().next(), b"{}");
        let following = Commit::new(id, Expect::At(record.prefix()), next, FLOW, "WELCOME");
        for error in [
            store.load(id, 0).await.expect_err("damage"),
            store.commit(create(id)).await.expect_err("damage"),
            store.commit(following).await.expect_err("damage"),
        ] {
            assert!(matches!(error, StoreError::Unreadable(Unreadable::OtherStamp)), "{error:?}");
        }
        let stored: Vec<u8> =
            look_at(&path).query_row("SELECT record FROM sessions", [], |row| row.get(0)).expect("a row");
        assert_eq!(stored, &record.bytes()[..]);
    }
}

#[test]
fn a_folder_that_is_not_there_cannot_be_reached() {
    let (folder, _) = fresh_path();
    let error = SqliteStore::open(folder.path().join("none/bot.db")).expect_err("no folder");
    assert!(matches!(error, OpenError::Unreachable(_)));
}

#[test]
fn a_file_may_have_any_name() {
    let (folder, _) = fresh_path();
    let path = folder.path().join("where? 100%41 #1 Größe.db");
    for _ in 0..2 {
        drop(SqliteStore::open(&path).expect("a store"));
    }
    assert!(path.exists());
}

#[tokio::test]
async fn a_tombstone_of_before_the_epochs_buries_by_its_time_as_it_did() {
    let ((_folder, path), entry) = (fresh_path(), seed().remove(0));
    drop(SqliteStore::open(&path).expect("a store"));
    let old = look_at(&path);
    let back = "DROP TABLE said; DROP TABLE epoch; ALTER TABLE tombstones DROP COLUMN epoch; DROP TABLE inboxes;
        DROP TABLE letters; DROP TABLE told";
    old.execute_batch(back).expect("the schema of before");
    old.pragma_update(None, "user_version", 6).expect("a version");
    // A millisecond after a whole second.
    let erased_at = entry.since().timestamp_millis() + 1;
    let sql = "INSERT INTO tombstones (session, erased_at, erased_nanos) VALUES (?1, ?2, 1000000)";
    old.execute(sql, params![entry.id.to_string(), erased_at]).expect("a row");
    drop(old);
    let store = SqliteStore::open(&path).expect("a store");
    let epoch = store.latest(entry.id).await.expect("an archive").epoch;
    assert_eq!(epoch, Epoch::first());
    for epoch in [None, Some(epoch)] {
        let early = entry.clone().epoch(epoch);
        assert!(matches!(store.put(&[early]).await.expect("an archive")[..], [Kept::Erased]), "{epoch:?}");
        let mut late = entry.clone().epoch(epoch).steps(Vec::new()).checkpoints(Vec::new());
        late.summary.created_at += TimeDelta::seconds(1);
        assert!(matches!(store.put(&[late]).await.expect("an archive")[..], [Kept::Done]), "{epoch:?}");
    }
    // From the next erasure on it is the epoch that says it.
    store.erase(entry.id, entry.since()).await.expect("an archive");
    let mut late = entry.clone().epoch(epoch).steps(Vec::new()).checkpoints(Vec::new());
    late.summary.created_at += TimeDelta::days(1);
    assert!(matches!(store.put(&[late]).await.expect("an archive")[..], [Kept::Erased]));
    assert!(store.latest(entry.id).await.expect("an archive").epoch > epoch);
}
