//! What is still to be delivered, as the record has it: [`Pending`].

use std::{fmt, ops::Not};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Key, Reply, SessionId};

/// A checkpoint, an effect or an announcement in the record, until it is delivered.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) version: u64,
    pub(crate) index: u32,
    pub(crate) at: DateTime<Utc>,
    pub(crate) what: What,
}

/// What is to be delivered.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum What {
    /// A key state was entered.
    Checkpoint(Snapshot),
    /// The session expired on its way.
    Lapse(Snapshot),
    Effect {
        kind: String,
        payload: Value,
    },
    /// The replies of a turn that nobody waits for.
    Announcement {
        replies: Vec<Reply>,
    },
}

/// What was known at a moment.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub(crate) current: String,
    pub(crate) data: Value,
    pub(crate) shared: Value,
}

impl What {
    /// What it is, in a word for people.
    pub(crate) fn kind(&self) -> &str {
        match self {
            Self::Checkpoint(_) => "checkpoint",
            Self::Lapse(_) => "expiry",
            Self::Effect { kind, .. } => kind,
            Self::Announcement { .. } => "announcement",
        }
    }
}

impl Pending {
    pub(crate) fn key(&self, session: SessionId) -> Key {
        Key { session, version: self.version, index: self.index }
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (self.version, self.index) == (other.version, other.index)
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pending({}/{})", self.version, self.index)
    }
}

/// How the first of what is pending fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Delivery {
    /// How often it was tried, the try under way included.
    pub(crate) tries: u32,
    /// Before when nobody tries again: somebody may be at it, or it failed not long ago.
    pub(crate) not_before: DateTime<Utc>,
    /// Whether somebody is at it, or was killed.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) is_claimed: bool,
}

impl Delivery {
    /// Somebody makes this try, and has it to himself until then.
    pub(crate) fn claimed(tries: u32, until: DateTime<Utc>) -> Self {
        Self { tries, not_before: until, is_claimed: true }
    }

    /// So many tries have failed, and the next is made then.
    pub(crate) fn put_off(tries: u32, not_before: DateTime<Utc>) -> Self {
        Self { tries, not_before, is_claimed: false }
    }
}

/// What could not be delivered, however often it was tried.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SetAside {
    pub(crate) pending: Pending,
    pub(crate) at: DateTime<Utc>,
    pub(crate) error: String,
}

impl fmt::Debug for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetAside({}/{})", self.pending.version, self.pending.index)
    }
}
