//! What an operator chooses of a bot: [`Settings`].

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

use crate::{Engine, EngineBuilder, Flow, Secret, Worker};

use super::{
    ChannelSecrets, Key, Mistakes, Origin, Sources, Storage, StorageError, channels::DeclaredChannels, entry::Entry,
    parts::Parts, place::Place, table::table,
};

/// What an operator chooses of a bot: where conversations are kept, for how long, and what is done in which case.
///
/// They were looked at as a whole when they were read: what there is, is right, as far as that can be told without asking a
/// server.
///
/// ```no_run
/// # use flow_chat::{EngineBuilder, Flow, service::Settings};
/// # async fn run<F: Flow>(builder: EngineBuilder<F>) -> Result<(), Box<dyn std::error::Error>> {
/// let settings = Settings::load()?;
/// let storage = settings.connect().await?;
/// let engine = storage.engine(settings.configure(builder)); // of `Booking::engine(Salon::new())`
/// settings.worker(&engine).start();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Settings {
    store: Place,
    parts: Parts,
    entries: BTreeMap<String, Entry>,
    #[cfg_attr(
        not(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp")),
        allow(dead_code, reason = "only platforms ask for it")
    )]
    declared: DeclaredChannels,
}

impl Settings {
    /// Reads the environment's variables, such as `FLOW_STORE`, over the file that `FLOW_SETTINGS` names, if it does.
    ///
    /// Fails with everything that is wrong, a line each.
    pub fn load() -> Result<Self, Mistakes> {
        Sources::new().environment().read()
    }

    /// Reads a file, and the environment's variables over it.
    ///
    /// Fails with everything that is wrong, a line each.
    pub fn from_file(path: impl Into<PathBuf>) -> Result<Self, Mistakes> {
        Sources::new().file(path).environment().read()
    }

    /// Takes settings by name, and nothing from the environment: for tests, and for a program that has its own way of being
    /// configured.
    ///
    /// Fails with everything that is wrong, a line each.
    ///
    /// ```
    /// use flow_chat::service::Settings;
    ///
    /// let settings = Settings::from_pairs([("store", "memory:"), ("expiry.idle", "24h")])?;
    /// # Ok::<(), flow_chat::service::Mistakes>(())
    /// ```
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Mistakes> {
        Sources::new().pairs(pairs).read()
    }

