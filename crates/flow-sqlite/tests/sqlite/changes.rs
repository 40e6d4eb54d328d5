//! What is heard of a file that several processes share, and what that costs.

use std::time::{Duration, Instant};

use flow_core::{
    SessionId, Store,
    store::{Changed, Listener},
};
use flow_sqlite::SqliteStore;
use tokio::time::timeout;

use crate::{
    process::{given_path, process},
    writes::{create, follow, fresh_path, look_at, write},
};

/// More than anything takes here, on a machine that is busy with other things.
const AT_MOST: Duration = Duration::from_secs(30);

async fn listen(store: &SqliteStore) -> Box<dyn Listener> {
    store.changes().expect("a store that has it").listen().await.expect("a listener")
}

async fn next(listener: &mut dyn Listener) -> Changed {
    timeout(AT_MOST, listener.next()).await.expect("something is heard").expect("the file can be read")
}

#[tokio::test]
async fn what_another_process_writes_is_heard_within_a_second() {
    let (_folder, path) = fresh_path();
    let store = SqliteStore::open(&path).expect("a store");
    let mut listener = listen(&store).await;
    let began = Instant::now();
    let status = tokio::task::spawn_blocking(move || process("changes::writes_one_session", &path).status());
    let changed = next(&mut *listener).await;
    // With the start of the process.
    println!("heard after {:?}", began.elapsed());
    let Changed::Session(id) = changed else { panic!("{changed:?}") };
    assert!(store.load(id, 0).await.expect("a load").record.is_some());
    assert!(status.await.expect("a thread").expect("a process").success());
}

#[tokio::test]
#[ignore = "it is the process of another test"]
async fn writes_one_session() {
    let store = SqliteStore::open(given_path()).expect("a store");
    write(&store, create(SessionId::random()).told(true)).await;
}

#[tokio::test]
async fn rows_that_are_gone_may_have_been_missed_and_then_all_is_heard() {
    let (_folder, path) = fresh_path();
    let store = SqliteStore::open(&path).expect("a store");
    let (mut listener, id) = (listen(&store).await, SessionId::random());
    write(&store, create(id).told(true)).await;
    assert_eq!(next(&mut *listener).await, Changed::Session(id));
    look_at(&path).execute("DELETE FROM told", []).expect("another program empties the table");
    assert_eq!(next(&mut *listener).await, Changed::Perhaps);
    let id = SessionId::random();
    write(&store, create(id).told(true)).await;
    assert_eq!(next(&mut *listener).await, Changed::Session(id));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_and_when_it_can_something_may_have_been_missed() {
    let (_folder, path) = fresh_path();
    let store = SqliteStore::open(&path).expect("a store");
    let mut listener = listen(&store).await;
    let other = look_at(&path);
    other.execute("ALTER TABLE told RENAME TO mislaid", []).expect("another program does as it likes");
    let told = timeout(AT_MOST, listener.next()).await.expect("that nothing is heard is told");
    told.expect_err("nothing is heard");
    other.execute("ALTER TABLE mislaid RENAME TO told", []).expect("it changes its mind");
    assert_eq!(next(&mut *listener).await, Changed::Perhaps);
    let id = SessionId::random();
    write(&store, create(id).told(true)).await;
    assert_eq!(next(&mut *listener).await, Changed::Session(id));
}

#[tokio::test]
async fn what_is_not_told_leaves_no_row_and_what_is_not_more_than_some() {
    let (_folder, path) = fresh_path();
    let store = SqliteStore::builder(&path).durability(flow_sqlite::Durability::Relaxed).open().expect("a store");
    let file = look_at(&path);
    let rows = || file.query_row("SELECT count(*) FROM told", [], |row| row.get::<_, u32>(0)).expect("a count");
    let id = SessionId::random();
    let record = write(&store, create(id)).await;
    write(&store, follow(id, &record)).await;
    assert!(store.remove(id).await.expect("a removal"));
    assert_eq!(rows(), 0);
    write(&store, create(SessionId::random()).told(true)).await;
    assert_eq!(rows(), 1);
    for _ in 0..1_300 {
        write(&store, create(SessionId::random()).told(true)).await;
    }
    assert!((1_000..1_100).contains(&rows()), "{}", rows());
}

#[tokio::test]
async fn the_end_of_the_store_is_the_end_of_its_listeners_and_the_file_is_tidy() {
    let (folder, path) = fresh_path();
    let store = SqliteStore::open(&path).expect("a store");
    let mut listener = listen(&store).await;
    write(&store, create(SessionId::random())).await;
    drop(store);
    listener.next().await.expect_err("the store is no more");
    let files: Vec<_> = folder.path().read_dir().expect("a folder").map(|file| file.expect("a file").path()).collect();
    assert_eq!(files, [path], "no listener keeps the file open");
}
