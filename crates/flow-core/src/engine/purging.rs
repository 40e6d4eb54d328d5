//! Archived sessions are forgotten by their age.

use std::time::Duration;

use chrono::TimeDelta;

use super::{Engine, EngineError};
use crate::Flow;

impl<F: Flow> Engine<F> {
    /// Forgets the archived sessions whose last turn is longer ago than `age` by the store's time, a few at a time, so that
    /// traffic goes on. Tells how many they were.
    ///
    /// Fails with [`EngineError::NoArchive`] without an archive. If it fails on the way, what was forgotten is forgotten.
    pub async fn purge(&self, age: Duration) -> Result<usize, EngineError> {
        let archivist = self.rooms.archivist.as_ref().ok_or(EngineError::NoArchive)?;
        let sessions = archivist.purge(TimeDelta::from_std(age).unwrap_or(TimeDelta::MAX)).await?;
        tracing::info!(sessions, "archived sessions were purged");
        Ok(sessions)
    }
}
