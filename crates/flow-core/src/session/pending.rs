//! What is still to be delivered, as the record has it: [`Pending`].

use std::{fmt, mem::discriminant, ops::Not};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Inner, Key,
    destination::Destination,
    laid::{
        reading::{Broken, Read, Reader},
        writing,
    },
    turn_id::{lay_stamp, read_stamp},
};
use crate::{Address, Reply, SessionId, Stamp};

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
    /// One reply, for the channel of this address.
    Reply {
        address: Address,
        reply: Reply,
    },
    /// That a reply can never be sent there, for the flow to hear. It has the key of that reply.
    Undeliverable {
        address: Address,
        reason: String,
    },
}

/// What was known at a moment.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub(crate) current: String,
    pub(crate) data: Value,
    pub(crate) shared: Value,
    /// What stands on top of the session's own flow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) stack: Vec<Inner>,
}

impl Snapshot {
    /// Where it was taken, by the names of states.
    pub(crate) fn standing(&self) -> String {
        let inner = self.stack.iter().map(Inner::current);
        std::iter::once(&*self.current).chain(inner).collect::<Vec<_>>().join("/")
    }

    /// What is known in the innermost state.
    pub(crate) fn innermost(&self) -> &Value {
        self.stack.last().map_or(&self.data, Inner::data)
    }
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
            Self::Reply { .. } => "reply",
            Self::Undeliverable { .. } => "undeliverable",
        }
    }
}

impl Pending {
    pub(super) fn lay(&self, out: &mut Vec<u8>, base: DateTime<Utc>) -> Result<(), serde_json::Error> {
        lay_stamp(out, self.stamp());
        writing::number(out, self.index.into());
        writing::time(out, self.at, base);
        out.push(self.is_unarchived.into());
        writing::long(out, |out| serde_json::to_writer(out, &self.what))
    }

    pub(super) fn read(reader: &mut Reader<'_>, base: DateTime<Utc>) -> Read<Self> {
        let Stamp { version, write_id } = read_stamp(reader)?;
        let (index, at, is_unarchived) = (reader.small()?, reader.time(base)?, reader.flag()?);
        let what = serde_json::from_slice(reader.long()?).map_err(|_| Broken)?;
        Ok(Self { version, write_id, index, at, what, is_unarchived })
    }

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

    /// Where it stands among all that was promised: by the version, and its place there.
    pub(super) fn place(&self) -> (u64, u32) {
        (self.version, self.index)
    }

    /// What the flow is to hear of it, under the same key.
    pub(super) fn for_flow(self, at: DateTime<Utc>, what: What) -> Self {
        Self { at, what, ..self }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        // That a reply cannot be sent has the key of the reply.
        (self.stamp(), self.index, discriminant(&self.what)) == (other.stamp(), other.index, discriminant(&other.what))
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
    /// The last version of the record whose replies this try sends, where it is a channel's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reaches: Option<u64>,
    /// The last of those that may have been sent by a try before, by version and index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) doubted: Option<(u64, u32)>,
}

impl Delivery {
    pub(super) fn lay(&self, out: &mut Vec<u8>, base: DateTime<Utc>) {
        writing::number(out, self.tries.into());
        writing::time(out, self.not_before, base);
        out.push(self.is_claimed.into());
        writing::option(out, self.reaches, writing::number);
        writing::option(out, self.doubted, |out, (version, index)| {
            writing::number(out, version);
            writing::number(out, index.into());
        });
    }

    pub(super) fn read(reader: &mut Reader<'_>, base: DateTime<Utc>) -> Read<Self> {
        Ok(Self {
            tries: reader.small()?,
            not_before: reader.time(base)?,
            is_claimed: reader.flag()?,
            reaches: reader.option(Reader::number)?,
            doubted: reader.option(|reader| Ok((reader.number()?, reader.small()?)))?,
        })
    }

    /// This try is made now, and no other until then: a lease.
    pub(super) fn claimed(tries: u32, until: DateTime<Utc>) -> Self {
        Self { tries, not_before: until, is_claimed: true, reaches: None, doubted: None }
    }

    /// This many tries have failed, and the next is made then.
    pub(super) fn put_off(tries: u32, not_before: DateTime<Utc>) -> Self {
        Self { tries, not_before, is_claimed: false, reaches: None, doubted: None }
    }

    /// The last that may have been sent, if the try never came back, or did not know.
    pub(super) fn doubts(&self) -> Option<(u64, u32)> {
        let unheard = self.reaches.filter(|_| self.is_claimed).map(|version| (version, u32::MAX));
        self.doubted.max(unheard)
    }
}

/// A dead letter: what could not be delivered, however often it was tried.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SetAside {
    pub(super) pending: Pending,
    pub(super) at: DateTime<Utc>,
    pub(super) error: String,
    /// Whether its platform has given it up, so that a try which comes back does not make it a reply that was sent.
    #[serde(rename = "final", default, skip_serializing_if = "Not::not")]
    pub(super) is_final: bool,
}

impl SetAside {
    pub(super) fn lay(&self, out: &mut Vec<u8>, base: DateTime<Utc>) -> Result<(), serde_json::Error> {
        self.pending.lay(out, base)?;
        writing::time(out, self.at, base);
        writing::bytes(out, self.error.as_bytes());
        out.push(self.is_final.into());
        Ok(())
    }

    pub(super) fn read(reader: &mut Reader<'_>, base: DateTime<Utc>) -> Read<Self> {
        let (pending, at) = (Pending::read(reader, base)?, reader.time(base)?);
        Ok(Self { pending, at, error: reader.text()?.to_owned(), is_final: reader.flag()? })
    }

    pub(super) fn new(pending: Pending, at: DateTime<Utc>, error: impl Into<String>) -> Self {
        Self { pending, at, error: error.into(), is_final: false }
    }
}

impl fmt::Debug for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetAside({}/{})", self.pending.version, self.pending.index)
    }
}
