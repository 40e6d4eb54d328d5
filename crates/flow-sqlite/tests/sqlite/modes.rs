//! The modes of the files: their owner alone may read them.
#![cfg(unix)]

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::{Arc, Mutex},
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

/// What is logged while the file is opened.
fn logged_at_opening(path: &Path) -> String {
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("a lock").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, || drop(SqliteStore::open(path).expect("a store")));
    let bytes = lines.0.lock().expect("a lock").clone();
    String::from_utf8(bytes).expect("text")
}

#[test]
fn a_file_that_others_can_read_is_warned_of_each_time_it_is_opened() {
    let (_folder, path) = fresh_path();
    assert_eq!(logged_at_opening(&path), "", "a new file is for its owner alone");
    assert_eq!(logged_at_opening(&path), "");
    for mode in [0o644, 0o640, 0o604, 0o620] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
        let logged = logged_at_opening(&path);
        assert!(logged.contains("WARN") && logged.contains("chmod 600"), "{logged}");
        assert!(logged.contains(&format!("mode={mode:03o}")) && logged.contains("bot.db"), "{logged}");
    }
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("a mode");
    assert_eq!(logged_at_opening(&path), "");
}
