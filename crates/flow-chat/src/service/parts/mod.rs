//! What the settings come to, as the engine and the stores take it: [`Parts`].

mod daily;
mod policies;
mod reached;
mod server;
mod servers;
mod traces;
mod worker;

use std::collections::BTreeMap;

use crate::{Archival, Backlog, Deadlines, Expiry, Limits, Resume, Retries, Secret, engine::Inbox};

use super::{
    hidden::Hidden,
    place::{Archiving, Place},
};

pub(super) use daily::{DailyParts, time_of_day};
pub(super) use policies::{DamageParts, OutageParts, OutagePolicy, SaidParts, WarmParts, Words};
pub(super) use reached::Reached;
pub(super) use server::{Listen, Server};
pub(super) use servers::{Memory, Postgres, Redis, Servers, Sqlite};
pub(super) use traces::TraceParts;
pub(super) use worker::WorkerParts;

/// What the settings come to. As long as nothing is set it is what each part is by default.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) store: Option<Place>,
    pub(super) archive: Archiving,
    pub(super) servers: Servers,
    pub(super) redis: Redis,
    pub(super) postgres: Postgres,
    pub(super) sqlite: Sqlite,
    pub(super) memory: Memory,
    pub(super) secret: Option<Secret>,
    pub(super) previous_secret: Option<Secret>,
    pub(super) expiry: Expiry,
    pub(super) resume: Resume,
    pub(super) deadlines: Deadlines,
    pub(super) retries: Retries,
    pub(super) archival: Archival,
    pub(super) limits: Limits,
    pub(super) warm: WarmParts,
    pub(super) backlog: Backlog,
    pub(super) inbox: Inbox,
    pub(super) outage: OutageParts,
    pub(super) damage: DamageParts,
    pub(super) said: SaidParts,
    pub(super) worker: WorkerParts,
    pub(super) daily: DailyParts,
    pub(super) server: Server,
    pub(super) traces: TraceParts,
    /// The bot's own settings.
    pub(super) own: BTreeMap<String, Hidden<String>>,
}

impl Parts {
    /// Where conversations are kept for months; none if they are not.
    pub(super) fn archive_place(&self) -> Option<&Place> {
        match &self.archive {
            Archiving::BesideIfItCan => self.store.as_ref().filter(|store| store.can_archive()),
            Archiving::Beside => self.store.as_ref(),
            Archiving::Nowhere => None,
            Archiving::At(place) => Some(place),
        }
    }
}
