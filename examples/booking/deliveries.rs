//! Where what is delivered goes: [`Deliveries`].

use std::io;

use flow_chat::{Announcement, Checkpoint, Effect, EngineBuilder, Flow, Key, Reply, SessionId, Wire};
use serde::Serialize;

use crate::{flow::Booking, screen};

/// What becomes of checkpoints, expiries, effects and announcements.
///
/// A real bot would send mails and messages; this one says on its screen what it would do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Deliveries {
    /// What is announced is said to the visitor at this terminal; the rest is logged.
    Said(SessionId),
    /// What is announced is a line of JSON; the rest is logged.
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
        builder
            .on_checkpoint(move |Checkpoint { key, state, .. }| async move {
                self.take(key, &Line::Checkpoint(state.name()))
            })
            .on_expired(
                move |Checkpoint { key, state, .. }| async move { self.take(key, &Line::Expired(state.name())) },
            )
            .on_effect(move |Effect { key, effect, .. }| async move { self.take(key, &Line::Effect(effect.name())) })
            .on_announcement(move |Announcement { key, replies, .. }| async move {
                self.take(key, &Line::Announcement(&replies))
            })
    }

    fn take(self, key: Key, line: &Line<'_>) -> io::Result<()> {
        let what = match line {
            Line::Checkpoint(name) | Line::Expired(name) | Line::Effect(name) => name,
            Line::Announcement(_) => "announcement",
        };
        tracing::info!(%key, what, "delivered");
        match (self, line) {
            (Self::Said(id), Line::Announcement(replies)) if id == key.session => {
                replies.iter().try_for_each(screen::reply_on_a_line)
            }
            (Self::Announced, Line::Announcement(_)) | (Self::Listed, _) => {
                screen::line(&serde_json::to_string(&Keyed { session: key.session, key: key.to_string(), line })?)
            }
            _ => Ok(()),
        }
    }
}
