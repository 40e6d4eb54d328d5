//! A disk without room.
//!
//! A real one: SQLite meets it when it writes the WAL, where no limit of its own would stop it. To mount a small one takes
//! a namespace, which is anybody's on most machines and root's on some. Where it is nobody's, as in many a container,
//! `/dev/shm` is small.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::Path,
    process::{Command, Output},
};

use flow_core::{
    Record, SessionId, Store, StoreError,
    store::{Commit, Expect},
};
use flow_sqlite::SqliteStore;

use crate::{
    process::{given_path, process},
    writes::{FLOW, create, write},
};

/// No small disk has more.
const ROOM: usize = 256 << 20;

/// Takes all the room that there is.
fn fill(path: &Path) {
    let mut ballast = File::create(path).expect("a file");
    for _ in 0..ROOM / 4_096 {
        if let Err(error) = ballast.write_all(&[0; 4_096]) {
            assert_eq!(error.kind(), ErrorKind::StorageFull);
            return;
        }
    }
    // Not to be left behind, where nobody expects it.
    fs::remove_file(path).expect("a removal");
    panic!("this test needs a small disk: neither may it mount one by `unshare` of util-linux, nor is /dev/shm small");
}

/// The process that has a small disk.
#[tokio::test]
#[ignore = "needs a small disk"]
async fn is_refused_until_there_is_room() {
    let folder = tempfile::tempdir_in(given_path()).expect("a folder");
    let (store, ballast) =
        (SqliteStore::open(folder.path().join("bot.db")).expect("a store"), folder.path().join("full"));
    let (id, body) = (SessionId::random(), vec![b'x'; 10_000]);
    let record = write(&store, create(id)).await;
    let next = Record::compose(record.stamp().next(), &body);
    let commit = Commit::new(id, Expect::At(record.prefix()), next, FLOW, "WELCOME");
    fill(&ballast);
    for _ in 0..3 {
        let error = store.commit(commit.clone()).await.expect_err("no room");
        assert!(matches!(error, StoreError::Full), "{error:?}");
        assert_eq!(store.load(id, 0).await.expect("reads go on").record, Some(record.clone()));
    }
    fs::remove_file(ballast).expect("a removal");
    write(&store, commit).await;
}

fn on(disk: &Path) -> Command {
    process("full::is_refused_until_there_is_room", disk)
}

/// On a disk of its own, if this kind of namespace lets one be mounted.
fn on_a_mount(namespace: &str) -> Option<Output> {
    let folder = tempfile::tempdir().expect("a folder");
    let test = on(folder.path());
    let mut unshare = Command::new("unshare");
    unshare.args([namespace, "sh", "-c", r#"mount -t tmpfs -o size=4m small "$0" && exec "$@""#]).arg(folder.path());
    unshare.arg(test.get_program()).args(test.get_args());
    unshare.envs(test.get_envs().filter_map(|(name, value)| Some((name, value?))));
    unshare.output().ok().filter(|output| !output.stdout.is_empty())
}

#[test]
fn on_a_full_disk_writes_are_refused_until_there_is_room() {
    let output = on_a_mount("-rm").or_else(|| on_a_mount("-m"));
    let output = output.unwrap_or_else(|| on("/dev/shm".as_ref()).output().expect("a process"));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("1 passed"), "{told}{}", String::from_utf8_lossy(&output.stderr));
}
