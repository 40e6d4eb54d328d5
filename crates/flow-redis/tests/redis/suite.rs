//! The suite that every store passes.

use std::time::Duration;

use flow_core::SessionId;
use flow_redis::RedisStore;
use flow_testkit::{Subject, quarantine_conformance, store_conformance};

use crate::server::SERVER;

async fn fresh_store() -> Subject {
    let prefix = format!("test:{}", SessionId::random());
    let connect = async || {
        let builder = RedisStore::builder(&SERVER.url()).prefix(prefix.as_str());
        builder.connect().await.expect("the server takes connections")
    };
    Subject::in_real_time(connect().await, Duration::from_millis(300)).with_another_handle(connect().await)
}

store_conformance!(fresh_store);
quarantine_conformance!(fresh_store);
