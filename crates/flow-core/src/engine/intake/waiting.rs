//! What waits in an inbox, for people: how many messages, and which.

use serde_json::Value;

use crate::{
    Flow, SessionId,
    engine::{Engine, error::EngineError},
};

/// How many messages are counted, or shown: no inbox has room for more, unless its bound was lowered.
const MOST: usize = 10_000;

impl<F: Flow> Engine<F> {
    /// How many accepted messages wait for their turn.
    pub async fn waiting(&self, id: SessionId) -> Result<usize, EngineError> {
        Ok(self.rooms.keeper.letters(id, MOST).await?.len())
    }

    /// The messages that wait, as they are stored.
    pub(in crate::engine) async fn waiting_messages(&self, id: SessionId) -> Result<Vec<Value>, EngineError> {
        let letters = self.rooms.keeper.letters(id, MOST).await?;
        let shown = letters.iter().map(|letter| {
            let text = || Value::String(String::from_utf8_lossy(&letter.body).into_owned());
            serde_json::from_slice(&letter.body).unwrap_or_else(|_| text())
        });
        Ok(shown.collect())
    }
}
