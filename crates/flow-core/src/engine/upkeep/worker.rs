//! Does what is due in the background, beside the turns: [`Worker`].

use std::{collections::HashSet, fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{
    sync::mpsc::Receiver,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep_until},
};
use tracing::{Instrument, info_span};

use super::{Event, Upkeep};
use crate::{
    Flow, SessionId,
    engine::{Engine, error::EngineError, keeper::Known, places::Places, tray::Laid},
    store::Due,
};

/// Does in the background what is due for sessions: deliveries, timers, expiries, archiving.
///
/// Any number of workers may run, in any processes; none leads. If a worker is killed, another one takes over what it had
/// begun, when the lease ends.
///
/// ```
/// # use flow_core::{Engine, Flow};
/// # fn example<F: Flow>(engine: &Engine<F>) {
/// engine.worker().start(); // until the engine shuts down
/// # }
/// ```
#[must_use = "a worker works when it is run or started"]
pub struct Worker<F: Flow> {
    upkeep: Arc<Upkeep<F>>,
    pause: Duration,
    lease: Duration,
    at_once: usize,
    for_each: usize,
    batch: usize,
    heartbeat: Duration,
}

/// How many looks there are at most in one go: what is done may leave something that is due at once.
const MOST_LOOKS: usize = 10_000;

/// How many tasks there are when a worker takes no more from the tray: most of them wait.
const MOST_TASKS: usize = 1024;

impl<F: Flow> Engine<F> {
    /// A worker for the sessions of this flow.
    pub fn worker(&self) -> Worker<F> {
        Worker {
            upkeep: Arc::clone(&self.rooms.upkeep),
            pause: Duration::from_secs(1),
            lease: Duration::from_secs(60),
            at_once: 32,
            for_each: 8,
            batch: 100,
            heartbeat: Duration::from_secs(90),
        }
    }
}

impl<F: Flow> Worker<F> {
    /// How long to wait after a look that found nothing, give or take a quarter. A second unless set.
    pub fn pause(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// For how long a session that is looked at is kept from other workers. A minute unless set.
    pub fn lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// For how many sessions to work at once, besides delivering. 32 unless set.
    pub fn at_once(self, at_once: usize) -> Self {
        Self { at_once: at_once.max(1), ..self }
    }

    /// For how many sessions to deliver at once to each destination: to each kind of hook, and for each kind of effect. 8 unless
    /// set, and never more than [`at_once`](Self::at_once).
    ///
    /// What finds no place is asked for again a little later; that counts as no try.
    pub fn for_each_destination(self, for_each: usize) -> Self {
        Self { for_each: for_each.max(1), ..self }
    }

    /// How many sessions are archived together at most. 100 unless set.
    pub fn batch(self, batch: usize) -> Self {
        Self { batch: batch.max(1), ..self }
    }

    /// For how long a beat of this worker's heart counts: when so much has passed without another, it is told that no worker is
    /// there. 90 seconds unless set; a worker that runs beats three times as often.
    ///
    /// One that only [looks](Self::look), by cron or the like, beats with each look: for it this is best a little more than the
    /// time between two looks. Unset it suits one that looks each minute.
    pub fn heartbeat(self, heartbeat: Duration) -> Self {
        Self { heartbeat, ..self }
    }

    /// Works in a task of its own until the engine shuts down.
    pub fn start(self) -> JoinHandle<()> {
        tokio::spawn(self.run())
    }

    /// Works until the engine shuts down. What was begun is brought to its end.
    ///
    /// Dropping the future leaves what was begun to others, when its lease ends.
    pub async fn run(self) {
        let upkeep = Arc::clone(&self.upkeep);
        let _at_work = upkeep.gate.begin_work();
        let beating = upkeep.attendance.beat_on(self.heartbeat);
        // Beside the work: a store that takes its time with a beat holds nothing up.
        tokio::select! {
            // Without a draw of lots, so that a random conversation can be played again.
            biased;
            () = self.work(&upkeep) => {}
            never = beating => match never {},
        }
    }

    async fn work(self, upkeep: &Arc<Upkeep<F>>) {
        let mut round = Round::new(self);
        let mut tray = upkeep.tray.take(Arc::clone(&round.places));
        let mut next_look = Instant::now();
        loop {
            let has_room = round.has_room();
            tokio::select! {
                biased;
                () = upkeep.gate.closed() => break,
                Some(woken) = round.tasks.join_next() => round.note(woken.ok()),
                () = sleep_until(round.archive_by), if !round.to_archive.is_empty() => round.archive(),
                Some(laid) = next(&mut tray), if round.tasks.len() < MOST_TASKS => round.deliver(laid),
                quiet = upkeep.ledger.quiet(), if round.tasks.len() < MOST_TASKS => round.strike_off(quiet),
                _ = round.places.short(), if !has_room => {}
                () = sleep_until(next_look), if has_room => {
                    // A full look hints at more; then there is no time to lose.
                    let pause = if round.look().await == Looked::Full { Duration::ZERO } else { round.worker.pause };
                    next_look = Instant::now() + varied(pause);
                }
            }
        }
        if let Some(tray) = &mut tray {
            tray.close();
            while let Some(laid) = tray.recv().await {
                round.deliver(laid);
            }
        }
        round.finish().await;
        upkeep.strike_off_the_rest().await;
    }

    /// Does everything that is due now, in one go, and tells for how many sessions there was something.
    ///
    /// Fails if the store cannot tell what is due.
    pub async fn look(self) -> Result<usize, EngineError> {
        let (upkeep, lasts) = (Arc::clone(&self.upkeep), self.heartbeat);
        let (looked, ()) = tokio::join!(self.look_until_nothing_is_due(), upkeep.attendance.beat(lasts));
        looked
    }

    async fn look_until_nothing_is_due(self) -> Result<usize, EngineError> {
        let mut round = Round::new(self);
        let mut sessions = HashSet::<SessionId>::new();
        // Only what was due when the store was first asked: if what falls due meanwhile counted too, this might never end.
        let mut not_after = None;
        for _ in 0..MOST_LOOKS {
            let due = round.claim(round.worker.at_once, not_after).await?;
            not_after.get_or_insert(due.now);
            if due.ids.is_empty() && due.forgotten == 0 {
                break;
            }
            sessions.extend(&due.ids);
            for id in due.ids {
                round.wake(id);
            }
            round.finish().await;
        }
        Ok(sessions.len())
    }
}

impl<F: Flow> fmt::Debug for Worker<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pause, lease, at_once, for_each, batch, heartbeat, .. } = self;
        let mut worker = f.debug_struct("Worker");
        worker.field("flow", &F::GRAPH.name).field("pause", pause).field("lease", lease);
        worker
            .field("at_once", at_once)
            .field("for_each", for_each)
            .field("batch", batch)
            .field("heartbeat", heartbeat);
        worker.finish_non_exhaustive()
    }
}

