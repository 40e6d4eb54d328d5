//! A session to look at: masked for an operator's eyes, or revealed.

use serde_json::{Error, Value, json};

use super::{Frame, Session};
use crate::{
    Flow,
    declare::{AnyShared, AnyState},
};

impl<F: Flow> Session<F> {
    /// The session for an operator's eyes: every private value masked, and no word of what was said.
    ///
    /// Fails if the state cannot be written as JSON.
    pub fn masked(&self) -> Result<Value, Error> {
        self.view(AnyState::masked, AnyShared::masked)
    }

    /// The same view with nothing masked: for an operator with a reason to see it, never for a log.
    ///
    /// Fails if the state cannot be written as JSON.
    pub fn revealed(&self) -> Result<Value, Error> {
        self.view(AnyState::value, AnyShared::value)
    }

    fn view(
        &self,
        state: impl Fn(&dyn AnyState) -> Result<Value, Error>,
        shared: impl Fn(&dyn AnyShared) -> Result<Value, Error>,
    ) -> Result<Value, Error> {
        let mut view = json!({
            "session": self.parts.id,
            "version": self.parts.stamp.version,
            "flow": F::GRAPH.name,
            "current": self.parts.state.name(),
            "data": state(&self.parts.state)?,
            "shared": shared(&self.parts.shared)?,
            "history": self.history(),
            "createdAt": self.parts.created_at,
            "updatedAt": self.parts.updated_at,
            "expiresAt": self.parts.expires_at,
            "lang": self.parts.language,
            "tries": self.tries(),
            "pending": self.parts.todo.pending.len(),
            "setAside": self.parts.todo.set_aside.len(),
            "wakeAt": self.wake_at(),
        });
        let frame = |frame: &Frame| {
            let shared = frame.shared.as_deref().map(&shared).transpose()?;
            let (flow, current) = (frame.kind.graph.name, frame.state.name());
            Ok(
                json!({ "flow": flow, "why": frame.why, "current": current, "data": state(&*frame.state)?, "shared": shared }),
            )
        };
        if !self.parts.frames.is_empty() {
            view["standing"] = self.standing().into();
            view["stack"] = self.parts.frames.iter().map(frame).collect::<Result<Vec<_>, Error>>()?.into();
        }
        if let Some(pause) = &self.parts.pause {
            view["pause"] = json!({ "since": pause.since(), "until": pause.until(), "by": pause.by() });
        }
        if self.said_count() > 0 {
            view["said"] = self.said_count().into();
        }
        Ok(view)
    }
}
