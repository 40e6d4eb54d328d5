//! A bot's own connection to a platform: a [`Line`].

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use flow_core::{
    Address, Channel, Engine, EngineError, Fate, Flow, Key, Outgoing, Secret, SessionId,
    engine::{Accepted, Became, Doubt, Found, Noted},
};

use super::{Arrived, Pace, Platform, Receipt, layout, pace::Pacer, progress::Progress};
use crate::Metrics;

/// One bot, one number or one page on a platform, under a name of its own: the name is part of its visitors' session ids and of their
/// addresses, so a program has as many lines to a platform as it likes.
///
/// It is the [`Channel`] by which replies are sent, and what a [`Site`](crate::Site) takes messages in by. Clones are the same line.
///
/// ```no_run
/// # use flow_core::{EngineBuilder, Flow, Secret};
/// # use flow_http::{Site, platform::{Line, Platform}};
/// # use flow_memory::MemoryStore;
/// # fn example<F: Flow, P: Platform>(builder: EngineBuilder<F>, pager: P, secret: Secret) -> Result<(), Box<dyn std::error::Error>> {
/// let line = Line::new("pager", pager, secret);
/// let engine = builder.channel(line.name(), line.clone()).store(MemoryStore::new());
/// engine.worker().start();
/// let site = Site::new(engine).webhook("/hooks/pager", &line)?;
/// # let _ = site;
/// # Ok(())
/// # }
/// ```
pub struct Line<P> {
    inner: Arc<Inner<P>>,
    pacer: Arc<Pacer>,
}

struct Inner<P> {
    name: String,
    platform: P,
    secret: Secret,
    progress: Progress,
}

impl<P: Platform> Line<P> {
    /// A line of this name. The secret is the one that the bot derives session ids under.
    pub fn new(name: impl Into<String>, platform: P, secret: Secret) -> Self {
        let inner = Arc::new(Inner { name: name.into(), platform, secret, progress: Progress::default() });
        Self { inner, pacer: Arc::new(Pacer::new(P::PACE)) }
    }

    /// Sends at this pace, where an account has other limits than the platform's [usual ones](Platform::PACE). Clones that were made
    /// before keep theirs.
    ///
    /// ```
    /// # use flow_http::platform::{Line, Pace, Platform, Rate};
    /// # fn example<P: Platform>(line: Line<P>) -> Line<P> {
    /// line.pace(Pace::NONE.overall(Rate::per_second(250)).chat(Rate::per_second(1).burst(3)))
    /// # }
    /// ```
    #[must_use]
    pub fn pace(self, pace: Pace) -> Self {
        Self { pacer: Arc::new(Pacer::new(pace)), ..self }
    }

    /// Has all processes that share this engine's store keep to the [overall](Pace::overall) limit together.
    ///
    /// A [`Site`](crate::Site) with its webhook does, and [`accept`](Self::accept): this is for a process that only sends. While
    /// something is sent, the store is asked a few times a second at most; while it cannot be, this process keeps to the limit alone.
    pub fn share_pace<F: Flow>(&self, engine: &Engine<F>) {
        self.pacer.share(|| engine.slots(self.name()));
    }

