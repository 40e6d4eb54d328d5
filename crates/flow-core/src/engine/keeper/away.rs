//! What need not be begun while the store is away.

use thiserror::Error;

use super::{Backing, Keeper};
use crate::{Flow, store::StoreError};

/// The circuit breaker is open.
#[derive(Clone, Copy, Debug, Error)]
#[error("the store is thought to be down, and is left alone for now")]
struct ThoughtToBeDown;

impl<F: Flow> Keeper<F> {
    /// Fails if nothing can be written there, as far as is known without asking.
    pub(in crate::engine) fn could_write(&self, backing: Backing) -> Result<(), StoreError> {
        if backing == Backing::Store && self.store.is_circuit_open() {
            return Err(StoreError::Unavailable(Box::new(ThoughtToBeDown)));
        }
        Ok(())
    }
}
