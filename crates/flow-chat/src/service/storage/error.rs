//! Why there is no storage: [`StorageError`].

use std::error::Error;

use thiserror::Error;

/// Why a store or an archive cannot be opened. What it is about stands in its `source`, without a password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The store cannot be opened.
    #[error("the store cannot be opened")]
    Store(#[source] Box<dyn Error + Send + Sync>),
    /// The archive cannot be opened.
    #[error("the archive cannot be opened")]
    Archive(#[source] Box<dyn Error + Send + Sync>),
}
