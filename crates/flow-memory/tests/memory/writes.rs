//! Commits of records whose length is given, so that a test can count.

use std::time::Duration;

use flow_core::{
    Prefix, Record, SessionId, Stamp, Store, StoreError,
    store::{Commit, Expect, Verdict},
};
use flow_memory::MemoryStore;

pub(crate) const FLOW: &str = "booking";

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// The first record of a session, `length` bytes long.
pub(crate) fn create(id: SessionId, length: usize) -> Commit {
    let record = compose(Stamp::first(), length);
    Commit::new(id, Expect::Absent, record, FLOW, "WELCOME")
}

/// The record after `record`, `length` bytes long.
pub(crate) fn follow(id: SessionId, record: &Record, length: usize) -> Commit {
    let stamp = record.stamp();
    Commit::new(id, Expect::At(record.prefix()), compose(stamp.next(), length), FLOW, "WELCOME")
}

pub(crate) fn for_a_minute(commit: Commit) -> Commit {
    commit.time_to_live(MINUTE)
}

/// Of the form of before the first edition, whose records can be shorter.
fn compose(stamp: Stamp, length: usize) -> Record {
    let mut bytes = Prefix::of_json(stamp).bytes();
    bytes.resize(length, b'x');
    Record::read(bytes).expect("a record")
}

/// Writes the commit, and gives its record.
pub(crate) async fn write(store: &MemoryStore, commit: Commit) -> Result<Record, StoreError> {
    let record = commit.record.clone();
    assert_eq!(store.commit(commit).await?, Verdict::Done { waiting: 0 });
    Ok(record)
}

/// Creates a session of 100 bytes.
pub(crate) async fn fill(store: &MemoryStore) -> (SessionId, Record) {
    let id = SessionId::random();
    (id, write(store, create(id, 100)).await.expect("room for a session"))
}
