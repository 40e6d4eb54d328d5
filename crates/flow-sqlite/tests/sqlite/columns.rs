//! Any SQLite tool can read the file while the bot runs.

use flow_core::{
    Clock, Record, SessionId, Stamp, Store,
    store::{Commit, Expect, Loaded, Verdict},
};
use flow_sqlite::SqliteStore;
use flow_testkit::ManualClock;

use crate::writes::{FLOW, MINUTE, create, fresh_path, look_at, write};

#[tokio::test]
async fn a_row_tells_what_the_record_says() {
    let ((_folder, path), clock, id) = (fresh_path(), ManualClock::new(), SessionId::random());
    let store = SqliteStore::builder(&path).clock(clock.clone()).open().expect("a store");
    let now = clock.now();
    let record = write(&store, create(id).time_to_live(MINUTE).wake_at(now)).await;
    let sql = "SELECT id, version, write_id, state, expires_at, wake_at FROM sessions";
    let row: (String, i64, String, String, i64, i64) =
        look_at(&path).query_row(sql, [], |row| row.try_into()).expect("a row");
    let (write_id, now) = (record.stamp().write_id.to_string(), now.timestamp_millis());
    assert_eq!(row, (id.to_string(), 1, write_id, "WELCOME".into(), now + 60_000, now));
}

#[tokio::test]
async fn every_record_is_a_blob() {
    let (_folder, path) = fresh_path();
    let store = SqliteStore::open(&path).expect("a store");
    for body in [&b"{}"[..], b"{\"current\":7}", b"}\0", b"\xff}"] {
        let id = SessionId::random();
        let record = Record::compose(Stamp::first(), body);
        write(&store, Commit::new(id, Expect::Absent, record.clone(), FLOW, "WELCOME")).await;
        let sql = "SELECT typeof(record), flow, state FROM sessions WHERE id = ?1";
        let row = look_at(&path).query_row(sql, [id.to_string()], |row| row.try_into());
        // What the commit says, whether the record can be read here or not.
        assert_eq!(row, Ok(("blob".to_owned(), FLOW.to_owned(), "WELCOME".to_owned())));
        assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record));
    }
}

#[tokio::test]
async fn the_highest_versions_are_told_apart() {
    let ((_folder, path), id) = (fresh_path(), SessionId::random());
    let store = SqliteStore::open(&path).expect("a store");
    let stamp = |version| Stamp { version, ..Stamp::first() };
    for pair in [(1 << 53, (1 << 53) + 1), (u64::MAX - 1, u64::MAX)] {
        let (low, high) = (stamp(pair.0), Stamp { version: pair.1, ..stamp(pair.0) });
        let low = Stamp { write_id: high.write_id, ..low };
        let record =
            write(&store, Commit::new(id, Expect::Absent, Record::compose(high, b"{}"), FLOW, "WELCOME")).await;
        let commit = Commit::new(id, Expect::At(low.into()), Record::compose(low.next(), b"{}"), FLOW, "WELCOME");
        // The next of the lower one has the number of what is stored, but another write id.
        let verdict = store.commit(commit).await.expect("a commit");
        assert!(matches!(verdict, Verdict::Conflict(Loaded { record: Some(stored), .. }) if stored == record));
        assert!(store.remove(id).await.expect("a removal"));
    }
}
