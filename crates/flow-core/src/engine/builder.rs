//! How an engine comes about: [`EngineBuilder`].

use std::{error::Error as StdError, fmt, future::Future, sync::Arc};

use tokio::sync::Semaphore;

use super::{
    Archival, Attendance, Backlog, Damage, Deadlines, Engine, Expiry, Inbox, Limits, Observer, Outage, Phrases, Resume,
    Retries, Rooms, Said,
    channels::Channels,
    collecting::Hub,
    following::Archivist,
    gate::Gate,
    handler::{Driven, Handler},
    hooks::{Hooks, deliverer},
    intake::Intake,
    keeper::Keeper,
    ledger::Ledger,
    names,
    observers::Observers,
    settings::{Settings, WarmBytes},
    tray::Tray,
    turn::Turns,
    upkeep::Upkeep,
    watchdog::Watchdog,
};
use crate::{
    Announcement, Archive, Checkpoint, Clock, Effect, Fetch, Flow, SessionId, Store, SystemClock, Transition,
    handler::fetch::Fetchers, record::RecordForm, wiring::Drive,
};

/// Builds an [`Engine`]. Begun by the `engine` function that the derive gives a flow, ended by
/// [`EngineBuilder::store`].
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::{
///     Engine, EngineBuilder, Flow, Outage,
///     engine::{Expiry, Limits},
/// };
/// use flow_memory::MemoryStore;
///
/// fn built<F: Flow>(builder: EngineBuilder<F>) -> Engine<F> {
///     builder
///         .expiry(Expiry::default().idle(Duration::from_secs(86_400)))
///         .limits(Limits::default().turns_at_once(1_000))
///         .outage(Outage::Say("We will be right back.".into()))
///         .on_transition(|session, step| println!("{session}: {step}"))
///         .store(MemoryStore::new())
/// }
/// ```
pub struct EngineBuilder<F: Flow> {
    handler: Arc<dyn Handler<F>>,
    clock: Arc<dyn Clock>,
    pub(super) settings: Settings,
    hooks: Hooks<F>,
    pub(super) channels: Channels<F>,
    observers: Vec<Box<dyn Observer>>,
    archive: Option<Arc<dyn Archive>>,
    fetchers: Fetchers,
}

/// Setters for groups of settings, in one list.
macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ty;)*) => {
        $($(#[doc = $doc])+
        #[must_use]
        pub fn $name(mut self, $name: $kind) -> Self {
            self.settings.$name = $name;
            self
        })*
    };
}

impl<F: Flow> EngineBuilder<F> {
    /// Begins to build an engine that runs the flow `F` with this handler.
    pub fn new<H>(handler: H) -> Self
    where
        F: Drive<H>,
        H: Send + Sync + 'static,
    {
        Self {
            handler: Arc::new(Driven::<F, H>::new(Arc::new(handler))),
            clock: Arc::new(SystemClock),
            settings: Settings::default(),
            hooks: Hooks::default(),
            channels: Channels::default(),
            observers: Vec::new(),
            archive: None,
            fetchers: Fetchers::default(),
        }
    }

    settings! {
        /// When a session expires. Never unless set.
        expiry: Expiry;
        /// Whether a session goes on that had expired, or was lost by its store. [`Resume::Unexpired`] unless set.
        resume: Resume;
        /// What to do when the store is away. [`Outage::Fail`] unless set.
        outage: Outage;
        /// What to do with a turn when too much is undelivered. [`Backlog::Fail`] unless set.
        backlog: Backlog;
        /// What to do with a stored session that is damaged. [`Damage::Refuse`] unless set.
        damage: Damage;
        /// How long a turn may take, and how long to wait for the store, the handler, the hooks and the archive.
        deadlines: Deadlines;
        /// How often what failed is tried again, and when.
        retries: Retries;
        /// How closely the archive follows.
        archival: Archival;
        /// How much is taken, and kept in a record.
        limits: Limits;
        /// How long a message that is accepted waits for its turn before it is stored to wait, and how many wait.
        inbox: Inbox;
        /// The engine's own words.
        phrases: Phrases;
        /// In which form records are written. [`RecordForm::Sections`] unless set; every form is read, whatever is set.
        writes: RecordForm;
    }

    /// How many bytes of sessions the engine keeps as their last turns here have left them, so that the next turn of each makes one call
    /// to the store and not two. 64 MiB unless set; with 0 every turn reads its session first.
    ///
    /// Nothing that is kept is believed: where another process has written a session meanwhile, its turn is run again over what is stored.
    /// What visitors said then lies in this process's memory for as long.
    ///
    /// ```
    /// use flow_core::{EngineBuilder, Flow};
    ///
    /// fn small<F: Flow>(builder: EngineBuilder<F>) -> EngineBuilder<F> {
    ///     builder.warm(8 * 1024 * 1024)
    /// }
    /// ```
    #[must_use]
    pub fn warm(mut self, bytes: usize) -> Self {
        self.settings.warm = WarmBytes(bytes);
        self
    }

