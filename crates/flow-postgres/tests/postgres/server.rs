//! The server that most tests share, each in a schema of its own.

use std::{sync::LazyLock, time::Duration};

use flow_postgres::{PostgresBuilder, PostgresStore};
use flow_servers::PostgresServer;
use uuid::Uuid;

pub(crate) static SERVER: LazyLock<PostgresServer> = LazyLock::new(PostgresServer::start_quick);

/// More than a call may take, on a machine that is busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The name of a schema that nobody else has.
pub(crate) fn own_schema() -> String {
    format!("test_{}", Uuid::new_v4().simple())
}

/// The shared server, with a schema that nobody else has.
pub(crate) fn in_own_schema() -> PostgresBuilder<PostgresStore> {
    let builder = PostgresStore::builder(&SERVER.url("postgres")).schema(own_schema());
    // Dozens of tests run at once, and a password takes its time in a debug build.
    builder.connections(4).connect_deadline(PATIENCE).call_deadline(PATIENCE)
}

/// A store of one's own on the shared server.
pub(crate) async fn fresh_store() -> PostgresStore {
    in_own_schema().connect().await.expect("the server takes connections")
}
