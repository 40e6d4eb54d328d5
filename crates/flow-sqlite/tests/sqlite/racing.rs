//! Two processes on one session.

use std::{
    io::{BufRead, BufReader, Write as _, stdin, stdout},
    process::{Child, Stdio},
};

use flow_core::{SessionId, Store, store::Verdict};
use flow_sqlite::SqliteStore;

use crate::{
    process::{given_path, process},
    writes::{create, follow, fresh_path, write},
};

const WRITES: u64 = 500;

/// The process that races: says that it is ready, waits for the end of its input, and tells the versions that it wrote.
#[tokio::test]
#[ignore = "needs a rival, and a process of its own"]
async fn writes_in_a_race() {
    let store = SqliteStore::open(given_path()).expect("a store");
    let id = store.browse(None, 1).await.expect("a page").ids[0];
    stdout().write_all(b"\nready\n").expect("a reader");
    stdin().read_line(&mut String::new()).expect("an end");
    let mut written = 0;
    while written < WRITES {
        let record = store.load(id, 0).await.expect("a load").record.expect("a record");
        let commit = follow(id, &record);
        let version = commit.record.stamp().version;
        if matches!(store.commit(commit).await.expect("no lock reaches a caller"), Verdict::Done { .. }) {
            stdout().write_all(format!("\nwrote {version}\n").as_bytes()).expect("a reader");
            written += 1;
        }
    }
}

/// What comes out of a process, line by line.
fn lines(process: &mut Child) -> impl Iterator<Item = String> + use<> {
    BufReader::new(process.stdout.take().expect("its output")).lines().map_while(Result::ok)
}

#[tokio::test]
async fn each_version_is_written_by_one_of_two_processes() {
    let ((_folder, path), id) = (fresh_path(), SessionId::random());
    let store = SqliteStore::open(&path).expect("a store");
    write(&store, create(id)).await;
    let mut racers = [(); 2].map(|()| {
        let mut racer = process("racing::writes_in_a_race", &path);
        let mut racer = racer.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a process");
        let mut lines = lines(&mut racer);
        assert!(lines.any(|line| line == "ready"));
        (racer, lines)
    });
    for (racer, _) in &mut racers {
        racer.stdin.take();
    }
    let mut versions = Vec::new();
    for (mut racer, lines) in racers {
        versions.extend(lines.filter_map(|line| line.strip_prefix("wrote ")?.parse::<u64>().ok()));
        assert!(racer.wait().expect("its end").success());
    }
    versions.sort_unstable();
    assert_eq!(versions, (2..=2 * WRITES + 1).collect::<Vec<_>>());
}
