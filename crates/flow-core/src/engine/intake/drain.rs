//! Going through an inbox, letter by letter, until it is empty.

use tokio::time::sleep;

use super::Intake;
use crate::{
    Flow, SessionId,
    engine::{
        error::EngineError,
        turn::{Drainer, Left},
    },
};

impl<F: Flow> Intake<F> {
    /// Goes through the inbox of a session whose first letter this process has posted. Where the store is away for long, the rest is
    /// left to a worker.
    pub(super) async fn drain(&self, id: SessionId) {
        let _accepting = self.gate.begin_accepting();
        let mut tries = 0;
        while let Err(error) = self.go_through(id, Drainer::Poster).await {
            tries += 1;
            if self.gate.is_closed() {
                let left = self.turns.leave_letters(id).await;
                tracing::info!(session = %id, is_told = left.is_ok(), "messages wait for a worker of another process");
                return;
            }
            let may_pass = error.is_passing() || matches!(error, EngineError::Backlog { .. });
            if !may_pass || self.settings.retries.are_used_up(tries) {
                tracing::error!(session = %id, %error, "messages that were accepted wait for a worker");
                return;
            }
            sleep(self.settings.retries.pause_after(tries)).await;
        }
    }

    /// Goes through the inbox of a session that came to a worker, because its poster did not go on.
    pub(in crate::engine) async fn take_over(&self, id: SessionId) -> Result<(), EngineError> {
        self.go_through(id, Drainer::Successor).await
    }

    async fn go_through(&self, id: SessionId, mut by: Drainer) -> Result<(), EngineError> {
        while self.turns.take_letters(id, by).await? == Left::More {
            if by == Drainer::Successor {
                by = Drainer::Worker;
            }
        }
        Ok(())
    }
}
