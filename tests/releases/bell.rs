//! Another release of the press, which has nothing to do outside but to ring.

use flow_core::{Flow, Key, Result, Step, Turn};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a page is written on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    /// What is written.
    pub pages: Value,
}

/// A press that cannot print.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "press", shared = Book, effects(Ring))]
pub enum Bell {
    /// Goes round for ever.
    #[state(start, ask = "What?", endless, to(Begin))]
    Begin,
}

/// Rings.
#[derive(Debug)]
pub struct Sexton;

impl BellHandler for Sexton {
    async fn begin(&self, _: bell::Begin, turn: Turn<'_, bell::Begin>) -> Step<bell::Begin> {
        turn.to(bell::Begin)
    }

    async fn deliver_ring(&self, _: Key) -> Result<()> {
        Ok(())
    }
}
