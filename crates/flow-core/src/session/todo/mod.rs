//! What remains to be done for a session, in its own record: [`Todo`].

mod archiving;
mod deliverable;
mod pending;
mod timer;

use std::ops::Not;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub(crate) use archiving::Archiving;
pub use deliverable::{Announcement, Checkpoint, Effect, Key};
pub(crate) use pending::{Delivery, Pending, SetAside, Snapshot, What};
pub(crate) use timer::{Armed, Ring};

/// Everything that remains to be done for a session. The store only remembers when to look.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Todo {
    /// What is to be delivered, in this order.
    pub(crate) pending: Vec<Pending>,
    /// How the first of it fares; none before anybody tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delivery: Option<Delivery>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) set_aside: Vec<SetAside>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) timers: Vec<Armed>,
    /// Whether somebody wants to know when the session expires.
    #[serde(skip_serializing_if = "Not::not")]
    pub(crate) tell_expiry: bool,
    #[serde(skip_serializing_if = "Archiving::is_blank")]
    pub(crate) archiving: Archiving,
}

impl Todo {
    /// When something of what is pending may be delivered.
    pub(crate) fn deliver_at(&self) -> Option<DateTime<Utc>> {
        let first = self.pending.first()?;
        Some(self.delivery.map_or(first.at, |delivery| delivery.not_before))
    }

    /// How many checkpoints, effects and announcements the record carries.
    pub(crate) fn undelivered(&self) -> usize {
        self.pending.len() + self.set_aside.len()
    }
}
