//! The suite that every store passes.

use flow_sqlite::SqliteStore;
use flow_testkit::{ManualClock, Subject, store_conformance};

async fn fresh_store() -> Subject {
    let (folder, clock) = (tempfile::tempdir().expect("a folder"), ManualClock::new());
    let store = SqliteStore::builder(folder.path().join("bot.db")).clock(clock.clone()).open().expect("a store");
    Subject::on_clock(store, clock).keeping(folder)
}

store_conformance!(fresh_store);
