//! Who may read the files.
#![cfg(unix)]

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use flow_core::SessionId;
use flow_sqlite::SqliteStore;

use crate::writes::{create, fresh_path, write};

/// The modes of all files beside `path`, by their names.
fn modes(path: &Path) -> Vec<(String, u32)> {
    let mut modes: Vec<_> = fs::read_dir(path.parent().expect("a folder"))
        .expect("a folder")
        .map(|entry| entry.expect("a file"))
        .map(|entry| (entry.file_name().into_string().expect("a name"), entry.metadata().expect("a file")))
        .map(|(name, metadata)| (name, metadata.permissions().mode() & 0o777))
        .collect();
    modes.sort();
    modes
}

fn all_of(mode: u32) -> Vec<(String, u32)> {
    ["bot.db", "bot.db-shm", "bot.db-wal"].map(|name| (name.to_owned(), mode)).into()
}

#[tokio::test]
async fn a_new_file_is_for_its_owner_alone() {
    let (_folder, path) = fresh_path();
    let store = SqliteStore::open(&path).expect("a store");
    write(&store, create(SessionId::random())).await;
    assert_eq!(modes(&path), all_of(0o600));
}

#[tokio::test]
async fn a_file_that_is_there_keeps_its_mode() {
    let (_folder, path) = fresh_path();
    drop(SqliteStore::open(&path).expect("a store"));
    fs::set_permissions(&path, Permissions::from_mode(0o664)).expect("a mode");
    let store = SqliteStore::open(&path).expect("a store");
    write(&store, create(SessionId::random())).await;
    assert_eq!(modes(&path), all_of(0o664));
}

#[test]
fn a_link_to_a_file_to_come_is_followed() {
    let (folder, path) = fresh_path();
    let target = folder.path().join("kept.db");
    std::os::unix::fs::symlink(&target, &path).expect("a link");
    drop(SqliteStore::open(&path).expect("a store"));
    assert_eq!(fs::metadata(&target).expect("a file").permissions().mode() & 0o777, 0o600);
}
