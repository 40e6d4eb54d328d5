//! The archive: [`PostgresArchive`].

use std::{fmt, sync::Arc};

use crate::{ConnectError, PostgresBuilder, builder::Built, database::Database};

/// Keeps sessions for months, in tables and views of a Postgres database that analysts can read.
pub struct PostgresArchive {
    database: Arc<Database>,
}

impl PostgresArchive {
    /// Connects to the server at `url`: `postgres://user:password@host:port/database`. The tables are made if need be.
    ///
    /// Fails as [`PostgresBuilder::connect`] does.
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        Self::builder(url).connect().await
    }

    /// Begins an archive with a schema, deadlines, or connections that are made when they are first needed.
    pub fn builder(url: &str) -> PostgresBuilder<Self> {
        PostgresBuilder::new(url)
    }
}

impl Built for PostgresArchive {
    fn on(database: Arc<Database>) -> Self {
        Self { database }
    }
}

impl fmt::Debug for PostgresArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresArchive").field("database", &self.database).finish()
    }
}
