//! Whether what an engine needs is there: [`Engine::health`].

use std::{future::Future, time::Duration};

use tokio::{join, time::timeout};
use tracing::{Instrument, info_span};

use super::{Engine, EngineError};
use crate::{Flow, StoreError};

/// Whether what an engine needs is there, each by its name, as it was just asked.
#[derive(Debug)]
#[non_exhaustive]
pub struct Health {
    /// Whether the store answers.
    pub store: Result<(), EngineError>,
    /// Whether the archive answers; none if there is no archive.
    pub archive: Option<Result<(), EngineError>>,
    /// Whether a worker of the flow is at work, in this process or another; none if the store cannot tell.
    pub worker: Option<bool>,
    /// Whether the engine takes no more turns.
    pub is_shutting_down: bool,
}

impl Health {
    /// Whether all of it is well.
    pub fn is_well(&self) -> bool {
        let archive_answers = self.archive.as_ref().is_none_or(Result::is_ok);
        self.store.is_ok() && archive_answers && self.worker != Some(false) && !self.is_shutting_down
    }
}

impl<F: Flow> Engine<F> {
    /// Whether a worker of the flow is at work, in this process or another; none if the store cannot tell, or does not answer.
    ///
    /// The store is asked at most once in five seconds, and not at all while a worker runs in this process: so a gauge of it may be read
    /// as often as one likes. What was told stands until then, also that the store did not answer.
    ///
    /// ```
    /// # use flow_core::{Engine, Flow};
    /// # async fn example<F: Flow>(engine: &Engine<F>) {
    /// if engine.is_attended().await == Some(false) {
    ///     eprintln!("what is due waits: no worker runs");
    /// }
    /// # }
    /// ```
    pub async fn is_attended(&self) -> Option<bool> {
        let asked = self.rooms.attendance.is_attended();
        asked.instrument(info_span!("attendance", flow = F::GRAPH.name)).await
    }

    /// Asks the store, and the archive if there is one, whether they answer, and whether a worker is there. It takes no longer than
    /// their deadlines.
    ///
    /// ```
    /// # use flow_core::{Engine, Flow};
    /// # async fn example<F: Flow>(engine: &Engine<F>) {
    /// let health = engine.health().await;
    /// if let Err(error) = &health.store {
    ///     eprintln!("the store does not answer: {error}");
    /// }
    /// # }
    /// ```
    pub async fn health(&self) -> Health {
        self.health_within(Duration::MAX).await
    }

    /// The same, for a caller who does not wait longer than this, such as a readiness probe: a part that has not answered by then
    /// counts as away.
    pub async fn health_within(&self, patience: Duration) -> Health {
        let rooms = &self.rooms;
        let asked = async {
            let store = async {
                let answer = within(patience, rooms.keeper.ask_time()).await;
                answer.map(drop).map_err(EngineError::from)
            };
            let archive = async {
                match &rooms.archivist {
                    Some(archivist) => {
                        let answer = timeout(patience, archivist.answers()).await;
                        Some(answer.unwrap_or_else(|_| Err(EngineError::Archive(late()))))
                    }
                    None => None,
                }
            };
            let worker = async {
                if rooms.gate.has_workers() {
                    return Some(true);
                }
                if !rooms.keeper.has_heartbeat() {
                    return None;
                }
                // If the store does not answer, that is said of the store.
                within(patience, rooms.keeper.alive_until()).await.ok().map(|until| until.is_some())
            };
            join!(store, archive, worker)
        };
        let (store, archive, worker) = asked.instrument(info_span!("health", flow = F::GRAPH.name)).await;
        Health { store, archive, worker, is_shutting_down: rooms.gate.is_closed() }
    }
}

async fn within<T>(patience: Duration, answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(patience, answer).await.unwrap_or_else(|_| Err(late()))
}

/// Whoever has not answered in time is away, as far as the caller can tell.
fn late() -> StoreError {
    StoreError::Unavailable("it has not answered in time".into())
}
