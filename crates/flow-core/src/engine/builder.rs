//! How an engine comes about: [`EngineBuilder`].

use std::{error::Error as StdError, future::Future, sync::Arc, time::Duration};

use lockable::LockPool;

use super::{
    Engine, Inner, Outage, Phrases, Resume,
    desk::Desk,
    gate::Gate,
    handler::{Driven, Handler},
    hooks::{Hooks, deliverer},
    settings::Settings,
    shelter::Shelter,
    shelves::Shelves,
    stats::Counters,
};
use crate::{
    Announcement, Archive, Checkpoint, Clock, Effect, Flow, SessionId, Store, SystemClock, Transition,
    resilience::Resilient, wiring::Drive,
};

/// Builds an [`Engine`]. Begun by the `engine` function that the derive gives a flow, ended by
/// [`EngineBuilder::store`].
pub struct EngineBuilder<F: Flow> {
    handler: Box<dyn Handler<F>>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    hooks: Hooks<F>,
    archive: Option<Arc<dyn Archive>>,
}

/// Setters for plain settings, in one list.
macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ty $(=> $wrap:expr)?;)*) => {
        $($(#[doc = $doc])+
        #[must_use]
        pub fn $name(mut self, $name: $kind) -> Self {
            self.settings.$name = settings!(@value $name $($wrap)?);
            self
        })*
    };
    (@value $name:ident) => { $name };
    (@value $name:ident $wrap:expr) => { $wrap($name) };
}

impl<F: Flow> EngineBuilder<F> {
    /// Begins to build an engine that runs the flow `F` with this handler.
    pub fn new<H>(handler: H) -> Self
    where
        F: Drive<H>,
        H: Send + Sync + 'static,
    {
        Self {
            handler: Box::new(Driven(handler)),
            clock: Arc::new(SystemClock),
            settings: Settings::default(),
            hooks: Hooks::default(),
            archive: None,
        }
    }

    settings! {
        /// Lets a session expire when nothing was said for so long; every turn renews it. Off unless set.
        idle_expiry: Duration => Some;
        /// Lets a session expire so long after it began, whatever was said since. Off unless set.
        absolute_expiry: Duration => Some;
        /// How long an expired session is still known, so that its visitor can be told. An hour unless set.
        expiry_grace: Duration;
        /// How long each call to the store may take, with all its tries. Two seconds unless set.
        store_deadline: Duration;
        /// How long to wait for each method of the handler. Half a minute unless set.
        handler_deadline: Duration;
        /// How long to wait for each delivery of a checkpoint, effect or announcement. Ten seconds unless set.
        hook_deadline: Duration;
        /// How often a delivery is tried before it is set aside. 20 unless set.
        delivery_tries: u32;
        /// How long to wait after a delivery that failed; twice as long after each further one. A second unless set.
        retry_pause: Duration;
        /// How long to wait at most after a delivery that failed. Ten minutes unless set.
        longest_retry_pause: Duration;
        /// How long a changed session may wait to be archived. A minute unless set.
        archive_interval: Duration;
        /// How long each call to the archive may take. Five seconds unless set.
        archive_deadline: Duration;
        /// Whether a turn fails, with [`EngineError::Archive`](crate::EngineError::Archive), whose session is not in the
        /// store while the archive cannot tell whether it has it. Unless set it begins anew, so that new visitors need no
        /// archive, and is joined to what is archived of it later.
        insist_on_archive: bool;
        /// Whether a session goes on that had expired, or was lost by its store. [`Resume::Unexpired`] unless set.
        resume: Resume;
        /// How often a turn is run while other writers come first, before it is `Busy`. 16 unless set.
        rounds: u32;
        /// How many turns are taken at once; one more is `Busy`, at once. 10,000 unless set.
        turns_at_once: usize;
        /// How many steps of the history a record keeps. 50 unless set.
        history_limit: usize;
        /// How many message ids a record keeps, to recognise repeats. 16 unless set; at least 1.
        remembered_messages: usize;
        /// How many bytes an input may have. 16 KiB unless set.
        input_limit: usize;
        /// How many bytes a record may have. 1 MiB unless set.
        record_limit: usize;
        /// How many checkpoints, effects and announcements of a session may be undelivered. 100 unless set.
        pending_limit: usize;
        /// What to do when the store is away. [`Outage::Fail`] unless set.
        outage: Outage;
        /// The engine's own words.
        phrases: Phrases;
    }

    /// Tells the time from this clock instead of the machine's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Shows every step to an observer, once it is stored. Whatever the observer does, the turn stands.
    #[must_use]
    pub fn on_transition(mut self, observer: impl Fn(SessionId, &Transition) + Send + Sync + 'static) -> Self {
        self.hooks.transition.push(Box::new(observer));
        self
    }

    /// Delivers every checkpoint to this hook, at least once, until it answers `Ok`.
    ///
    /// With several hooks each is given it in turn; until all of them answer `Ok` in one round, all get it again.
    #[must_use]
    pub fn on_checkpoint<A, E>(mut self, hook: impl Fn(Checkpoint<F>) -> A + Send + Sync + 'static) -> Self
    where
        A: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.hooks.checkpoint.push(deliverer(hook));
        self
    }

    /// Delivers every effect to this hook, at least once, until it answers `Ok`.
    ///
    /// With several hooks each is given it in turn; until all of them answer `Ok` in one round, all get it again.
    #[must_use]
    pub fn on_effect<A, E>(mut self, hook: impl Fn(Effect) -> A + Send + Sync + 'static) -> Self
    where
        A: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.hooks.effect.push(deliverer(hook));
        self
    }

    /// Delivers to this hook what a session knew when it expired, at least once, until it answers `Ok`.
    ///
    /// It takes a worker to notice; without one it is noticed when the visitor returns.
    #[must_use]
    pub fn on_expired<A, E>(mut self, hook: impl Fn(Checkpoint<F>) -> A + Send + Sync + 'static) -> Self
    where
        A: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.hooks.expired.push(deliverer(hook));
        self
    }

    /// Delivers to this hook what the bot says of its own accord, in turns of timers, at least once, until it answers `Ok`.
    #[must_use]
    pub fn on_announcement<A, E>(mut self, hook: impl Fn(Announcement) -> A + Send + Sync + 'static) -> Self
    where
        A: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.hooks.announcement.push(deliverer(hook));
        self
    }

    /// Archives sessions here: every changed one within the interval, with every step and checkpoint. It takes a worker.
    ///
    /// An archive that others use as well is given as an [`Arc`].
    #[must_use]
    pub fn archive(mut self, archive: impl Archive + 'static) -> Self {
        self.archive = Some(Arc::new(archive));
        self
    }

    /// Builds the engine over this store. One that others use as well is given as an [`Arc`].
    pub fn store(self, store: impl Store + 'static) -> Engine<F> {
        let shelter = match self.settings.outage {
            Outage::Memory { sessions } => Some(Shelter::for_sessions(sessions)),
            _ => None,
        };
        Engine(Arc::new(Inner {
            handler: self.handler,
            store: Resilient::over(store).deadline(self.settings.store_deadline),
            archive: self.archive.map(|archive| Shelves::over(archive, self.settings.archive_deadline)),
            desk: Desk::default(),
            clock: self.clock,
            settings: self.settings,
            hooks: self.hooks,
            counters: Counters::default(),
            gate: Gate::default(),
            locks: LockPool::new(),
            shelter,
        }))
    }
}
