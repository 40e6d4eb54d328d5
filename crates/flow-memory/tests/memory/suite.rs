//! The suites that every store and every archive passes.

use flow_memory::{MemoryArchive, MemoryStore};
use flow_testkit::{
    ArchiveSubject, ManualClock, Subject, archive_conformance, quarantine_conformance, store_conformance,
};

async fn fresh_store() -> Subject {
    let clock = ManualClock::new();
    Subject::on_clock(MemoryStore::builder().clock(clock.clone()).build(), clock)
}

store_conformance!(fresh_store);
quarantine_conformance!(fresh_store);

async fn fresh_archive() -> ArchiveSubject {
    ArchiveSubject::new(MemoryArchive::new())
}

archive_conformance!(fresh_archive);
