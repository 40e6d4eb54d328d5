//! A disk without room.

use std::{fs, path::Path, process::Command};

use flow_core::{
    Record, SessionId, Stamp, Store, StoreError,
    store::{Commit, Outcome},
};
use flow_sqlite::SqliteStore;

use crate::writes::{create, write};

/// A small file system of its own, gone with the value.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(folder.path()).status();
        assert!(mount.is_ok_and(|status| status.success()), "this test mounts a tmpfs: it needs mount, and root");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_refuses_writes_until_there_is_room() {
    let disk = SmallDisk::new();
    let ballast = disk.path().join("ballast");
    fs::write(&ballast, vec![0; 400 << 10]).expect("room");
    let store = SqliteStore::open(disk.path().join("bot.db")).expect("a store");
    let (id, body) = (SessionId::random(), vec![b'x'; 10_000]);
    let record = write(&store, create(id)).await;
    let fill = || Commit { record: Record::compose(Stamp::first(), &body), ..create(SessionId::random()) };
    let error = loop {
        match store.commit(fill()).await {
            Ok(outcome) => assert_eq!(outcome, Outcome::Done),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full), "{error:?}");
    assert_eq!(store.load(id).await.expect("reads work"), Some(record));
    fs::remove_file(ballast).expect("a removal");
    write(&store, fill()).await;
}
