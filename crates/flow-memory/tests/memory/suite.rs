//! The suite that every store passes.

use flow_memory::MemoryStore;
use flow_testkit::{ManualClock, Subject, store_conformance};

async fn fresh_store() -> Subject {
    let clock = ManualClock::new();
    Subject::on_clock(MemoryStore::builder().clock(clock.clone()).build(), clock)
}

store_conformance!(fresh_store);
