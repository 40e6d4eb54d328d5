//! What a worker has under way: [`Round`].

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{task::JoinSet, time::Instant};
use tracing::{Instrument, info_span};

use super::{
    Event,
    worker::{LONGEST_PAUSE, Worker},
};
use crate::{
    Flow, SessionId,
    engine::{error::EngineError, keeper::Known, places::Places, tray::Laid},
    store::Due,
};

/// The work that a worker has under way.
pub(super) struct Round<F: Flow> {
    pub(super) worker: Worker<F>,
    pub(super) places: Arc<Places>,
    pub(super) tasks: JoinSet<Done<F>>,
    pub(super) to_archive: Vec<Known<F>>,
    /// Until when the sessions to be archived wait for more of them, to fill a batch.
    pub(super) archive_by: Instant,
    has_failed: bool,
}

/// A task that has come to its end.
pub(super) enum Done<F: Flow> {
    /// With the session, if it is to be archived.
    Woken(SessionId, Result<Option<Box<Known<F>>>, EngineError>),
    Delivered(SessionId, Result<(), EngineError>),
    Archived,
}

/// What a look found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Looked {
    Full,
    NotFull,
}

impl<F: Flow> Round<F> {
    pub(super) fn new(worker: Worker<F>) -> Self {
        let patience = worker.upkeep.settings.deadlines.store.min(PATIENCE);
        let places = Arc::new(Places::new(worker.at_once, worker.for_each.min(worker.at_once), patience));
        let (tasks, to_archive, archive_by) = (JoinSet::new(), Vec::new(), Instant::now());
        Self { worker, places, tasks, to_archive, archive_by, has_failed: false }
    }

    pub(super) fn has_room(&self) -> bool {
        self.places.free() > 0
    }

    /// Claims as many sessions as can be worked for, and begins.
    pub(super) async fn look(&mut self) -> Looked {
        let room = self.places.free();
        match self.claim(room, None).await {
            Ok(due) => {
                self.has_failed = false;
                // What was forgotten may have stood before what is there.
                let is_full = due.ids.len() == room || due.forgotten > 0;
                let looked = if is_full { Looked::Full } else { Looked::NotFull };
                for id in due.ids {
                    self.wake(id);
                }
                looked
            }
            Err(error) => {
                // Logged once, not at every look.
                if !self.has_failed {
                    tracing::warn!(%error, "the store does not tell a worker what is due");
                }
                self.has_failed = true;
                Looked::NotFull
            }
        }
    }

    pub(super) async fn claim(&self, limit: usize, not_after: Option<DateTime<Utc>>) -> Result<Due, EngineError> {
        Ok(self.worker.upkeep.keeper.claim_due(self.worker.lease, limit, not_after).await?)
    }

    pub(super) fn wake(&mut self, id: SessionId) {
        let upkeep = Arc::clone(&self.worker.upkeep);
        let span = info_span!("wake", flow = F::GRAPH.name, session = %id);
        upkeep.observers.happened(Event::Woken);
        // There is none where more is woken than there are places for, and then none is needed.
        let (places, place) = (Arc::clone(&self.places), self.places.short_at_once());
        self.tasks.spawn(
            async move { Done::Woken(id, upkeep.wake(id, &places, place).await.map(|known| known.map(Box::new))) }
                .instrument(span),
        );
    }

    pub(super) fn deliver(&mut self, laid: Laid<F>) {
        let (upkeep, id) = (Arc::clone(&self.worker.upkeep), laid.known.session.id());
        let span = info_span!(parent: &laid.span, "deliver", flow = F::GRAPH.name, session = %id);
        let places = Arc::clone(&self.places);
        let delivery = async move { Done::Delivered(id, upkeep.deliver_from_tray(laid, &places).await) };
        self.tasks.spawn(delivery.instrument(span));
    }

    /// Strikes off what was sent of these sessions. That takes no place.
    pub(super) fn strike_off(&mut self, sessions: Vec<SessionId>) {
        for id in sessions {
            let upkeep = Arc::clone(&self.worker.upkeep);
            let span = info_span!("strike off", flow = F::GRAPH.name, session = %id);
            let striking = async move { Done::Delivered(id, upkeep.strike_off_sent(id).await) };
            self.tasks.spawn(striking.instrument(span));
        }
    }

    pub(super) fn note(&mut self, done: Option<Done<F>>) {
        match done {
            Some(Done::Woken(id, Ok(Some(known)))) => {
                if self.to_archive.is_empty() {
                    self.archive_by = Instant::now() + self.worker.pause.min(LONGEST_PAUSE);
                }
                // After a short lease the session may be here already. Its latest form is the one to keep.
                self.to_archive.retain(|other| other.session.id() != id);
                self.to_archive.push(*known);
            }
            Some(Done::Woken(id, Err(error)) | Done::Delivered(id, Err(error))) => {
                if error.is_passing() {
                    tracing::info!(session = %id, %error, "what is due for a session must wait");
                } else {
                    tracing::error!(session = %id, %error, "what is due for a session cannot be done");
                }
            }
            Some(Done::Woken(_, Ok(None)) | Done::Delivered(_, Ok(())) | Done::Archived) => {}
            // Only a fault of ours panics here: hooks and handlers are caught.
            None => tracing::error!("a worker's task broke off"),
        }
        if self.to_archive.len() >= self.worker.batch || self.tasks.is_empty() {
            self.archive();
        }
    }

    pub(super) fn archive(&mut self) {
        let Some(archivist) = self.worker.upkeep.archivist.clone().filter(|_| !self.to_archive.is_empty()) else {
            return;
        };
        let batch = std::mem::take(&mut self.to_archive);
        self.tasks.spawn(async move {
            // What failed is in the log, and is tried again when its lease ends.
            let _ = archivist.archive(batch).await;
            Done::Archived
        });
    }

    /// Brings what was begun to its end.
    pub(super) async fn finish(&mut self) {
        while let Some(done) = self.tasks.join_next().await {
            self.note(done.ok());
        }
    }
}

/// How long what finds no free place waits in line for one, if a call to the store may take as long: a turn's claim has that
/// much to spare.
const PATIENCE: Duration = Duration::from_secs(1);
