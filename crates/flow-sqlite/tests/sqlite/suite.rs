//! The suites that every store and every archive passes.

use flow_sqlite::SqliteStore;
use flow_testkit::{
    ArchiveSubject, ManualClock, Subject, archive_conformance, quarantine_conformance, store_conformance,
};

async fn fresh_store() -> Subject {
    let (folder, clock) = (tempfile::tempdir().expect("a folder"), ManualClock::new());
    let path = folder.path().join("bot.db");
    let open = || SqliteStore::builder(&path).clock(clock.clone()).open().expect("a store");
    Subject::on_clock(open(), clock.clone()).with_another_handle(open()).keeping(folder)
}

store_conformance!(fresh_store);
quarantine_conformance!(fresh_store);

async fn fresh_archive() -> ArchiveSubject {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(folder.path().join("bot.db")).expect("a store");
    ArchiveSubject::new(store).keeping(folder)
}

archive_conformance!(fresh_archive);
