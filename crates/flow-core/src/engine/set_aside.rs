//! What could not be delivered, in an operator's hands.

use super::{Engine, EngineError};
use crate::{Flow, SessionId};

impl<F: Flow> Engine<F> {
    /// Has what was set aside delivered again, before anything else that is pending and not under way, and tells how much
    /// it was.
    ///
    /// A session that the archive refused is offered to it once more.
    pub async fn retry(&self, id: SessionId) -> Result<usize, EngineError> {
        let mut count = 0;
        let amended = self.0.amend(id, |session| {
            let todo = &mut session.todo;
            count = todo.set_aside.len();
            // Who is at the first of what is pending comes to an end, or the two would deliver at once.
            let is_claimed = todo.delivery.is_some_and(|delivery| delivery.is_claimed);
            let place = usize::from(is_claimed);
            let set_aside = todo.set_aside.drain(..).map(|set_aside| set_aside.pending);
            todo.pending.splice(place..place, set_aside);
            if count > 0 && !is_claimed {
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
