//! Ends pauses of the bot whose time has passed.

use super::Upkeep;
use crate::{
    Flow,
    clock::after,
    engine::{
        error::EngineError,
        keeper::Known,
        turn::{Taken, TurnRequest},
    },
};

impl<F: Flow> Upkeep<F> {
    /// Takes the turn that ends a pause. If it comes to nothing, it is tried again later.
    pub(super) async fn unpause(&self, known: Known<F>) -> Result<Option<Known<F>>, EngineError> {
        let id = known.session.id();
        match self.turns.take_due(known, TurnRequest::Unpause).await {
            Ok(Taken { outcome, known }) if !outcome.is_failed() => Ok(known),
            // Another turn has ended it, or the session is gone: what is stored tells.
            Err(EngineError::NoSession) => Ok(self.keeper.read(id).await?.known),
            Err(EngineError::Store(error)) => Err(error.into()),
            Err(error @ (EngineError::ShuttingDown | EngineError::Busy(_))) => Err(error),
            Ok(_) | Err(_) => {
                let retries = &self.settings.retries;
                let put_off = self.keeper.amend(id, |session, now| {
                    session.put_pause_end_off(|tries| after(now, retries.pause_after(tries)).unwrap_or(now))
                });
                Ok(put_off.await?.known())
            }
        }
    }
}