    /// Has this clock instead of the machine's.
    ///
    /// What time it is, the store says. The engine's clock tells what has passed since, and how far the two are apart: a test
    /// with a clock of its own gives it to the store, and here as well, unless they are to differ.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Tells this observer of every turn and of every call to the store, for metrics and traces.
    #[must_use]
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Shows every step to this hook, once it is stored. Whatever the hook does, the turn stands.
    #[must_use]
    pub fn on_transition(mut self, hook: impl Fn(SessionId, &Transition) + Send + Sync + 'static) -> Self {
        self.hooks.transition.push(Box::new(hook));
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

    /// Delivers every effect to this hook too, before the handler's own method for it, at least once, until it answers `Ok`.
    ///
    /// Until the hooks and the handler answer `Ok` in one round, all get it again. The effects of a flow inside are of a type of its own: they go
    /// to the methods of its handler, and to no hook.
    ///
    /// ```
    /// use flow_core::Wire;
    ///
    /// # use flow_core::{EngineBuilder, Flow};
    /// # fn with_a_hook<F: Flow>(builder: EngineBuilder<F>) -> EngineBuilder<F> {
    /// builder.on_effect(|effect| async move {
    ///     println!("{}: {}", effect.key, effect.effect.name());
    ///     Ok::<_, std::io::Error>(()) // or any other error: without `?` in the body its type has to be named
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn on_effect<A, E>(mut self, hook: impl Fn(Effect<F>) -> A + Send + Sync + 'static) -> Self
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
    ///
    /// Where the session has an [`Address`](crate::Address), the [`Channel`](crate::Channel) of that name sends it, and no hook hears of it.
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

    /// Has files that visitors send fetched by this, when a handler asks for one with [`Turn::fetch`](crate::Turn::fetch).
    ///
    /// It fetches those of every channel that has [none of its own](Self::fetch_media_of).
    #[must_use]
    pub fn fetch_media(mut self, fetcher: impl Fetch) -> Self {
        self.fetchers.set_for_all(fetcher);
        self
    }

    /// Has files that came by the channel of this name fetched by this: what one platform calls a file, another does not know.
    #[must_use]
    pub fn fetch_media_of(mut self, channel: impl Into<String>, fetcher: impl Fetch) -> Self {
        self.fetchers.set(channel.into(), fetcher);
        self
    }

    /// Keeps what was said in each session: a transcript, with a life and a bound of its own. Nothing of it is kept unless set.
    #[must_use]
    pub fn keep_said(mut self, said: Said) -> Self {
        self.settings.said = Some(said);
        self
    }

    /// Builds the engine over this store. One that others use as well is given as an [`Arc`].
    pub fn store(self, store: impl Store + 'static) -> Engine<F> {
        names::notice::<F>();
        let deadlines = self.settings.deadlines.clone().bounded();
        let (settings, clock) = (Arc::new(Settings { deadlines, ..self.settings }), self.clock);
        let (observers, hooks) = (Arc::new(Observers::new(self.observers)), Arc::new(self.hooks));
        let (channels, ledger) = (Arc::new(self.channels), Arc::new(Ledger::default()));
        let (gate, tray) = (Arc::new(Gate::new(&settings.limits)), Arc::new(Tray::default()));
        let hub = Arc::new(Hub::default());
        let keeper = Keeper::over(
            Arc::new(store),
            self.archive.is_some(),
            clock,
            settings.clone(),
            observers.clone(),
            hub.clone(),
        );
        keeper.notice_missing_powers();
        let keeper = Arc::new(keeper);
        let attendance = Arc::new(Attendance::new(keeper.clone(), gate.clone()));
        let archivist = self
            .archive
            .map(|archive| Arc::new(Archivist::new(archive, keeper.clone(), settings.clone(), observers.clone())));
        if let Some(archivist) = &archivist {
            archivist.notice_missing_power();
        }
        let said = settings.said.clone();
        let turns = Arc::new(Turns {
            keeper: keeper.clone(),
            archivist: archivist.clone(),
            handler: self.handler.clone(),
            fetchers: self.fetchers,
            hooks: hooks.clone(),
            channels: channels.clone(),
            tray: tray.clone(),
            ledger: ledger.clone(),
            gate: gate.clone(),
            attendance: attendance.clone(),
            settings: settings.clone(),
            watchdog: Watchdog::over::<F>(&observers),
            suspects: Semaphore::new(1),
            observers: observers.clone(),
        });
        let intake = Arc::new(Intake {
            under_way: Arc::default(),
            turns: turns.clone(),
            keeper: keeper.clone(),
            gate: gate.clone(),
            attendance: attendance.clone(),
            settings: settings.clone(),
            observers: observers.clone(),
        });
        let upkeep = Arc::new(Upkeep {
            intake: intake.clone(),
            keeper: keeper.clone(),
            turns: turns.clone(),
            archivist: archivist.clone(),
            handler: self.handler,
            hooks,
            channels,
            tray,
            ledger,
            gate: gate.clone(),
            attendance: attendance.clone(),
            settings: settings.clone(),
            observers: observers.clone(),
        });
        Engine {
            rooms: Arc::new(Rooms { keeper, archivist, turns, intake, upkeep, attendance, gate, observers, hub, said }),
        }
    }
}

/// For a forgotten store: what an engine can do stands here in vain, so that the error says what is missing.
#[doc(hidden)]
impl<F: Flow> EngineBuilder<F>
where
    Self: HasStore,
{
    pub fn handle(self) {}
    pub fn signal(self) {}
    pub fn worker(self) {}
    pub fn peek(self) {}
}

/// An engine that is built. No builder is one.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this engine is not built yet: it has no store",
    label = "an engine can do that, and this is the builder of one",
    note = "end the building with a store: write `.store(MemoryStore::new())` after `engine(…)`"
)]
pub trait HasStore {}

impl<F: Flow> fmt::Debug for EngineBuilder<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut builder = f.debug_struct("EngineBuilder");
        builder.field("flow", &F::GRAPH.name).field("settings", &self.settings).finish_non_exhaustive()
    }
}
