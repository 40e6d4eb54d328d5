//! The server that most tests share, each in a schema of its own.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use flow_postgres::{PostgresBuilder, PostgresStore};
use flow_proving::PostgresServer;
use uuid::Uuid;

pub(crate) static SERVER: LazyLock<PostgresServer> = LazyLock::new(PostgresServer::start_quick);

/// More than a call may take, on a machine that is busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The name of a schema that nobody else has.
pub(crate) fn own_schema() -> String {
    format!("test_{}", Uuid::new_v4().simple())
}

/// The shared server, with this schema.
pub(crate) fn in_schema(schema: &str) -> PostgresBuilder<PostgresStore> {
    let builder = PostgresStore::builder(&SERVER.url("postgres")).schema(schema);
    // Dozens of tests run at once, and a password takes its time in a debug build.
    builder.connections(4).connect_deadline(PATIENCE).call_deadline(PATIENCE)
}

/// A store of one's own on the shared server.
pub(crate) async fn fresh_store() -> PostgresStore {
    in_schema(&own_schema()).connect().await.expect("the server takes connections")
}

/// Waits until a question to the shared server is answered so.
pub(crate) async fn wait_until(sql: &str, answer: &str) {
    let began = Instant::now();
    while SERVER.ask(sql) != answer {
        assert!(began.elapsed() < PATIENCE, "it takes too long until {sql} gives {answer}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
