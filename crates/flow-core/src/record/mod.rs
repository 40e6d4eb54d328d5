//! The stored form of a session: a [`Record`], under its [`SessionId`], with the [`Stamp`] that tells one writing of it
//! from every other.

#[cfg(test)]
mod attacks;
mod header;
mod hold;
mod outline;
mod prefix;
mod session_id;
mod stamp;
mod unreadable;

use std::{convert::Infallible, fmt};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

pub use prefix::Prefix;
pub use session_id::{Identifies, InvalidSessionId, Secret, SessionId, WeakSecret};
pub use stamp::Stamp;
pub(crate) use stamp::fresh_id;
pub use unreadable::Unreadable;

pub use header::RecordForm;
pub(crate) use header::{Header, Owner, as_kept};
pub(crate) use hold::Hold;
pub(crate) use prefix::Form;

use prefix::MARK;

use crate::{
    session::{readable, section_sizes},
    store::WakeIndex,
};

/// What a store keeps for a session: bytes that begin with the [`Prefix`] of their [`Stamp`], with a checksum over all of
/// them.
///
/// What stands in them is the engine's business; a store carries them untouched.
///
/// ```
/// use flow_core::{Record, Stamp};
///
/// let record = Record::compose(Stamp::first(), b"{}");
/// let again = Record::read(record.bytes().clone())?;
/// assert_eq!((again.stamp(), &*again.body()), (record.stamp(), &b"{}"[..]));
/// # Ok::<(), flow_core::Unreadable>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    form: Form,
    header: Header,
    bytes: Bytes,
}

impl Record {
    /// A record with this stamp and this body, which says nothing else: of no session, and without a time.
    ///
    /// For tests of stores; what an engine writes says all that it knows. Panics if the body is longer than 4 GiB.
    pub fn compose(stamp: Stamp, body: &[u8]) -> Self {
        Self::copy(Header::new(stamp), body)
    }

    /// Takes what a store holds.
    ///
    /// Fails if it is damaged, or if this release does not know its form.
    pub fn read(bytes: impl Into<Bytes>) -> Result<Self, Unreadable> {
        let bytes = bytes.into();
        if bytes.first() == Some(&MARK) {
            return Ok(Self { form: Form::Edition1, header: Header::read(&bytes)?, bytes });
        }
        let prefix = Prefix::read_json(&bytes).ok_or(Unreadable::NotARecord)?;
        Ok(Self { form: Form::Json, header: Header::new(prefix.stamp()), bytes })
    }

    /// Takes what a store holds that keeps the stamp beside the record as well, and looks for it there.
    ///
    /// Fails as [`read`](Self::read) does, and if the stamp in the record is another one.
    pub fn read_beside(stamp: Stamp, bytes: impl Into<Bytes>) -> Result<Self, Unreadable> {
        let record = Self::read(bytes)?;
        if record.stamp() == stamp { Ok(record) } else { Err(Unreadable::OtherStamp) }
    }

    /// The stamp that the record begins with.
    pub fn stamp(&self) -> Stamp {
        self.header.stamp
    }

    /// How the record begins, as it is stored.
    pub fn prefix(&self) -> Prefix {
        Prefix::in_form(self.form, self.header.stamp)
    }

    /// What the record tells of its entry in a store's wake index, beside a commit that wants to be woken then. One of before the first
    /// edition tells nothing; a reservation is stored with another wake time than the record's.
    pub(crate) fn wake_index(&self, wake_at: Option<DateTime<Utc>>) -> WakeIndex {
        match self.form {
            Form::Json => WakeIndex::Unknown,
            Form::Edition1 if self.header.hold.is_none() && self.header.wake_at == wake_at => WakeIndex::Right,
            Form::Edition1 => WakeIndex::OfItsFlow,
        }
    }

    /// The write id of the session's first write: a session that begins again after it was forgotten has another one.
    ///
    /// Of a record of before the first edition, that of its own write.
    pub fn origin(&self) -> Uuid {
        self.header.origin
    }

    /// The stamp of the session's last turn, which is not that of this record if something else was noted since.
    ///
    /// Of a record of before the first edition, its own stamp: it does not say whether it was written by a turn.
    pub fn last_turn(&self) -> Stamp {
        self.header.last_turn
    }

    /// The whole record, as it is stored.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// What follows the header.
    pub fn body(&self) -> Bytes {
        match self.form {
            Form::Json => self.bytes.slice(self.prefix().bytes().len()..),
            Form::Edition1 => self.bytes.slice(self.header.body(&self.bytes)),
        }
    }

