//! Turns that are taken in this process's memory, while the store is away and that is wished.

use super::{Course, Taken, TurnRequest, Turns, errands::TurnErrands};
use crate::{
    Flow, SessionId, StoreError,
    engine::{durability::Durability, error::EngineError, keeper::Backing, outcome::Outcome},
    resilience::deadline,
};

impl<F: Flow> Turns<F> {
    /// Whether a turn that did not find its store is taken in memory: while it has time left. What is accepted never is.
    pub(super) fn may_go_on_in_memory(&self, request: &TurnRequest<'_, F>) -> bool {
        self.keeper.goes_on_in_memory() && request.mail().is_none() && !deadline::is_over()
    }

    /// What a turn in memory has to tell: that the session is there alone, unless it is as the store had it. Where the handler
    /// failed now, and its write was sent to the store before and not answered, that may be in place.
    pub(super) fn told_in_memory(&self, id: SessionId, taken: Taken<F>, error: StoreError) -> Taken<F> {
        let Taken { outcome, .. } = taken;
        let outcome = if self.keeper.is_ahead_of_store(id) {
            outcome.in_memory(error)
        } else if outcome.is_failed() && matches!(error, StoreError::Unknown(_)) {
            Outcome { durability: Durability::Unknown, ..outcome }
        } else {
            outcome
        };
        Taken { outcome, known: None }
    }

    pub(super) async fn take_in_memory(
        &self,
        id: SessionId,
        request: &TurnRequest<'_, F>,
        errands: &TurnErrands<'_, F>,
        course: &mut Course,
    ) -> Result<Taken<F>, EngineError> {
        // Taken here, so that no later turn writes over what this one may have stored, and may not take again.
        let memory = Backing::Memory { doubt: self.keeper.take_doubt(id) };
        let stored = self.keeper.read_from(id, memory).await?;
        self.take_rounds(memory, id, stored, request, errands, course).await
    }
}