/// The work that a worker has under way.
struct Round<F: Flow> {
    worker: Worker<F>,
    places: Arc<Places>,
    tasks: JoinSet<Done<F>>,
    to_archive: Vec<Known<F>>,
    /// Until when the sessions to be archived wait for more of them, to fill a batch.
    archive_by: Instant,
    has_failed: bool,
}

/// A task that has come to its end.
enum Done<F: Flow> {
    /// With the session, if it is to be archived.
    Woken(SessionId, Result<Option<Box<Known<F>>>, EngineError>),
    Delivered(SessionId, Result<(), EngineError>),
    Archived,
}

/// What a look found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looked {
    Full,
    NotFull,
}

impl<F: Flow> Round<F> {
    fn new(worker: Worker<F>) -> Self {
        let patience = worker.upkeep.settings.deadlines.store.min(PATIENCE);
        let places = Arc::new(Places::new(worker.at_once, worker.for_each.min(worker.at_once), patience));
        let (tasks, to_archive, archive_by) = (JoinSet::new(), Vec::new(), Instant::now());
        Self { worker, places, tasks, to_archive, archive_by, has_failed: false }
    }

    fn has_room(&self) -> bool {
        self.places.free() > 0
    }

    /// Claims as many sessions as can be worked for, and begins.
    async fn look(&mut self) -> Looked {
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

    async fn claim(&self, limit: usize, not_after: Option<DateTime<Utc>>) -> Result<Due, EngineError> {
        Ok(self.worker.upkeep.keeper.claim_due(self.worker.lease, limit, not_after).await?)
    }

    fn wake(&mut self, id: SessionId) {
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

    fn deliver(&mut self, laid: Laid<F>) {
        let (upkeep, id) = (Arc::clone(&self.worker.upkeep), laid.known.session.id());
        let span = info_span!("deliver", flow = F::GRAPH.name, session = %id);
        let places = Arc::clone(&self.places);
        let delivery = async move { Done::Delivered(id, upkeep.deliver_from_tray(laid, &places).await) };
        self.tasks.spawn(delivery.instrument(span));
    }

    /// Strikes off what was sent of these sessions. That takes no place.
    fn strike_off(&mut self, sessions: Vec<SessionId>) {
        for id in sessions {
            let upkeep = Arc::clone(&self.worker.upkeep);
            let span = info_span!("strike off", flow = F::GRAPH.name, session = %id);
            let striking = async move { Done::Delivered(id, upkeep.strike_off_sent(id).await) };
            self.tasks.spawn(striking.instrument(span));
        }
    }

    fn note(&mut self, done: Option<Done<F>>) {
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

    fn archive(&mut self) {
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
    async fn finish(&mut self) {
        while let Some(done) = self.tasks.join_next().await {
            self.note(done.ok());
        }
    }
}

async fn next<F: Flow>(tray: &mut Option<Receiver<Laid<F>>>) -> Option<Laid<F>> {
    match tray {
        Some(tray) => tray.recv().await,
        None => std::future::pending().await,
    }
}

/// How long what finds no free place waits in line for one, if a call to the store may take as long: a turn's claim has that
/// much to spare.
const PATIENCE: Duration = Duration::from_secs(1);

/// The longest pause: the end of a longer one could not be told as a time.
const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 24 * 3600);

/// About that long: workers that were started together do not look together.
fn varied(pause: Duration) -> Duration {
    pause.min(LONGEST_PAUSE).mul_f64(0.75 + fastrand::f64() / 2.0)
}
