//! What runs turns: the [`Engine`].

mod amend;
mod answer;
mod archiving;
mod builder;
mod calls;
mod caught;
mod courtesy;
mod decide;
mod deliver;
mod desk;
mod draft;
mod entry;
mod erase;
mod error;
mod gate;
mod handing_back;
mod handler;
mod hooks;
mod joining;
mod measure;
mod outcome;
mod plan;
mod report;
mod set_aside;
mod settings;
mod shelter;
mod shelves;
mod stats;
mod take;
mod wake;
mod worker;

use std::{fmt, sync::Arc, time::Duration};

use lockable::LockPool;
use serde_json::Value;
use tracing::{Instrument, info_span};

use crate::{Clock, Flow, Input, Message, Session, SessionId, Signal, resilience::Resilient};

pub use builder::EngineBuilder;
pub use caught::Panicked;
pub use error::{Busy, EngineError};
pub use outcome::{Opened, Outcome, OutcomeKind};
pub use settings::{Outage, Phrases, Resume};
pub use stats::{ArchiveStats, Stats};
pub use worker::Worker;

use decide::Request;
use desk::Desk;
use gate::Gate;
use handler::Handler;
use hooks::Hooks;
use settings::Settings;
use shelter::Shelter;
use shelves::Shelves;
use stats::Counters;

/// Runs the turns of a flow over a store. Clones share everything.
pub struct Engine<F: Flow>(Arc<Inner<F>>);

struct Inner<F: Flow> {
    handler: Box<dyn Handler<F>>,
    store: Resilient,
    clock: Arc<dyn Clock>,
    settings: Settings,
    hooks: Hooks<F>,
    counters: Counters,
    gate: Gate,
    locks: LockPool<SessionId>,
    /// Where sessions go on while the store is away, if they do.
    shelter: Option<Shelter>,
    archive: Option<Shelves>,
    desk: Desk<F>,
}

impl<F: Flow> Engine<F> {
    /// Handles one message to the end: the whole turn is stored, or nothing.
    ///
    /// Dropping the future loses at most the outcome: the same message, sent again with its id, gets it.
    pub async fn handle(&self, id: SessionId, message: impl Into<Message>) -> Result<Outcome<F>, EngineError> {
        let message = message.into();
        let span = info_span!("turn", flow = F::GRAPH.name, session = %id);
        let outcome = self.0.take(id, Request::Message(&message)).instrument(span).await;
        self.0.hand_back_later();
        outcome
    }

    /// Tells a live session that something happened outside.
    ///
    /// Fails with [`EngineError::NoSession`] if there is none: an event opens no conversation.
    pub async fn signal(
        &self,
        id: SessionId,
        name: impl Into<String>,
        payload: impl Into<Value>,
    ) -> Result<Outcome<F>, EngineError> {
        let signal = Signal { name: name.into(), payload: payload.into() };
        self.handle(id, Input::Signal(signal)).await
    }

    /// Moves a session to any state, by an operator's hand; the history says so.
    ///
    /// Fails with [`EngineError::NoSession`] if there is nothing to move. An expired or ended session is taken up.
    pub async fn force(&self, id: SessionId, state: F) -> Result<Outcome<F>, EngineError> {
        let span = info_span!("force", flow = F::GRAPH.name, session = %id);
        let outcome = self.0.take(id, Request::Force(&state)).instrument(span).await;
        self.0.hand_back_later();
        outcome
    }

    /// The session as it is stored, or in memory while its store is away, without renewing it; none if there is no live
    /// one.
    pub async fn peek(&self, id: SessionId) -> Result<Option<Session<F>>, EngineError> {
        let span = info_span!("peek", flow = F::GRAPH.name, session = %id);
        let sheltered = self.0.shelter.as_ref().and_then(|shelter| shelter.sheltered(id));
        let record = match sheltered {
            Some(sheltered) => Some(sheltered.commit.record),
            None => self.0.load(id).instrument(span).await?,
        };
        let Some(record) = record else { return Ok(None) };
        let session = Session::from_record(id, &record)?;
        Ok((!session.is_expired(self.0.clock.now())).then_some(session))
    }

    /// Removes a session from the store, and tells whether there was one.
    ///
    /// What is archived of it stays, and is where its visitor goes on: to have it forgotten, [`erase`](Self::erase) it.
    pub async fn remove(&self, id: SessionId) -> Result<bool, EngineError> {
        let _pass = self.0.gate.enter(self.0.settings.turns_at_once)?;
        let _lock = self.0.locks.async_lock(id).await;
        let span = info_span!("forget", flow = F::GRAPH.name, session = %id);
        let was_stored = self.0.remove(id).instrument(span).await?;
        let was_here = self.0.shelter.as_ref().is_some_and(|shelter| shelter.release(id));
        Ok(was_stored || was_here)
    }

    /// What the engine has done so far.
    pub fn stats(&self) -> Stats {
        self.0.counters.snapshot(self.0.gate.inside(), self.0.store.counts())
    }

    /// Takes no more turns, waits for those in flight and for its workers, and hands back what is in memory, but no longer
    /// than `patience`.
    ///
    /// Tells whether all of that was done. New turns fail with [`EngineError::ShuttingDown`] from now on.
    pub async fn shutdown(&self, patience: Duration) -> bool {
        self.0.gate.close();
        let rest = async {
            self.0.gate.emptied().await;
            self.0.hand_back_all().await;
        };
        let is_done = tokio::time::timeout(patience, rest).await.is_ok();
        let sessions = self.0.shelter.as_ref().map_or(0, Shelter::len);
        if sessions > 0 {
            tracing::error!(sessions, "sessions are only in memory, and will be lost with the process");
        }
        is_done
    }
}

impl<F: Flow> Clone for Engine<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F: Flow> fmt::Debug for Engine<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("flow", &F::GRAPH.name).field("stats", &self.stats()).finish_non_exhaustive()
    }
}
