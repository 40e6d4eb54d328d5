//! Does what is due in the background, beside the turns: [`Worker`].

use std::{collections::HashSet, fmt, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc::Receiver,
    task::JoinHandle,
    time::{Instant, sleep_until},
};
use uuid::Uuid;

use super::{
    Daily, Upkeep,
    round::{Looked, Round},
};
use crate::{
    Flow, SessionId,
    engine::{Engine, error::EngineError, tray::Laid},
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
    pub(super) upkeep: Arc<Upkeep<F>>,
    pub(super) pause: Duration,
    pub(super) lease: Duration,
    pub(super) at_once: usize,
    pub(super) for_each: usize,
    pub(super) batch: usize,
    heartbeat: Duration,
    daily: Option<Daily>,
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
            daily: None,
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

    /// What is done once a day, by one of all the workers that share the store. Nothing unless set, and nothing without an archive.
    ///
    /// A worker that only [looks](Self::look) does it with the first look after its time.
    pub fn daily(self, daily: impl Into<Option<Daily>>) -> Self {
        Self { daily: daily.into(), ..self }
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
        let daily = upkeep.work_daily(self.daily.clone());
        let work = async {
            // Beside the work: a store that takes its time with a beat holds nothing up.
            tokio::select! {
                // Without a draw of lots, so that a random conversation can be played again.
                biased;
                () = self.work(&upkeep) => {}
                never = beating => match never {},
            }
        };
        tokio::join!(biased; work, daily);
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
        // On the heap, since it is once, and large.
        Box::pin(upkeep.strike_off_the_rest()).await;
    }

    /// Does everything that is due now, in one go, and tells for how many sessions there was something.
    ///
    /// Fails if the store cannot tell what is due.
    pub async fn look(self) -> Result<usize, EngineError> {
        let (upkeep, lasts) = (Arc::clone(&self.upkeep), self.heartbeat);
        let daily = self.daily.clone();
        let (looked, ()) = tokio::join!(self.look_until_nothing_is_due(), upkeep.attendance.beat(lasts));
        if let Some(daily) = daily {
            upkeep.look_daily(&daily, Uuid::new_v4()).await;
        }
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
        let Self { pause, lease, at_once, for_each, batch, heartbeat, daily, .. } = self;
        let mut worker = f.debug_struct("Worker");
        worker.field("flow", &F::GRAPH.name).field("pause", pause).field("lease", lease);
        worker
            .field("at_once", at_once)
            .field("for_each", for_each)
            .field("batch", batch)
            .field("heartbeat", heartbeat)
            .field("daily", daily);
        worker.finish_non_exhaustive()
    }
}

async fn next<F: Flow>(tray: &mut Option<Receiver<Laid<F>>>) -> Option<Laid<F>> {
    match tray {
        Some(tray) => tray.recv().await,
        None => std::future::pending().await,
    }
}

/// The longest pause: the end of a longer one could not be told as a time.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 24 * 3600);

/// About that long: workers that were started together do not look together.
fn varied(pause: Duration) -> Duration {
    pause.min(LONGEST_PAUSE).mul_f64(0.75 + fastrand::f64() / 2.0)
}
