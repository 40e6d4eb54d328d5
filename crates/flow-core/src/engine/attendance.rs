//! Whether a worker is there for what waits: [`Attendance`].

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep};
use tracing::{Instrument, info_span};

use super::{gate::Gate, keeper::Keeper};
use crate::Flow;

/// Says that the workers of this process are there, and finds out whether any are, in this process or another.
pub(super) struct Attendance<F: Flow> {
    keeper: Arc<Keeper<F>>,
    gate: Arc<Gate>,
    /// When the store may be asked next.
    next_look: Mutex<Instant>,
    /// Whether none was there when it was last found out.
    is_missed: AtomicBool,
    /// Whether the last beat failed.
    has_failed: AtomicBool,
    /// What the store told last of whoever asked whether a worker is there, and when.
    told: Asking,
}

/// Held while the store is asked, so that those who ask meanwhile get the same answer.
type Asking = tokio::sync::Mutex<Option<(Instant, Option<bool>)>>;

/// How long to wait before the store is asked again. A process that has just begun waits as long: its workers, and those of others,
/// may begin a little later.
const PAUSE: Duration = Duration::from_secs(60);

/// How long what the store has told counts for those who ask: as often as metrics are gathered, and no more often.
const REST: Duration = Duration::from_secs(5);

impl<F: Flow> Attendance<F> {
    pub(super) fn new(keeper: Arc<Keeper<F>>, gate: Arc<Gate>) -> Self {
        let next_look = Mutex::new(Instant::now() + PAUSE);
        Self {
            keeper,
            gate,
            next_look,
            is_missed: AtomicBool::new(false),
            has_failed: AtomicBool::new(false),
            told: Asking::default(),
        }
    }

    /// Whether something was left to a worker, and none was there when that was last looked into.
    pub(super) fn is_missed(&self) -> bool {
        self.is_missed.load(Ordering::Relaxed) && !self.gate.has_workers()
    }

    /// Whether a worker is there, in this process or another; none if the store cannot tell, or does not answer.
    pub(super) async fn is_attended(&self) -> Option<bool> {
        if self.gate.has_workers() {
            return Some(true);
        }
        if !self.keeper.has_heartbeat() {
            return None;
        }
        let mut told = self.told.lock().await;
        if let Some((at, is_there)) = *told
            && at.elapsed() < REST
        {
            return is_there;
        }
        let is_there = self.keeper.alive_until().await.ok().map(|until| until.is_some());
        *told = Some((Instant::now(), is_there));
        is_there
    }

    /// Looks now and then whether a worker is there, after a turn that left something to one. Nobody waits for that.
    pub(super) fn look_now_and_then(self: &Arc<Self>) {
        if !self.keeper.has_heartbeat() {
            return;
        }
        if self.gate.has_workers() {
            return self.note(true);
        }
        {
            let mut next_look = self.next_look.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            if now < *next_look {
                return;
            }
            *next_look = now + PAUSE;
        }
        let attendance = Arc::clone(self);
        let look = async move {
            // What the store cannot tell now is told at the next look.
            if let Ok(until) = attendance.keeper.alive_until().await {
                attendance.note(until.is_some() || attendance.gate.has_workers());
            }
        };
        tokio::spawn(look.instrument(info_span!("attendance", flow = F::GRAPH.name)));
    }

    /// Says again and again that a worker is there, each time for so long.
    pub(super) async fn beat_on(&self, lasts: Duration) -> Infallible {
        // Two that are lost make no worker a missing one.
        let pause = (lasts / 3).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        loop {
            self.beat(lasts).await;
            // Workers that were started together do not beat together.
            sleep(pause.mul_f64(0.75 + fastrand::f64() / 4.0)).await;
        }
    }

    /// Says that a worker is there, for so long. That it cannot be said is logged once, and keeps the worker from nothing.
    pub(super) async fn beat(&self, lasts: Duration) {
        if !self.keeper.has_heartbeat() {
            return;
        }
        match self.keeper.beat(lasts).await {
            Ok(()) => {
                self.has_failed.store(false, Ordering::Relaxed);
                self.note(true);
            }
            Err(error) => {
                if !self.has_failed.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "a worker could not say that it is there");
                }
            }
        }
    }

    fn note(&self, is_there: bool) {
        // Mostly it is as it was, and then nothing is written: every turn comes by.
        if self.is_missed.load(Ordering::Relaxed) != is_there
            || self.is_missed.swap(!is_there, Ordering::Relaxed) != is_there
        {
            return;
        }
        if is_there {
            tracing::info!(flow = F::GRAPH.name, "a worker is there again");
        } else {
            tracing::warn!(flow = F::GRAPH.name, "sessions wait for a worker, and none is there");
        }
    }
}

const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// A longer one could not be told as a time.
const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 24 * 3600);
