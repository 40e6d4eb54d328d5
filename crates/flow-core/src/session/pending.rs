//! What is still to be delivered, as the record has it: [`Pending`].

use std::{fmt, ops::Not};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Key, destination::Destination};
use crate::{Reply, SessionId, Stamp};

/// A checkpoint, an effect or an announcement in the record, until it is delivered.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    version: u64,
    /// Nil in what a release before wrote that named things by the version alone.
    #[serde(rename = "writeId", default, skip_serializing_if = "Uuid::is_nil")]
    write_id: Uuid,
    pub(super) index: u32,
    pub(crate) at: DateTime<Utc>,
    pub(crate) what: What,
    /// Whether the archive is to have it too, and has it not. So a snapshot stands in a record once.
    #[serde(rename = "archive", default, skip_serializing_if = "Not::not")]
    pub(super) is_unarchived: bool,
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
    /// A message that came in and could not be handled. It is only ever set aside.
    Letter(Value),
    /// The replies of a timer's turn, for which no caller waits.
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
    /// Whether it is a message that came in, and goes nowhere out.
    pub(super) fn came_in(&self) -> bool {
        matches!(self, Self::Letter(_))
    }

    /// What it is, in a word for people.
    pub(super) fn kind(&self) -> &str {
        match self {
            Self::Checkpoint(_) => "checkpoint",
            Self::Lapse(_) => "expiry",
            Self::Effect { kind, .. } => kind,
            Self::Announcement { .. } => "announcement",
            Self::Letter(_) => "message",
        }
    }
}

impl Pending {
    pub(super) fn new(stamp: Stamp, index: u32, at: DateTime<Utc>, what: What) -> Self {
        Self { version: stamp.version, write_id: stamp.write_id, index, at, what, is_unarchived: false }
    }

    /// The stamp of the record in which it was first written: with its index, this names it for ever.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp { version: self.version, write_id: self.write_id }
    }

    pub(crate) fn goes_to(&self) -> Destination {
        Destination::of(&self.what)
    }

    pub(crate) fn key(&self, session: SessionId) -> Key {
        Key { session, stamp: self.stamp(), index: self.index }
    }

    /// The same thing, decided by another write.
    pub(super) fn decided_by(self, stamp: Stamp) -> Self {
        Self { version: stamp.version, write_id: stamp.write_id, ..self }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.stamp(), self.index) == (other.stamp(), other.index)
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pending({}/{})", self.version, self.index)
    }
}

/// The tries of the first that is pending for a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Delivery {
    /// How often it was tried, the try under way included.
    pub(crate) tries: u32,
    /// No worker tries again before this time: a try may be under way, or it failed not long ago.
    pub(crate) not_before: DateTime<Utc>,
    /// Whether a try is under way, or its worker was killed.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(super) is_claimed: bool,
}

impl Delivery {
    /// This try is made now, and no other until then: a lease.
    pub(super) fn claimed(tries: u32, until: DateTime<Utc>) -> Self {
        Self { tries, not_before: until, is_claimed: true }
    }

    /// This many tries have failed, and the next is made then.
    pub(super) fn put_off(tries: u32, not_before: DateTime<Utc>) -> Self {
        Self { tries, not_before, is_claimed: false }
    }
}

/// A dead letter: what could not be delivered, however often it was tried.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SetAside {
    pub(super) pending: Pending,
    pub(super) at: DateTime<Utc>,
    pub(super) error: String,
}

impl fmt::Debug for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetAside({}/{})", self.pending.version, self.pending.index)
    }
}
