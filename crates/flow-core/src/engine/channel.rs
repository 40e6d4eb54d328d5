//! What sends replies to visitors: a [`Channel`], and the [`Outgoing`] reply that it is given.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::fate::{Doubt, Fate, Found};
use crate::{Address, Key, Reply};

/// Sends replies to where visitors are reached: one bot of Telegram, one number, one page.
///
/// An engine is given it under a name ([`EngineBuilder::channel`](crate::EngineBuilder::channel)). Where a message has an
/// [`Address`] of that name, the replies to it are stored with its turn, as deliveries: each is sent at least once, under its own
/// [`Key`], by a [`Worker`](crate::Worker). Those of one session are sent in order, and each only when the one before it is done.
///
/// ```
/// use async_trait::async_trait;
/// use flow_core::{Channel, Fate, Outgoing};
///
/// struct Printer;
///
/// #[async_trait]
/// impl Channel for Printer {
///     async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate> {
///         println!("to {}: {}", outgoing.address.place(), outgoing.reply.text());
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait Channel: Send + Sync {
    /// Sends one reply. It is sent again under the same key unless this answers `Ok`, so a platform that knows idempotency keys
    /// is given it.
    ///
    /// Fails with what is to become of the reply, a [`Fate`]; any other error, by `?`, means that it is tried again later. What
    /// takes longer than [`Deadlines::hook`](crate::Deadlines::hook), or panics, is [in doubt](Fate::in_doubt).
    async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate>;

    /// Finds out whether a reply that is in doubt was sent: by its key in a history, or in a report of the platform.
    ///
    /// Asked at once after the try, and again before the next one. Unless this is written, it is not known.
    async fn find_out(&self, outgoing: &Outgoing) -> Found {
        let _ = outgoing;
        Found::Unknown
    }

    /// What to do with a reply that is in doubt when it cannot be found out whether it was sent. Unless this is written, it is
    /// sent again: rather twice than never.
    fn in_doubt(&self) -> Doubt {
        Doubt::SendAgain
    }

    /// Shows the visitor that an answer is coming. Called while a handler takes longer than
    /// [`Deadlines::typing`](crate::Deadlines::typing), and every four seconds from then on; nothing waits for it. Unless this is
    /// written, nothing is shown.
    async fn typing(&self, address: &Address) {
        let _ = address;
    }
}

#[async_trait]
impl<C: Channel + ?Sized> Channel for Arc<C> {
    async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate> {
        (**self).send(outgoing).await
    }

    async fn find_out(&self, outgoing: &Outgoing) -> Found {
        (**self).find_out(outgoing).await
    }

    fn in_doubt(&self) -> Doubt {
        (**self).in_doubt()
    }

    async fn typing(&self, address: &Address) {
        (**self).typing(address).await;
    }
}

/// One reply on its way to its visitor, as a [`Channel`] is given it.
///
/// `Debug` shows neither the place nor the text.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outgoing {
    /// Its idempotency key: the same however often it is sent.
    pub key: Key,
    /// Where it goes.
    pub address: Address,
    /// What is said.
    pub reply: Reply,
    /// When it was decided.
    pub at: DateTime<Utc>,
}

impl Outgoing {
    /// A reply for this address, decided at this time, as a test of a channel makes it.
    ///
    /// ```
    /// use chrono::Utc;
    /// use flow_core::{Address, Key, Outgoing, SessionId, Stamp};
    ///
    /// let key = Key::new(SessionId::random(), Stamp::first(), 0);
    /// let outgoing = Outgoing::new(key, Address::new("web", "visitor-7"), "Hello!".into(), Utc::now());
    /// assert_eq!(outgoing.reply.text(), "Hello!");
    /// ```
    pub fn new(key: Key, address: Address, reply: Reply, at: DateTime<Utc>) -> Self {
        Self { key, address, reply, at }
    }
}
