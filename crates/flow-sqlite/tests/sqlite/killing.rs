//! A process that is killed takes nothing with it that was acknowledged, and leaves nothing half done.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write as _, stdout},
    path::Path,
    process::Stdio,
    sync::Arc,
};

use flow_core::{SessionId, Store};
use flow_sqlite::SqliteStore;
use tokio::task::JoinSet;

use crate::{
    process::{given_path, process},
    writes::{create, follow, fresh_path, look_at, write},
};

/// The process that is killed: writes for ever, and says what was acknowledged.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs for ever, in a process of its own"]
async fn writes_for_ever() {
    let store = Arc::new(SqliteStore::open(given_path()).expect("a store"));
    let mut writers = JoinSet::new();
    for _ in 0..16 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let id = SessionId::random();
            let mut record = write(&store, create(id)).await;
            loop {
                record = write(&store, follow(id, &record)).await;
                // One write, so that no line is cut by another.
                let line = format!("\nwritten {id} {}\n", record.stamp().version);
                stdout().write_all(line.as_bytes()).expect("a reader");
            }
        });
    }
    writers.join_all().await;
}

/// Kills a process after so many acknowledged writes, and gives the last that it told of each session.
fn killed_after(writes: usize, path: &Path) -> HashMap<SessionId, u64> {
    let mut child = process("killing::writes_for_ever", path).stdout(Stdio::piped()).spawn().expect("a process");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let (mut told, mut count) = (HashMap::new(), 0);
    for line in lines.map_while(Result::ok) {
        if let ["written", id, version] = line.split(' ').collect::<Vec<_>>()[..]
            && let (Ok(id), Ok(version)) = (id.parse(), version.parse())
        {
            told.insert(id, version);
            count += 1;
        }
        if count == writes {
            child.kill().expect("a kill");
        }
    }
    child.wait().expect("its end");
    assert!(count >= writes, "the process ended by itself after {count} writes");
    told
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let (_folder, path) = fresh_path();
    for writes in (1..=50).map(|round| 10 * round) {
        let told = killed_after(writes, &path);
        let store = SqliteStore::open(&path).expect("a store");
        for (id, version) in told {
            let record = store.load(id, 0).await.expect("a load").record.expect("a record");
            assert!(record.stamp().version >= version, "acknowledged was {version}, there is {record:?}");
        }
        let file = look_at(&path);
        let sql = "SELECT count(*) FROM sessions WHERE printf('%016X', version) <> hex(substr(record, 3, 8))";
        assert_eq!(file.query_row(sql, [], |row| row.get(0)), Ok(0));
        let sound: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
        assert_eq!(sound, "ok");
    }
}
