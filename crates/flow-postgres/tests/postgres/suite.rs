//! The suites that every store and every archive passes.

use std::time::Duration;

use flow_testkit::{ArchiveSubject, Subject, archive_conformance, quarantine_conformance, store_conformance};

use crate::server::{self, in_schema, own_schema};

async fn fresh_store() -> Subject {
    let schema = own_schema();
    let connect = async || in_schema(&schema).connect().await.expect("the server takes connections");
    Subject::in_real_time(connect().await, Duration::from_millis(300)).with_another_handle(connect().await)
}

store_conformance!(fresh_store);
quarantine_conformance!(fresh_store);

async fn fresh_archive() -> ArchiveSubject {
    ArchiveSubject::new(server::fresh_store().await.archive())
}

archive_conformance!(fresh_archive);
