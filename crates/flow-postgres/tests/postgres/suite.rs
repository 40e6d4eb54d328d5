//! The suites that every store and every archive passes.

use std::time::Duration;

use flow_testkit::{ArchiveSubject, Subject, archive_conformance, quarantine_conformance, store_conformance};

use crate::server;

async fn fresh_store() -> Subject {
    Subject::in_real_time(server::fresh_store().await, Duration::from_millis(300))
}

store_conformance!(fresh_store);
quarantine_conformance!(fresh_store);

async fn fresh_archive() -> ArchiveSubject {
    ArchiveSubject::new(server::fresh_store().await.archive())
}

archive_conformance!(fresh_archive);
