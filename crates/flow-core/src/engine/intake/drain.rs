//! Going through an inbox, letter by letter, until it is empty.

use std::sync::Arc;

use tokio::time::sleep;
use tracing::{Instrument, info_span};

use super::{Intake, presence::Presence, under_way::Going};
use crate::{
    Flow, SessionId,
    engine::{
        error::EngineError,
        turn::{Drainer, Left},
    },
};

impl<F: Flow> Intake<F> {
    /// Goes through the inbox of a session whose first letter this process has posted, or that nobody went on with. Where the store
    /// is away for long, the rest is left to a worker.
    pub(super) async fn drain(self: &Arc<Self>, id: SessionId, mut by: Drainer) {
        let _accepting = self.gate.begin_accepting();
        let presence = Presence::of(self, id, by == Drainer::Poster);
        let going = self.under_way.begin();
        let mut tries = 0;
        while let Err(error) = self.go_through(id, &mut by, &presence, &going).await {
            tries += 1;
            if self.gate.is_closed() && by == Drainer::Finder {
                // They are nobody's yet, or another process goes on with them.
                return;
            }
            if self.gate.is_closed() {
                let left = self.turns.leave_letters(id, presence.ends()).await;
                tracing::info!(session = %id, is_told = left.is_ok(), "messages wait for a worker of another process");
                return;
            }
            let may_pass = error.is_passing() || matches!(error, EngineError::Backlog { .. });
            if !may_pass || self.settings.retries.are_used_up(tries) {
                tracing::error!(session = %id, %error, "messages that were accepted wait for a worker");
                presence.gives_back().await;
                return;
            }
            sleep(self.settings.retries.pause_after(tries)).await;
        }
    }

    /// Goes through the inbox of a session that came to a worker, because its poster did not go on.
    pub(in crate::engine) async fn take_over(self: &Arc<Self>, id: SessionId) -> Result<(), EngineError> {
        let (presence, going) = (Presence::of(self, id, false), self.under_way.begin());
        let gone_through = self.go_through(id, &mut Drainer::Successor, &presence, &going).await;
        if gone_through.is_err() {
            // It has to wait, and this process is still here.
            presence.gives_back().await;
        }
        gone_through
    }

    /// Looks after letters that a turn has come upon, in a task of its own: if their process has ended they are handled.
    pub(in crate::engine) fn look_after(self: &Arc<Self>, id: SessionId) {
        let intake = Arc::clone(self);
        let span = info_span!("look after", flow = F::GRAPH.name, session = %id);
        tokio::spawn(async move { intake.drain(id, Drainer::Finder).await }.instrument(span));
    }

    async fn go_through(
        self: &Arc<Self>,
        id: SessionId,
        by: &mut Drainer,
        presence: &Presence<F>,
        going: &Going,
    ) -> Result<(), EngineError> {
        loop {
            let left = self.turns.take_letters(id, *by, presence.is_missed()).await;
            if *by == Drainer::Successor && left.is_ok() {
                *by = Drainer::Worker;
            }
            if *by == Drainer::Finder && (matches!(left, Ok(Left::More)) || presence.would_be_missed()) {
                // It has begun, and is the one that goes on.
                presence.begins();
                *by = Drainer::Poster;
            }
            if left.is_ok() {
                going.goes_on();
            }
            if left? == Left::Nothing {
                presence.ends();
                return Ok(());
            }
        }
    }
}
