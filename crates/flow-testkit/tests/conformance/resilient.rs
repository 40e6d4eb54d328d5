//! What an engine puts around a store keeps what the store promises.

use flow_core::resilience::Resilient;
use flow_memory::MemoryStore;
use flow_testkit::{ManualClock, Subject, store_conformance};

async fn fresh_store() -> Subject {
    let clock = ManualClock::new();
    let store = MemoryStore::builder().clock(clock.clone()).build();
    Subject::on_clock(Resilient::over(store), clock)
}

store_conformance!(fresh_store);
