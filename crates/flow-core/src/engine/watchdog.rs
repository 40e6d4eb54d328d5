//! Names handlers that do not yield: [`Watchdog`].
//!
//! A handler that computes or blocks for long between two awaits holds up its thread of the runtime, and every turn on it. No
//! deadline ends that, since none is looked at meanwhile. So each poll of a handler notes in a slot of its thread what it polls
//! and since when, and one thread of the process looks at the slots.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use uuid::Uuid;

use super::{observer::Event, observers::Observers};
use crate::{Flow, Session, SessionId, graph::Graph};

/// Has the handlers of one engine watched, until it is dropped.
#[derive(Debug)]
pub(super) struct Watchdog {
    engine: u64,
}

impl Watchdog {
    /// Begins to watch the handlers of an engine, whose observers hear of stalls.
    pub(super) fn over<F: Flow>(observers: &Arc<Observers>) -> Self {
        let mut watch = watch();
        watch.latest += 1;
        let engine = watch.latest;
        watch.engines.push(Watched { engine, graph: F::GRAPH, observers: Arc::downgrade(observers) });
        if !watch.is_looked_at {
            // Where no thread can be had, nobody is told; turns go on.
            watch.is_looked_at = thread::Builder::new().name("flow-watchdog".into()).spawn(look).is_ok();
        }
        Self { engine }
    }

    /// Does the handler's work, and notes each poll of it.
    pub(super) async fn watched<F: Flow, W: Future>(&self, session: &Session<F>, work: W) -> W::Output {
        let poll = Poll::new(self.engine, session.id(), session.state().index());
        let mut work = pin!(work);
        poll_fn(|context| {
            let _noted = Noted::begin(poll);
            work.as_mut().poll(context)
        })
        .await
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        watch().engines.retain(|watched| watched.engine != self.engine);
    }
}

/// How often the slots are looked at. The time is counted in this, so that a poll need not ask for it.
const TICK: Duration = Duration::from_millis(250);

/// After how many ticks a poll is a stall: for longer than a second, wherever in its first tick it began.
const STALLED: u64 = 5;

/// How many ticks there have been. The first is 1, so that 0 can say that nothing is polled.
static TICKS: AtomicU64 = AtomicU64::new(1);

static WATCH: Mutex<Watch> =
    Mutex::new(Watch { slots: Vec::new(), engines: Vec::new(), latest: 0, is_looked_at: false });

/// Everything that is watched in this process.
struct Watch {
    slots: Vec<Weak<Slot>>,
    engines: Vec<Watched>,
    /// The number of the latest engine.
    latest: u64,
    is_looked_at: bool,
}

/// An engine whose handlers are watched.
struct Watched {
    engine: u64,
    graph: &'static Graph,
    observers: Weak<Observers>,
}

fn watch() -> MutexGuard<'static, Watch> {
    WATCH.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    static SLOT: Arc<Slot> = {
        let slot = Arc::<Slot>::default();
        watch().slots.push(Arc::downgrade(&slot));
        slot
    };
}

/// What is polled on one thread, which alone writes it. The parts may be read half old and half new; of what is polled for as
/// long as a stall they are all old enough.
#[derive(Default)]
struct Slot {
    began: AtomicU64,
    engine: AtomicU64,
    session: [AtomicU64; 2],
    state: AtomicUsize,
    /// The beginning of the stall that was told last, so that each is told once.
    told: AtomicU64,
}

/// One poll of a handler: when it began, and what is polled.
#[derive(Clone, Copy)]
struct Poll {
    began: u64,
    engine: u64,
    session: (u64, u64),
    state: usize,
}

impl Poll {
    fn new(engine: u64, session: SessionId, state: usize) -> Self {
        Self { began: 0, engine, session: session.as_uuid().as_u64_pair(), state }
    }
}

impl Slot {
    fn write(&self, poll: Poll) {
        self.engine.store(poll.engine, Relaxed);
        self.session[0].store(poll.session.0, Relaxed);
        self.session[1].store(poll.session.1, Relaxed);
        self.state.store(poll.state, Relaxed);
        self.began.store(poll.began, Relaxed);
    }

    fn read(&self) -> Poll {
        Poll {
            began: self.began.load(Relaxed),
            engine: self.engine.load(Relaxed),
            session: (self.session[0].load(Relaxed), self.session[1].load(Relaxed)),
            state: self.state.load(Relaxed),
        }
    }

    /// What is polled for so long that it is a stall, told once.
    fn stall(&self, now: u64) -> Option<Poll> {
        let poll = self.read();
        let is_stalled = poll.began > 0 && now.saturating_sub(poll.began) >= STALLED;
        (is_stalled && self.told.swap(poll.began, Relaxed) != poll.began).then_some(poll)
    }
}

/// A poll under way: the slot has it until this is dropped, and then what was there before.
struct Noted {
    before: Option<Poll>,
}

impl Noted {
    fn begin(poll: Poll) -> Self {
        // A thread that is about to end has no slot any more.
        let before = SLOT.try_with(|slot| {
            let before = slot.read();
            slot.write(Poll { began: TICKS.load(Relaxed), ..poll });
            before
        });
        Self { before: before.ok() }
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        // A handler may have polled another engine's turn, whose handler is at its end now.
        if let Some(before) = self.before {
            let _ = SLOT.try_with(|slot| slot.write(before));
        }
    }
}

/// Looks at the slots until there is no engine any more.
fn look() {
    loop {
        thread::sleep(TICK);
        let now = TICKS.fetch_add(1, Relaxed) + 1;
        let Some(stalls) = stalls(now) else { return };
        for (poll, graph, observers) in stalls {
            let state = graph.states.get(poll.state).map_or("?", |state| state.name);
            let session = Uuid::from_u64_pair(poll.session.0, poll.session.1);
            tracing::error!(flow = graph.name, state, %session, "a handler does not yield, and holds up a thread of the runtime");
            observers.happened(Event::Stalled);
        }
    }
}

/// What has stalled since the last look; none if there is nothing left to be looked at.
fn stalls(now: u64) -> Option<Vec<(Poll, &'static Graph, Arc<Observers>)>> {
    let mut watch = watch();
    if watch.engines.is_empty() {
        watch.is_looked_at = false;
        return None;
    }
    let mut polls = Vec::new();
    watch.slots.retain(|slot| {
        let slot = slot.upgrade();
        polls.extend(slot.as_ref().and_then(|slot| slot.stall(now)));
        slot.is_some()
    });
    let told = polls.into_iter().filter_map(|poll| {
        let watched = watch.engines.iter().find(|watched| watched.engine == poll.engine)?;
        Some((poll, watched.graph, watched.observers.upgrade()?))
    });
    Some(told.collect())
}
