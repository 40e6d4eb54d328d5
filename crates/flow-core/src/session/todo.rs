//! What remains to be done for a session, in its own record: [`Todo`], a transactional outbox with timers.

use std::ops::Not;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    archiving::Archiving,
    pending::{Delivery, Pending, SetAside},
    timer::RunningTimer,
};

/// Everything that remains to be done for a session. The store only remembers when to look.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Todo {
    /// What is to be delivered, in this order.
    pub(super) pending: Vec<Pending>,
    /// The tries of the first of them; none before it is tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delivery: Option<Delivery>,
    /// The dead letters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) set_aside: Vec<SetAside>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) timers: Vec<RunningTimer>,
    /// Whether the session's expiry is to be told.
    #[serde(skip_serializing_if = "Not::not")]
    pub(super) tell_expiry: bool,
    #[serde(skip_serializing_if = "Archiving::is_blank")]
    pub(super) archiving: Archiving,
}

impl Todo {
    /// When something of what is pending may be delivered.
    pub(super) fn deliver_at(&self) -> Option<DateTime<Utc>> {
        let first = self.pending.first()?;
        Some(self.delivery.map_or(first.at, |delivery| delivery.not_before))
    }
}