    /// Has these tell how much waits for the pace, and why. A [`Site`](crate::Site) with its webhook does.
    pub fn count_waits(&self, metrics: &Metrics) {
        metrics.watch_pace(self.name(), self.pacer.waits());
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The platform that it leads to.
    pub fn platform(&self) -> &P {
        &self.inner.platform
    }

    /// The session of whoever wrote this.
    pub fn session_of(&self, arrived: &Arrived) -> SessionId {
        let Inner { name, secret, .. } = &*self.inner;
        match &arrived.writer {
            None => SessionId::reached_at(secret, &self.address_of(arrived)),
            // Nobody but this one, at no other place: a name with a place behind it is that of no line.
            Some(writer) => SessionId::derived(secret, &format!("{name}\0{}", arrived.place), writer),
        }
    }

    /// Accepts what arrived by this line, as [`Engine::accept`] does: for a platform that is asked for its messages, and whose
    /// requests therefore come to no [`Site`](crate::Site).
    pub async fn accept<F: Flow>(&self, engine: &Engine<F>, arrived: Arrived) -> Result<Accepted<F>, EngineError> {
        let (id, address) = (self.session_of(&arrived), self.address_of(&arrived));
        self.share_pace(engine);
        engine.accept(id, arrived.message.with_address(address)).await
    }

    /// Takes note of what the platform tells of what this line has sent, as [`Engine::take_receipt`] does: for a platform whose
    /// requests come to no [`Site`](crate::Site).
    ///
    /// A reply of several parts is there when the last of them is, and has failed when one of them has.
    pub async fn take_receipt<F: Flow>(&self, engine: &Engine<F>, receipt: &Receipt) -> Result<Noted, EngineError> {
        let Some((key, part)) = read_key(&receipt.key) else { return Ok(Noted::Nothing) };
        let progress = &self.inner.progress;
        match (part, &receipt.became) {
            (Some(part), became) if !matches!(became, Became::Failed(_)) => {
                progress.reach(key, part);
                Ok(Noted::Stored)
            }
            (part, became) => {
                // Sent by hand, it is sent from there.
                part.inspect(|part| progress.fall_back(key, part - 1));
                engine.take_receipt(key, &Address::new(self.name(), &*receipt.place), became).await
            }
        }
    }

    fn address_of(&self, arrived: &Arrived) -> Address {
        Address::new(self.name(), &*arrived.place)
    }
}

/// The key of a part: that of its reply for the last one, so that what is told of it is told of the reply.
fn key_of(key: Key, part: usize, parts: usize) -> String {
    if part + 1 == parts { key.to_string() } else { format!("{key}/{}", part + 1) }
}

/// The key of the reply, and which part of it is meant if it is not the last; none if the text is no key of ours.
fn read_key(text: &str) -> Option<(Key, Option<usize>)> {
    if let Ok(key) = text.parse() {
        return Some((key, None));
    }
    let (key, part) = text.rsplit_once('/')?;
    let (key, part): (Key, usize) = (key.parse().ok()?, part.parse().ok()?);
    // Written as we do, and no part before the first.
    (part > 0 && format!("{key}/{part}") == text).then_some((key, Some(part)))
}

#[async_trait]
impl<P: Platform> Channel for Line<P> {
    async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate> {
        let Inner { platform, progress, .. } = &*self.inner;
        let (key, place) = (outgoing.key, outgoing.address.place());
        // Rendered at once: a part borrows, and is not sent between threads.
        let wires: Vec<_> =
            layout::parts(&P::SCREEN, &outgoing.reply).iter().map(|part| platform.render(part)).collect();
        if wires.is_empty() {
            return Err(Fate::never("there is nothing in the reply that the platform can show"));
        }
        let (is_group, sent) = (platform.is_group(place), progress.of(key, wires.len()));
        let mut patience = self.pacer.patience(sent > 0);
        for (part, wire) in wires.iter().enumerate().skip(sent) {
            self.pacer.pass(place, is_group, wires.len() - part, &patience).await?;
            let said = platform.send(place, wire, &key_of(key, part, wires.len())).await;
            self.pacer.hear(place, said)?;
            patience.has_begun();
            if part + 1 < wires.len() {
                progress.note(key, part + 1);
            }
        }
        progress.forget(key);
        Ok(())
    }

    async fn find_out(&self, outgoing: &Outgoing) -> Found {
        let Inner { platform, progress, .. } = &*self.inner;
        let (key, place) = (outgoing.key, outgoing.address.place());
        let parts = layout::parts(&P::SCREEN, &outgoing.reply).len();
        for part in progress.of(key, parts)..parts {
            let found = platform.find_out(place, &key_of(key, part, parts)).await;
            if found != Found::Sent {
                return found;
            }
            progress.note(key, part + 1);
        }
        progress.forget(key);
        Found::Sent
    }

    fn in_doubt(&self) -> Doubt {
        self.inner.platform.in_doubt()
    }

    async fn typing(&self, address: &Address) {
        self.inner.platform.typing(address.place()).await;
    }
}

impl<P> Clone for Line<P> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), pacer: Arc::clone(&self.pacer) }
    }
}

impl<P> fmt::Debug for Line<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("name", &self.inner.name).finish_non_exhaustive()
    }
}
