//! The channels of an engine, by name: how its builder is given them, and [`Channels`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{Became, Engine, EngineBuilder, channel::Channel, error::EngineError, observed::OTHER_CHANNEL};
use crate::{Address, Flow, session::Destination};

impl<F: Flow> EngineBuilder<F> {
    /// Sends replies by this channel to the addresses of this name: those to a message that has such an [`Address`], those to
    /// signals and to an operator's hand where the session was last reached there, and what the bot says of its own accord. Of two
    /// channels of one name the later counts.
    ///
    /// The replies are stored with their turn and sent by a [`Worker`](crate::Worker), at once if this process has one. They stand
    /// in the outcome all the same: who has a channel sends none of them. In the outcome alone are the apology of
    /// [`handle`](crate::Engine::handle) for a handler that failed and the answer of [`Outage::Say`](crate::Outage::Say), which are
    /// not stored, and the replies to a repeat, which were promised when the message first came. What was
    /// [accepted](crate::Engine::accept) is taken though its handler failed, and so its apology is sent as well.
    ///
    /// ```
    /// use async_trait::async_trait;
    /// use flow_core::{Address, Channel, EngineBuilder, Fate, Flow, Input, Outgoing, Secret, SessionId};
    /// use flow_memory::MemoryStore;
    ///
    /// struct Telegram;
    ///
    /// #[async_trait]
    /// impl Channel for Telegram {
    ///     async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate> {
    ///         println!("{}", outgoing.reply.text()); // here the platform is called
    ///         Ok(())
    ///     }
    /// }
    ///
    /// async fn serve<F: Flow>(builder: EngineBuilder<F>, secret: Secret) -> Result<(), flow_core::EngineError> {
    ///     let engine = builder.channel("telegram", Telegram).store(MemoryStore::new());
    ///     engine.worker().start();
    ///     let from = Address::new("telegram", "4711");
    ///     let id = SessionId::reached_at(&secret, &from);
    ///     engine.handle(id, Input::text("hello").with_id("update 1").with_address(from)).await?;
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn channel(mut self, name: impl Into<String>, channel: impl Channel + 'static) -> Self {
        self.channels.add(name.into(), Arc::new(channel));
        self
    }

    /// Has the flow hear, by a signal, that a reply can [never](crate::Fate::never) be sent to this address, for this reason.
    ///
    /// The signal is handled in a turn of its own, at least once tried and at most once taken. It begins no conversation, and is no
    /// sign of life. A state that does not take it is left as it is. What the flow says in that turn is not sent to the same
    /// address.
    ///
    /// ```
    /// # use flow_core::{EngineBuilder, Flow};
    /// # fn example<F: Flow<Signal: From<String>>>(builder: EngineBuilder<F>) -> EngineBuilder<F> {
    /// // With a flow's own type: `Signal::Unreachable(reason)`.
    /// builder.tell_undeliverable(|_address, reason| reason.to_owned().into())
    /// # }
    /// ```
    #[must_use]
    pub fn tell_undeliverable(mut self, signal: impl Fn(&Address, &str) -> F::Signal + Send + Sync + 'static) -> Self {
        self.channels.tell(Box::new(signal));
        self
    }

    /// Has the flow hear, by the signal that this makes of it, if it makes any, what its platform tells of a reply that it was sent
    /// to this address: a delivery receipt. Not at all unless set.
    ///
    /// Each kind is heard once for a reply, in a turn of its own that begins no conversation and is no sign of life. A state that does
    /// not take the signal is left as it is. What the flow says in that turn is sent, and of that no receipts are told. What
    /// [failed](Became::Failed) is told to [`tell_undeliverable`](Self::tell_undeliverable) instead, where that is set.
    ///
    /// ```
    /// # use flow_core::{EngineBuilder, Flow, engine::Became};
    /// # fn example<F: Flow<Signal: From<String>>>(builder: EngineBuilder<F>) -> EngineBuilder<F> {
    /// // With a flow's own type: `Became::Read => Some(Signal::Read)`.
    /// builder.tell_receipts(|_address, became| match became {
    ///     Became::Read => Some("read".to_owned().into()),
    ///     _ => None,
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn tell_receipts(
        mut self,
        signal: impl Fn(&Address, &Became) -> Option<F::Signal> + Send + Sync + 'static,
    ) -> Self {
        self.channels.tell_receipts(Box::new(signal));
        self
    }
}

