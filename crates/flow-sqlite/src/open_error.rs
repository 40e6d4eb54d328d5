//! Why a file could not be opened: [`OpenError`].

use rusqlite::{Error, ErrorCode};
use thiserror::Error;

use crate::sqlite_failure::SqliteFailure;

/// Why a file could not be opened. It is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file cannot be read, written or made.
    #[error("the file of the store cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The file is no SQLite database.
    #[error("the file is no SQLite database")]
    NoDatabase,
    /// The file is a database, but not one of this store.
    #[error("the file is a database of something else")]
    Foreign,
    /// A newer release of this store has written the file.
    #[error("the file has schema {found}, and this release knows no schema above {known}")]
    Newer {
        /// The schema of the file.
        found: u32,
        /// The newest schema that this release can read.
        known: u32,
    },
    /// The file is damaged.
    #[error("the file of the store is damaged")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The error of an opening that SQLite refused. No `From`, which would put rusqlite's types into our API.
pub(crate) fn unopened(error: Error) -> OpenError {
    let failure = SqliteFailure::from(error);
    match failure.kind() {
        ErrorCode::NotADatabase => OpenError::NoDatabase,
        ErrorCode::DatabaseCorrupt => OpenError::Damaged(Box::new(failure)),
        _ => OpenError::Unreachable(Box::new(failure)),
    }
}