    /// Everything that Flow can be set, in the order in which a person reads it.
    ///
    /// ```
    /// use flow_chat::service::Settings;
    ///
    /// let idle = Settings::keys().find(|key| key.name() == "expiry.idle").expect("it is one");
    /// assert_eq!((idle.variable("FLOW").as_str(), idle.default()), ("FLOW_EXPIRY_IDLE", Some("off")));
    /// ```
    pub fn keys() -> impl Iterator<Item = &'static Key> + Clone {
        table()
    }

    /// Opens the store, and the archive if there is one.
    ///
    /// Fails if a server refuses, or is away: the store's, where `outage.policy` is `fail`. With another policy the bot may come
    /// first. An archive's server that is away is waited for, and told among the [`warnings`](Storage::warnings).
    pub async fn connect(&self) -> Result<Storage, StorageError> {
        Storage::open(&self.store, &self.parts).await
    }

    /// Has an engine run by these settings.
    ///
    /// It replaces what the builder was told before of the same things (expiry, deadlines, limits and so on); what it is told
    /// afterwards counts over the settings. A bot that wants another default than Flow's says
    /// [`Sources::default_to`], so that its operator can still choose.
    #[must_use]
    pub fn configure<F: Flow>(&self, builder: EngineBuilder<F>) -> EngineBuilder<F> {
        let parts = self.parts.clone();
        let builder = builder
            .expiry(parts.expiry)
            .resume(parts.resume)
            .deadlines(parts.deadlines)
            .retries(parts.retries)
            .archival(parts.archival)
            .limits(parts.limits)
            .backlog(parts.backlog)
            .inbox(parts.inbox)
            .outage(parts.outage.outage())
            .damage(parts.damage.damage())
            .warm(parts.warm.bytes);
        match parts.said.said() {
            Some(said) => builder.keep_said(said),
            None => builder,
        }
    }

    /// A worker for the engine that works by these settings.
    pub fn worker<F: Flow>(&self, engine: &Engine<F>) -> Worker<F> {
        self.parts.worker.configure(engine.worker()).daily(self.parts.daily.daily())
    }

    /// What session ids are derived under; none unless it is set.
    pub fn secret(&self) -> Option<&Secret> {
        self.parts.secret.as_ref()
    }

    /// What [`secret`](Self::secret) was before; none unless it is set.
    pub fn previous_secret(&self) -> Option<&Secret> {
        self.parts.previous_secret.as_ref()
    }

    /// What is set of a channel of the bot; none if neither its secret nor its token is.
    pub fn channel(&self, name: &str) -> Option<ChannelSecrets<'_>> {
        ChannelSecrets::of(name, |name| self.own(name))
    }

    /// The channels that the program has declared.
    #[cfg(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp"))]
    pub(super) fn declared(&self) -> &DeclaredChannels {
        &self.declared
    }

    /// Where the bot is reached from outside, as platforms and browsers write it, without a slash at its end; none unless it is set.
    pub fn url(&self) -> Option<&str> {
        self.parts.server.url.as_ref().map(super::parts::Reached::as_str)
    }

    /// Where the bot is to be served: `127.0.0.1:8080`, unless it is set.
    pub fn listen(&self) -> &str {
        self.parts.server.listen.as_str()
    }

    /// How long a server takes at most to end, once it is told to: less than what runs it gives it.
    pub fn longest_end(&self) -> Duration {
        // The engine has a second of its own in any case.
        self.parts.server.unready + self.parts.server.patience + Duration::from_secs(1)
    }

    /// The value of a setting of the bot's own, which may be a secret; none if it is not set and has no default.
    pub fn own(&self, name: &str) -> Option<&str> {
        self.parts.own.get(name).map(|value| value.reveal().as_str())
    }

    /// Where a setting was written; none if it was not.
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        self.entries.get(name).map(|entry| &entry.origin)
    }

    /// How the bot is served.
    #[cfg(feature = "http")]
    pub(super) fn server(&self) -> &super::parts::Server {
        &self.parts.server
    }

    /// What sends spans to the operator's collector, as the service of this name; none unless `traces.collector` is set. Called in a
    /// runtime of tokio, which sends.
    ///
    /// ```no_run
    /// use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};
    ///
    /// # fn logged(settings: &flow_chat::service::Settings) {
    /// let traces = settings.traces("salon");
    /// let layer = traces.as_ref().map(|traces| traces.layer());
    /// tracing_subscriber::registry().with(layer).with(tracing_subscriber::fmt::layer()).init();
    /// # }
    /// ```
    #[cfg(feature = "traces")]
    pub fn traces(&self, service: &str) -> Option<crate::traces::Traces> {
        let traces = &self.parts.traces;
        // It was found to be right when it was read.
        let collector = traces.collector.as_deref()?;
        crate::traces::Traces::of_each(collector, service, traces.share).ok()
    }

    /// What was read, and found to be right.
    pub(super) fn of(store: Place, parts: Parts, entries: BTreeMap<String, Entry>, declared: DeclaredChannels) -> Self {
        Self { store, parts, entries, declared }
    }
}

/// What is set, and where, with everything secret masked.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_map();
        for (name, entry) in &self.entries {
            let is_plain = table().any(|key| key.name() == name && !key.is_secret());
            let value = entry.written.text().filter(|_| is_plain && !entry.names_file);
            shown.entry(name, &format_args!("{} ({})", value.as_deref().unwrap_or("***"), entry.origin));
        }
        shown.finish()
    }
}