impl<F: Flow> Engine<F> {
    /// Whether replies to addresses of this name are sent by a channel: see [`EngineBuilder::channel`].
    pub fn sends_by(&self, channel: &str) -> bool {
        self.rooms.turns.channels.has(channel)
    }
}

/// What a flow makes of a reply that can never be sent.
type Tell<F> = Box<dyn Fn(&Address, &str) -> <F as Flow>::Signal + Send + Sync>;

/// What a flow makes of a receipt.
type TellReceipt<F> = Box<dyn Fn(&Address, &Became) -> Option<<F as Flow>::Signal> + Send + Sync>;

/// The channels that an engine was given, and which of them rest.
pub(super) struct Channels<F: Flow> {
    by_name: HashMap<String, Arc<dyn Channel>>,
    /// How the flow hears of what can never be sent, if it does.
    tell: Option<Tell<F>>,
    /// How it hears of what became of what was sent, if it does.
    tell_receipt: Option<TellReceipt<F>>,
    /// Until when nothing is sent by a channel, because its platform said so.
    resting: Mutex<HashMap<String, Instant>>,
}

impl<F: Flow> Default for Channels<F> {
    fn default() -> Self {
        Self { by_name: HashMap::new(), tell: None, tell_receipt: None, resting: Mutex::default() }
    }
}

impl<F: Flow> Channels<F> {
    pub(super) fn add(&mut self, name: String, channel: Arc<dyn Channel>) {
        self.by_name.insert(name, channel);
    }

    pub(super) fn tell(&mut self, tell: Tell<F>) {
        self.tell = Some(tell);
    }

    fn tell_receipts(&mut self, tell: TellReceipt<F>) {
        self.tell_receipt = Some(tell);
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The channel of this name.
    ///
    /// Fails if this engine has none.
    pub(super) fn named(&self, name: &str) -> Result<&Arc<dyn Channel>, EngineError> {
        self.by_name.get(name).ok_or_else(|| EngineError::UnknownChannel { channel: name.to_owned() })
    }

    /// The name of a channel, if this engine has it: names that come from outside are all one.
    pub(super) fn label_of<'n>(&self, name: &'n str) -> &'n str {
        if self.by_name.contains_key(name) { name } else { OTHER_CHANNEL }
    }

    /// Whether the flow hears of what can never be sent.
    pub(super) fn tells_undeliverable(&self) -> bool {
        self.tell.is_some()
    }

    /// The signal by which the flow hears that nothing can be sent there, for this reason.
    pub(super) fn signal_of(&self, address: &Address, reason: &str) -> Option<F::Signal> {
        self.tell.as_ref().map(|tell| tell(address, reason))
    }

    /// The signal by which the flow hears what became of a reply that was sent there, if it wants to.
    pub(super) fn signal_of_receipt(&self, address: &Address, became: &Became) -> Option<F::Signal> {
        self.tell_receipt.as_ref().and_then(|tell| tell(address, became))
    }

    /// Has nothing sent by this channel for so long.
    pub(super) fn rest(&self, name: &str, time: Duration) {
        let (now, mut resting) = (Instant::now(), self.resting());
        resting.retain(|_, until| *until > now);
        let until = resting.entry(name.to_owned()).or_insert(now);
        *until = (*until).max(now + time);
    }

    /// For how long nothing is to be sent by this channel; none if it does not rest.
    pub(super) fn rests_for(&self, name: &str) -> Option<Duration> {
        let until = *self.resting().get(name)?;
        Some(until.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }

    /// The same, where this goes to a channel.
    pub(super) fn rest_of(&self, to: &Destination) -> Option<Duration> {
        to.channel().and_then(|name| self.rests_for(name))
    }

    fn resting(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
