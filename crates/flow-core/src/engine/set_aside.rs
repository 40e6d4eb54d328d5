//! What could not be delivered, in an operator's hands.

use super::{Engine, EngineError};
use crate::{Flow, SessionId};

impl<F: Flow> Engine<F> {
    /// Has what was set aside delivered again, before anything else that is pending, and tells how much it was.
    ///
    /// A session that the archive refused is offered to it once more.
    pub async fn retry(&self, id: SessionId) -> Result<usize, EngineError> {
        let mut count = 0;
        let amended = self.0.amend(id, |session| {
            let todo = &mut session.todo;
            count = todo.set_aside.len();
            let mut pending: Vec<_> = todo.set_aside.drain(..).map(|set_aside| set_aside.pending).collect();
            pending.append(&mut todo.pending);
            todo.pending = pending;
            if count > 0 {
                todo.delivery = None;
            }
            count > 0 || self.0.archive.is_some()
        });
        amended.await?;
        Ok(count)
    }

    /// Forgets what was set aside, and tells how much it was.
    pub async fn dismiss(&self, id: SessionId) -> Result<usize, EngineError> {
        let mut count = 0;
        let amended = self.0.amend(id, |session| {
            count = session.todo.set_aside.len();
            session.todo.set_aside.clear();
            count > 0
        });
        amended.await?;
        Ok(count)
    }
}
