//! What is archived is in the file, and any SQLite tool can read it.

use flow_core::{
    Archive, StoreError, Unreadable,
    archive::{Entry, Kept},
};
use flow_sqlite::SqliteStore;
use flow_testkit::{ManualClock, conformance::archive::seed};

use crate::writes::{fresh_path, look_at};

/// The seeded session that ends, with a checkpoint.
fn booked() -> Entry {
    seed().remove(0)
}

async fn put(store: &SqliteStore, entries: &[Entry]) -> Vec<Kept> {
    store.put(entries).await.expect("an archive")
}

#[tokio::test]
async fn what_was_archived_is_there_after_opening_again() {
    let ((_folder, path), entry) = (fresh_path(), booked());
    put(&SqliteStore::open(&path).expect("a store"), std::slice::from_ref(&entry)).await;
    let store = SqliteStore::open(&path).expect("a store");
    assert_eq!(store.latest(entry.id).await.expect("an archive").archived.expect("a session").record, entry.record);
    assert_eq!(store.history(entry.id, 0, 9).await.expect("an archive"), entry.steps);
    assert_eq!(store.checkpoints(entry.id).await.expect("an archive"), entry.checkpoints);
}

#[tokio::test]
async fn a_row_tells_what_the_summary_says() {
    let ((_folder, path), entry, clock) = (fresh_path(), booked(), ManualClock::new());
    let store = SqliteStore::builder(&path).clock(clock).open().expect("a store");
    put(&store, std::slice::from_ref(&entry)).await;
    let sql =
        "SELECT json_object('session', session, 'flow', flow || ' ' || flow_version, 'state', state, 'status', status,
            'guest', data ->> 'guest', 'steps', steps, 'record', hex(substr(record, 1, 2)), 'archived', archived_at,
            'times', json_array(created_at, updated_at, expires_at)) FROM archived_sessions";
    let row: String = look_at(&path).query_row(sql, [], |row| row.get(0)).expect("a row");
    insta::assert_snapshot!(row);
}

#[tokio::test]
async fn a_row_tells_what_the_step_says() {
    let (_folder, path) = fresh_path();
    put(&SqliteStore::open(&path).expect("a store"), &[booked()]).await;
    let sql = "SELECT group_concat(concat_ws(' ', number, conversation, from_state, to_state, cause, place, is_end,
            datetime(taken_at / 1000, 'unixepoch')), char(10)) FROM transitions";
    let rows: String = look_at(&path).query_row(sql, [], |row| row.get(0)).expect("rows");
    insta::assert_snapshot!(rows);
}

#[tokio::test]
async fn strange_rows_are_told_and_hold_up_nobody_else() {
    let ((_folder, path), entries) = (fresh_path(), seed());
    let store = SqliteStore::open(&path).expect("a store");
    put(&store, &entries[..2]).await;
    for table in ["archived_sessions SET write_id", "archived_sessions SET record", "transitions SET cause"] {
        look_at(&path).execute(&format!("UPDATE {table} = 'a secret'"), []).expect("an update");
    }
    look_at(&path).execute("UPDATE checkpoints SET data = 'a secret'", []).expect("an update");
    let id = entries[0].id;
    let told = [
        store.latest(id).await.expect_err("strange"),
        store.history(id, 0, 1).await.expect_err("strange"),
        store.checkpoints(id).await.expect_err("strange"),
    ];
    for error in told {
        let is_told = matches!(error, StoreError::Corrupt(_) | StoreError::Unreadable(Unreadable::NotARecord));
        assert!(is_told && !format!("{error:?}").contains("secret"), "{error:?}");
    }
    let verdicts = put(&store, &entries[1..4]).await;
    assert!(matches!(verdicts[..], [Kept::Refused(_), Kept::Done, Kept::Done]), "{verdicts:?}");
}