    /// The same record as another write of it, with this stamp, which is no turn.
    ///
    /// For tests that play another writer.
    #[must_use]
    pub fn rewritten(&self, stamp: Stamp) -> Self {
        match self.form {
            Form::Json => {
                let bytes = [&Prefix::of_json(stamp).bytes()[..], &self.body()].concat();
                Self { form: Form::Json, header: Header::new(stamp), bytes: bytes.into() }
            }
            Form::Edition1 => Self::copy(Header { stamp, ..self.header }, &self.body()),
        }
    }

    /// The same record with another body, in the same form.
    ///
    /// For tests that tamper with one. Panics if the body is longer than 4 GiB.
    #[must_use]
    pub fn with_body(&self, body: &[u8]) -> Self {
        match self.form {
            Form::Json => {
                let bytes = [&self.prefix().bytes()[..], body].concat();
                Self { form: Form::Json, header: self.header, bytes: bytes.into() }
            }
            Form::Edition1 => Self::copy(self.header, body),
        }
    }

    /// The record as JSON, for people: what its header says stands beside what its body says. What is no JSON is a text.
    pub fn readable(&self) -> Value {
        let mut json =
            readable(self).unwrap_or_else(|| Value::String(String::from_utf8_lossy(self.content()).into_owned()));
        if let (Form::Edition1, Value::Object(fields)) = (self.form, &mut json) {
            let Header { stamp, origin, last_turn, expires_at, wake_at, epoch, hold, .. } = self.header;
            let stamped = |stamp: Stamp| json!({ "version": stamp.version, "writeId": stamp.write_id });
            fields.extend([
                ("version".into(), json!(stamp.version)),
                ("writeId".into(), json!(stamp.write_id)),
                ("origin".into(), json!(origin)),
                ("lastTurn".into(), stamped(last_turn)),
                ("expiresAt".into(), json!(expires_at)),
                ("wakeAt".into(), json!(wake_at)),
            ]);
            fields.extend(epoch.map(|epoch| ("epoch".into(), json!(epoch.number()))));
            fields.extend(hold.map(|hold| ("held".into(), json!(hold))));
        }
        json
    }

    /// The record as JSON without what was said: names of states and fields, times, and of which kind and size each value is, with the bytes of
    /// each section of its body. The keys of maps count as names.
    pub fn outline(&self) -> Value {
        let mut outline = outline::outline(self.readable());
        if let Value::Object(fields) = &mut outline {
            fields.insert("bytes".into(), json!(self.bytes.len()));
            let sections = section_sizes(self).map(|(name, size)| (name.to_owned(), json!(size)));
            let sections: serde_json::Map<_, _> = sections.collect();
            if !sections.is_empty() {
                fields.insert("sections".into(), Value::Object(sections));
            }
        }
        outline
    }

    /// Puts what `write` writes behind the header.
    pub(crate) fn write<E>(header: Header, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<Self, E> {
        let bytes = header.write(write)?;
        Ok(Self { form: Form::Edition1, header, bytes: bytes.into() })
    }

    /// The record after this one, which is the same with a hold in its header; none if it has one already, and none over a
    /// record of before the first edition, which the next turn writes anew.
    ///
    /// The body is copied and not read, so that it is written before the next turn of the process that wins all the time.
    pub(crate) fn held(&self, hold: Hold) -> Option<Self> {
        if self.form == Form::Json || self.header.hold.is_some() {
            return None;
        }
        let header = Header { stamp: self.header.stamp.next(), hold: Some(hold), ..self.header };
        Some(Self::copy(header, &self.body()))
    }

    /// What the header says; of a record of before the first edition no more than its stamp, because the rest is in its JSON.
    pub(crate) fn header(&self) -> Option<&Header> {
        (self.form == Form::Edition1).then_some(&self.header)
    }

    /// What says how the session stands: the body, or all of it before the first edition.
    pub(crate) fn content(&self) -> &[u8] {
        match self.form {
            Form::Json => &self.bytes,
            Form::Edition1 => &self.bytes[self.header.body(&self.bytes)],
        }
    }

    /// In which form that is.
    pub(crate) fn body_form(&self) -> RecordForm {
        self.header.body
    }

    /// Fails if the record was written for another session than `id`.
    pub(crate) fn check_owner(&self, id: SessionId) -> Result<(), Unreadable> {
        if self.header.owner.may_be(id) { Ok(()) } else { Err(Unreadable::AnothersRecord) }
    }

    fn copy(header: Header, body: &[u8]) -> Self {
        let written = Self::write(header, |bytes| {
            bytes.extend_from_slice(body);
            Ok::<_, Infallible>(())
        });
        match written {
            Ok(record) => record,
            Err(never) => match never {},
        }
    }
}

/// Which writing it is, and how long. Never what it holds.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("stamp", &self.header.stamp)
            .field("size", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
