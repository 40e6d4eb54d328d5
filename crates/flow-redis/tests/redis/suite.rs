//! The suite that every store passes.

use std::time::Duration;

use flow_testkit::{Subject, quarantine_conformance, store_conformance};

use crate::server;

async fn fresh_store() -> Subject {
    Subject::in_real_time(server::fresh_store().await, Duration::from_millis(300))
}

store_conformance!(fresh_store);
quarantine_conformance!(fresh_store);
