//! That sessions have changed: [`Changes`], an optional power of a store.

use async_trait::async_trait;

use super::StoreError;
use crate::SessionId;

/// Tells whoever listens that a session has changed.
#[async_trait]
pub trait Changes: Send + Sync {
    /// Begins to listen: what is written from now on is told.
    async fn listen(&self) -> Result<Box<dyn Listener>, StoreError>;
}

/// Hears of changes.
#[async_trait]
pub trait Listener: Send {
    /// Waits for the next change.
    async fn next(&mut self) -> Result<Changed, StoreError>;
}

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Changed {
    /// This session has changed.
    Session(SessionId),
    /// Something may have been missed.
    Perhaps,
}
