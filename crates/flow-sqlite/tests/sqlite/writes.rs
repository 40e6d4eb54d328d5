//! Files in a folder of their own, and commits to them.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use flow_core::{
    Record, SessionId, Stamp, Store,
    store::{Commit, Expect, Verdict},
};
use flow_sqlite::SqliteStore;
use rusqlite::Connection;
use tempfile::TempDir;

pub(crate) const FLOW: &str = "booking";

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// A folder, and the path of a file in it that is not there yet.
pub(crate) fn fresh_path() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bot.db");
    (folder, path)
}

/// The file as any tool sees it.
pub(crate) fn look_at(path: &Path) -> Connection {
    Connection::open(path).expect("a database")
}

/// The first record of a session.
pub(crate) fn create(id: SessionId) -> Commit {
    let record = Record::compose(Stamp::first(), br#"{"current":"WELCOME"}"#);
    Commit::new(id, Expect::Absent, record, FLOW, "WELCOME")
}

/// The record after `record`.
pub(crate) fn follow(id: SessionId, record: &Record) -> Commit {
    let stamp = record.stamp();
    Commit::new(id, Expect::At(record.prefix()), Record::compose(stamp.next(), b"{}"), FLOW, "WELCOME")
}

/// Writes the commit, and gives its record.
pub(crate) async fn write(store: &SqliteStore, commit: Commit) -> Record {
    let record = commit.record.clone();
    assert_eq!(store.commit(commit).await.expect("a commit"), Verdict::Done { waiting: 0 });
    record
}
