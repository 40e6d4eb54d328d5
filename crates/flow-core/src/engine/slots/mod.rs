//! A rate that all processes share: [`Slots`].

mod book;

use std::{
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use async_trait::async_trait;
use chrono::TimeDelta;
use tokio::time::sleep;
use tracing::{Instrument, info_span};
use uuid::Uuid;

use super::{
    Engine,
    error::{Busy, EngineError},
    keeper::Keeper,
};
use crate::Flow;
use book::Book;

/// How often slots are asked for anew because another process was given some first.
const ROUNDS: u32 = 10;

/// The longest pause after the first of those rounds. It doubles, up to 64 times.
const PAUSE: Duration = Duration::from_millis(1);

/// Times in which something may be done, shared out among all processes that share the store: a distributed rate limit.
///
/// A process asks for some in a row and uses them as it needs them. Nobody else is given the same. What is not used in its time is gone.
/// Who was given what is one record in the store, changed by a compare-and-set. Clones ask as one process.
///
/// It does not keep the engine alive: a [`Channel`](crate::Channel) of the engine may have it.
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::{Engine, EngineError, Flow};
///
/// # async fn example<F: Flow>(engine: &Engine<F>) -> Result<(), EngineError> {
/// // Of thirty slots a second, the next seven that nobody has.
/// let step = Duration::from_secs(1) / 30;
/// let reserved = engine.slots("telegram").reserve(7, step).await?;
/// tokio::time::sleep(reserved.begins_in).await;
/// for _ in 0..7 {
///     // Here one is used, at any time before the next begins.
///     tokio::time::sleep(step).await;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Slots(Arc<dyn GivesOut>);

/// Slots that a process was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reserved {
    /// After how long the first of them begins: never too early, by the store's time, and late by as long as its answer took at most.
    pub begins_in: Duration,
    /// Whether the ones before were given to the same process, so that none besides seems to want any.
    pub is_alone: bool,
}

/// Gives out slots, whatever the flow.
#[async_trait]
trait GivesOut: Send + Sync {
    async fn reserve(&self, time: TimeDelta) -> Result<Reserved, EngineError>;

    fn deadline(&self) -> Option<Duration>;
}

struct Office<F: Flow> {
    keeper: Weak<Keeper<F>>,
    name: String,
    me: Uuid,
    deadline: Duration,
}

impl<F: Flow> Engine<F> {
    /// Slots of this name, of which all processes that share the store are given different ones. Another flow has others of that name.
    pub fn slots(&self, name: impl Into<String>) -> Slots {
        let deadline = self.rooms.upkeep.settings.deadlines.hook;
        let keeper = Arc::downgrade(&self.rooms.keeper);
        Slots(Arc::new(Office { keeper, name: name.into(), me: Uuid::new_v4(), deadline }))
    }
}

impl Slots {
    /// Has so many slots in a row, each of this length, to itself.
    ///
    /// Fails if the store cannot be asked, if too many ask at once, or once the engine is gone. Then some may have been given, and are
    /// lost.
    pub async fn reserve(&self, count: u32, step: Duration) -> Result<Reserved, EngineError> {
        let time = TimeDelta::from_std(step.saturating_mul(count)).unwrap_or(TimeDelta::MAX);
        self.0.reserve(time).await
    }

    /// How long a delivery may take ([`Deadlines::hook`](crate::Deadlines::hook)): what waits for a slot in one waits for less. None
    /// once the engine is gone.
    pub fn deadline(&self) -> Option<Duration> {
        self.0.deadline()
    }
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots").finish_non_exhaustive()
    }
}

#[async_trait]
impl<F: Flow> GivesOut for Office<F> {
    async fn reserve(&self, time: TimeDelta) -> Result<Reserved, EngineError> {
        let keeper = self.keeper.upgrade().ok_or(EngineError::ShuttingDown)?;
        self.give(&keeper, time).instrument(info_span!("slots", flow = F::GRAPH.name)).await
    }

    fn deadline(&self) -> Option<Duration> {
        self.keeper.strong_count().gt(&0).then_some(self.deadline)
    }
}

impl<F: Flow> Office<F> {
    async fn give(&self, keeper: &Keeper<F>, time: TimeDelta) -> Result<Reserved, EngineError> {
        let id = Book::id(F::GRAPH.name, &self.name);
        for round in 0..ROUNDS {
            let found = keeper.read_beside(id).await?;
            let (book, begin) = Book::given(found.shared.as_ref(), self.me, time, found.now);
            if keeper.write_beside(&found, &book).await? {
                let begins_in = (begin - found.now).to_std().unwrap_or_default();
                let is_alone = found.shared.is_none_or(|before| before.is_of(self.me));
                return Ok(Reserved { begins_in, is_alone });
            }
            // Those that came first may ask again at once. After pauses that differ each comes first at some time.
            sleep(PAUSE.saturating_mul(1 << round.min(6)).mul_f64(fastrand::f64())).await;
        }
        Err(EngineError::Busy(Busy::Contended { rounds: ROUNDS }))
    }
}
