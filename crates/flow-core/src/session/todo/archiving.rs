//! How far a session is archived: [`Archiving`].

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Pending;
use crate::{Stamp, store::Expect};

/// How far a session is archived, and what is still to be.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Archiving {
    /// The record that the archive has, as far as this one knows.
    last: Option<Last>,
    /// The number of the first step that is not archived.
    pub(crate) steps: u64,
    /// When the session is to be archived; none if nothing is new, or it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due_at: Option<DateTime<Utc>>,
    /// Why the archive can never take it as it is. It may hold what the visitor said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<String>,
    /// The checkpoints that are not archived.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) checkpoints: Vec<Pending>,
}

/// A stamp, as the record has it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Last {
    version: u64,
    write_id: Uuid,
}

impl Archiving {
    /// What the archive should hold.
    pub(crate) fn expect(&self) -> Expect {
        match self.last {
            Some(Last { version, write_id }) => Expect::At(Stamp { version, write_id }),
            None => Expect::Absent,
        }
    }

    /// From now on the archive is known to hold the record with this stamp, or nothing.
    pub(crate) fn hold(&mut self, stamp: Option<Stamp>) {
        self.last = stamp.map(|Stamp { version, write_id }| Last { version, write_id });
    }

    /// Whether there is nothing to remember.
    pub(crate) fn is_blank(&self) -> bool {
        self.last.is_none() && self.due_at.is_none() && self.refused.is_none() && self.checkpoints.is_empty()
    }
}

impl fmt::Debug for Archiving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { last, steps, due_at, .. } = self;
        let mut archiving = f.debug_struct("Archiving");
        archiving.field("last", last).field("steps", steps).field("due_at", due_at).finish_non_exhaustive()
    }
}
