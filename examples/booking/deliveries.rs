//! Where what is delivered goes: [`Deliveries`].

use std::io;

use async_trait::async_trait;
use flow_chat::{
    Address, Announcement, Channel, Checkpoint, Effect, EngineBuilder, Fate, Flow, Key, Outgoing, Reply, SessionId,
    Wire,
};
use serde::Serialize;

use crate::{
    flow::Booking,
    screen,
    window::{CHANNEL, Window},
};

/// What becomes of replies on their way, and of checkpoints, expiries, effects and announcements.
///
/// A real bot would send mails and messages; this one says on its screen what it would do.
#[derive(Clone)]
pub enum Deliveries {
    /// What is said to the visitor of this window is shown there; the rest is logged.
    Said(Window),
    /// What is sent or announced is a line of JSON; the rest is logged.
    Announced,
    /// Everything is a line of JSON.
    Listed,
}

/// A line of JSON for a delivery.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Line<'d> {
    Checkpoint(&'d str),
    Expired(&'d str),
    Effect(&'d str),
    Announcement(&'d [Reply]),
    Reply(&'d Reply),
}

#[derive(Serialize)]
struct Keyed<'d> {
    session: SessionId,
    key: String,
    #[serde(flatten)]
    line: &'d Line<'d>,
}

impl Deliveries {
    /// Hangs the hooks onto an engine.
    pub fn hooked(self, builder: EngineBuilder<Booking>) -> EngineBuilder<Booking> {
        let (checkpoints, expiries, effects, announcements) = (self.clone(), self.clone(), self.clone(), self.clone());
        builder
            .on_checkpoint(move |Checkpoint { key, state, .. }| {
                let taken = checkpoints.take(key, &Line::Checkpoint(state.name()));
                async { taken }
            })
            .on_expired(move |Checkpoint { key, state, .. }| {
                let taken = expiries.take(key, &Line::Expired(state.name()));
                async { taken }
            })
            .on_effect(move |Effect { key, effect, .. }| {
                let taken = effects.take(key, &Line::Effect(effect.name()));
                async { taken }
            })
            .on_announcement(move |Announcement { key, replies, .. }| {
                let taken = announcements.take(key, &Line::Announcement(&replies));
                async { taken }
            })
            .channel(CHANNEL, self)
    }

    fn take(&self, key: Key, line: &Line<'_>) -> io::Result<()> {
        let what = match line {
            Line::Checkpoint(name) | Line::Expired(name) | Line::Effect(name) => name,
            Line::Announcement(_) => "announcement",
            Line::Reply(_) => "reply",
        };
        tracing::info!(%key, what, "delivered");
        match (self, line) {
            (Self::Said(window), Line::Announcement(replies)) if window.is_of(key.session) => {
                replies.iter().try_for_each(screen::reply_on_a_line)
            }
            (Self::Announced, Line::Announcement(_) | Line::Reply(_)) | (Self::Listed, _) => {
                screen::line(&serde_json::to_string(&Keyed { session: key.session, key: key.to_string(), line })?)
            }
            _ => Ok(()),
        }
    }
}

/// The one channel of the bot. A real one calls its platform here, and makes a [`Fate`] of what that answers.
#[async_trait]
impl Channel for Deliveries {
    async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate> {
        match self {
            Self::Said(window) => window.send(outgoing).await,
            Self::Announced | Self::Listed => Ok(self.take(outgoing.key, &Line::Reply(&outgoing.reply))?),
        }
    }

    async fn typing(&self, address: &Address) {
        if let Self::Said(window) = self {
            window.type_on(address).await;
        }
    }
}
