//! A session to look at: masked for an operator's eyes, or revealed.

use serde_json::{Value, json};

use super::{Session, StateData};
use crate::{Flow, privacy};

impl<F: Flow> Session<F> {
    /// The session for an operator's eyes: every private value masked, and no word of what was said.
    ///
    /// Fails if the state cannot be written as JSON.
    pub fn masked(&self) -> Result<Value, serde_json::Error> {
        Ok(self.view(&privacy::masked(&StateData(&self.state))?, &privacy::masked(&self.shared)?))
    }

    /// The same view with nothing masked: for an operator with a reason to see it, never for a log.
    ///
    /// Fails if the state cannot be written as JSON.
    pub fn revealed(&self) -> Result<Value, serde_json::Error> {
        Ok(self.view(&(F::KEEPING.value)(&self.state)?, &serde_json::to_value(&self.shared)?))
    }

    fn view(&self, data: &Value, shared: &Value) -> Value {
        let mut view = json!({
            "session": self.id,
            "version": self.stamp.version,
            "flow": F::GRAPH.name,
            "current": self.state.name(),
            "data": data,
            "shared": shared,
            "history": self.history,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "expiresAt": self.expires_at,
            "lang": self.language,
            "tries": self.tries,
            "pending": self.todo.pending.len(),
            "setAside": self.todo.set_aside.len(),
            "wakeAt": self.wake_at(),
        });
        if let Some(pause) = &self.pause {
            view["pause"] = json!({ "since": pause.since(), "until": pause.until(), "by": pause.by() });
        }
        if self.said_count() > 0 {
            view["said"] = self.said_count().into();
        }
        view
    }
}
