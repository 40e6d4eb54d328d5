//! A bot's own connection to a platform: a [`Line`].

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use flow_core::{
    Address, Channel, Engine, EngineError, Fate, Flow, Key, Outgoing, Secret, SessionId,
    engine::{Accepted, Doubt, Found},
};

use super::{Arrived, Platform, layout, progress::Progress};

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
pub struct Line<P>(Arc<Inner<P>>);

struct Inner<P> {
    name: String,
    platform: P,
    secret: Secret,
    progress: Progress,
}

impl<P: Platform> Line<P> {
    /// A line of this name. The secret is the one that the bot derives session ids under.
    pub fn new(name: impl Into<String>, platform: P, secret: Secret) -> Self {
        Self(Arc::new(Inner { name: name.into(), platform, secret, progress: Progress::default() }))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The platform that it leads to.
    pub fn platform(&self) -> &P {
        &self.0.platform
    }

    /// The session of whoever wrote this.
    pub fn session_of(&self, arrived: &Arrived) -> SessionId {
        let Inner { name, secret, .. } = &*self.0;
        match &arrived.writer {
            None => SessionId::reached_at(secret, &self.address_of(arrived)),
            // Nobody but this one, at no other place: a length says where the place ends.
            Some(writer) => {
                let place = &arrived.place;
                SessionId::derived(secret, name, &format!("{}:{place}{writer}", place.len()))
            }
        }
    }

    /// Accepts what arrived by this line, as [`Engine::accept`] does: for a platform that is asked for its messages, and whose
    /// requests therefore come to no [`Site`](crate::Site).
    pub async fn accept<F: Flow>(&self, engine: &Engine<F>, arrived: Arrived) -> Result<Accepted<F>, EngineError> {
        let (id, address) = (self.session_of(&arrived), self.address_of(&arrived));
        engine.accept(id, arrived.message.with_address(address)).await
    }

    fn address_of(&self, arrived: &Arrived) -> Address {
        Address::new(self.name(), &*arrived.place)
    }
}

/// The key of a part: that of its reply, where it is the only one.
fn key_of(key: Key, part: usize, parts: usize) -> String {
    if parts == 1 { key.to_string() } else { format!("{key}/{}", part + 1) }
}

#[async_trait]
impl<P: Platform> Channel for Line<P> {
    async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate> {
        let Inner { platform, progress, .. } = &*self.0;
        let (key, place) = (outgoing.key, outgoing.address.place());
        // Rendered at once: a part borrows, and is not sent between threads.
        let wires: Vec<_> =
            layout::parts(&P::SCREEN, &outgoing.reply).iter().map(|part| platform.render(part)).collect();
        if wires.is_empty() {
            return Err(Fate::never("there is nothing in the reply that the platform can show"));
        }
        for (part, wire) in wires.iter().enumerate().skip(progress.of(key)) {
            platform.send(place, wire, &key_of(key, part, wires.len())).await?;
            if part + 1 < wires.len() {
                progress.note(key, part + 1);
            }
        }
        progress.forget(key);
        Ok(())
    }

    async fn find_out(&self, outgoing: &Outgoing) -> Found {
        let Inner { platform, progress, .. } = &*self.0;
        let (key, place) = (outgoing.key, outgoing.address.place());
        let parts = layout::parts(&P::SCREEN, &outgoing.reply).len();
        for part in progress.of(key)..parts {
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
        self.0.platform.in_doubt()
    }

    async fn typing(&self, address: &Address) {
        self.0.platform.typing(address.place()).await;
    }
}

impl<P> Clone for Line<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P> fmt::Debug for Line<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("name", &self.0.name).finish_non_exhaustive()
    }
}
