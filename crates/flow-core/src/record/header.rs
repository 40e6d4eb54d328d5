//! What stands before the body of a record, byte for byte: [`Header`].
//!
//! Edition 1 of the format; numbers are big-endian, and times are microseconds since 1970, 0 for none.
//!
//! | at | bytes | what |
//! | --- | --- | --- |
//! | 0 | 1 | the mark F5 |
//! | 1 | 1 | the edition |
//! | 2 | 8 | version |
//! | 10 | 16 | write id; up to here it is the [`Prefix`](super::Prefix), in this form in every edition |
//! | 26 | 16 | origin: the write id of the session's first write |
//! | 42 | 4 | owner: 32 bits of a hash of the session's id; 0 if it is not said |
//! | 46 | 1 | codec: how the body is packed and sealed, four bits each; 0 for neither |
//! | 47 | 1 | options: bit 0 is the hold, bit 1 says that the body is laid out in sections, and is no JSON |
//! | 48 | 2 + 2 | the numbers of the dictionary and of the key; 0 for none |
//! | 52 | 8 + 8 | when the session expires, and when it wants to be woken |
//! | 68 | 8 + 16 | the stamp of the last turn |
//! | 92 | 4 | the archive's epoch when the session began, or was taken up from the archive; 0 if it was not asked |
//! | 96 | 4 | the length of the body |
//! | 100 | 16 + 8 | the hold, if there is one: by which turn, until when |
//! | … | n | the body |
//! | the end | 8 | XXH3 of everything before, in 64 bits |

use chrono::{DateTime, Utc};
use twox_hash::XxHash3_64;
use uuid::Uuid;

use super::{
    Hold, SessionId, Stamp, Unreadable,
    prefix::{EDITION, MARK},
};
use crate::archive::Epoch;

/// What a record says in plain before its body, whatever becomes of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) stamp: Stamp,
    /// The write id of the session's first write: a session that begins again after it was forgotten has another one.
    pub(crate) origin: Uuid,
    /// Whose record it is.
    pub(crate) owner: Owner,
    /// In which form the body is.
    pub(crate) body: RecordForm,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    /// When the session wanted to be woken, as the store was told with this write.
    pub(crate) wake_at: Option<DateTime<Utc>>,
    /// The stamp of the last write that was a turn.
    pub(crate) last_turn: Stamp,
    /// The archive's epoch when the session began, or was taken up from the archive.
    pub(crate) epoch: Option<Epoch>,
    /// The turn that asks to write next.
    pub(crate) hold: Option<Hold>,
}

/// In which form the body of a record is. A release reads all that it knows, and writes one of them.
///
/// Where several processes serve one store, a release that reads a new form is deployed everywhere before any of them writes it: set
/// the old form first, and the new one when no process of the release before is left.
///
/// ```
/// use flow_core::{EngineBuilder, Flow, engine::RecordForm};
///
/// fn beside_the_release_before<F: Flow>(builder: EngineBuilder<F>) -> EngineBuilder<F> {
///     builder.writes(RecordForm::Json)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordForm {
    /// JSON: what was written before there were sections.
    Json,
    /// Sections of bytes, of which only the user's own data is JSON: a third of the bytes and a tenth of the work.
    #[default]
    Sections,
}

/// Part of a hash of a session's id: enough to tell a record that was written for another session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owner(u32);

impl Owner {
    pub(crate) fn of(id: SessionId) -> Self {
        let hash = XxHash3_64::oneshot(id.as_uuid().as_bytes());
        // 0 says that no owner is told.
        Self(u32::try_from(hash >> 32).unwrap_or_default().max(1))
    }

    /// Whether a record that says this may be the session's.
    pub(crate) fn may_be(self, id: SessionId) -> bool {
        self.0 == 0 || self == Self::of(id)
    }
}

/// How many bytes a header has that has no options.
const LENGTH: usize = 100;
/// How many more it has with a hold.
const HOLD_LENGTH: usize = 24;
const CHECKSUM_LENGTH: usize = 8;
const HOLD: u8 = 1;
const IN_SECTIONS: u8 = 2;

impl Header {
    /// A header that says nothing but its stamp: the first write of a session, which is a turn.
    pub(crate) fn new(stamp: Stamp) -> Self {
        let (owner, expires_at, wake_at, epoch, hold) = Default::default();
        let (origin, last_turn, body) = (stamp.write_id, stamp, RecordForm::Json);
        Self { stamp, origin, owner, body, expires_at, wake_at, last_turn, epoch, hold }
    }

    /// How many bytes it has.
    pub(super) fn length(&self) -> usize {
        LENGTH + self.hold.map_or(0, |_| HOLD_LENGTH)
    }

    /// The header, what `write` puts behind it, and the checksum of both.
    ///
    /// Panics if that is longer than 4 GiB.
    pub(super) fn write<E>(&self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<Vec<u8>, E> {
        let mut bytes = Vec::with_capacity(1024);
        bytes.extend([MARK, EDITION]);
        write_stamp(&mut bytes, self.stamp);
        bytes.extend(self.origin.as_bytes());
        bytes.extend(self.owner.0.to_be_bytes());
        let form = match self.body {
            RecordForm::Json => 0,
            RecordForm::Sections => IN_SECTIONS,
        };
        let options = self.hold.map_or(0, |_| HOLD) | form;
        bytes.extend([0, options, 0, 0, 0, 0]);
        write_time(&mut bytes, self.expires_at);
        write_time(&mut bytes, self.wake_at);
        write_stamp(&mut bytes, self.last_turn);
        bytes.extend(self.epoch.map_or(0, Epoch::number).to_be_bytes());
        bytes.extend([0; 4]);
        if let Some(hold) = self.hold {
            bytes.extend(hold.by.as_bytes());
            write_time(&mut bytes, Some(hold.until));
        }
        write(&mut bytes)?;
        let body = u32::try_from(bytes.len() - self.length()).expect("a record has less than 4 GiB");
        bytes[LENGTH - 4..LENGTH].copy_from_slice(&body.to_be_bytes());
        let checksum = XxHash3_64::oneshot(&bytes);
        bytes.extend(checksum.to_be_bytes());
        Ok(bytes)
    }

    /// Reads the header of a whole record, and checks that the record is whole.
    ///
    /// Fails with what is broken, or with what of it is not known here.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut fields = Fields(bytes);
        match fields.take()? {
            [MARK, EDITION] => {}
            [MARK, edition] if edition > EDITION => return Err(Unreadable::LaterEdition(edition)),
            [MARK, _] => return Err(Unreadable::Damaged),
            _ => return Err(Unreadable::NotARecord),
        }
        let stamp = fields.stamp()?;
        let origin = fields.uuid()?;
        let owner = Owner(u32::from_be_bytes(fields.take()?));
        let [codec, options] = fields.take()?;
        let (dictionary, key) = (u16::from_be_bytes(fields.take()?), u16::from_be_bytes(fields.take()?));
        let (expires_at, wake_at) = (fields.time()?, fields.time()?);
        let last_turn = fields.stamp()?;
        let epoch = Epoch::numbered(u32::from_be_bytes(fields.take()?));
        let body = u32::from_be_bytes(fields.take()?);
        let options_length = if options & HOLD == 0 { 0 } else { HOLD_LENGTH };
        if !is_sound(bytes) {
            // Which fault it is can only be told as well as the rest of it can be believed.
            let length = LENGTH as u64 + options_length as u64 + u64::from(body) + CHECKSUM_LENGTH as u64;
            return Err(match length.cmp(&(bytes.len() as u64)) {
                std::cmp::Ordering::Greater => Unreadable::Truncated,
                std::cmp::Ordering::Less => Unreadable::Longer,
                std::cmp::Ordering::Equal => Unreadable::Damaged,
            });
        }
        // Only a record that is whole is believed to be of a later release.
        match (options & !(HOLD | IN_SECTIONS), codec, dictionary, key) {
            (0, 0, 0, 0) => {}
            (0, 0, 0, key) => return Err(Unreadable::NoKey(key)),
            (0, 0, dictionary, _) => return Err(Unreadable::NoDictionary(dictionary)),
            (0, codec, ..) => return Err(Unreadable::UnknownCodec(codec)),
            (options, ..) => return Err(Unreadable::UnknownOption(options)),
        }
        let hold = match options_length {
            0 => None,
            _ => Some(Hold { by: fields.uuid()?, until: fields.time()?.ok_or(Unreadable::Damaged)? }),
        };
        let form = if options & IN_SECTIONS == 0 { RecordForm::Json } else { RecordForm::Sections };
        let header = Self { stamp, origin, owner, body: form, expires_at, wake_at, last_turn, epoch, hold };
        let is_consistent = stamp.version > 0 && header.body(bytes).len() == body as usize;
        is_consistent.then_some(header).ok_or(Unreadable::Damaged)
    }

    /// Where the body lies in the bytes of a record with this header.
    pub(super) fn body(&self, bytes: &[u8]) -> std::ops::Range<usize> {
        let end = bytes.len().saturating_sub(CHECKSUM_LENGTH);
        self.length().min(end)..end
    }
}

/// Whether the last bytes are the checksum of all others.
fn is_sound(bytes: &[u8]) -> bool {
    bytes.split_last_chunk().is_some_and(|(before, checksum)| XxHash3_64::oneshot(before).to_be_bytes() == *checksum)
}

fn write_stamp(bytes: &mut Vec<u8>, stamp: Stamp) {
    bytes.extend(stamp.version.to_be_bytes());
    bytes.extend(stamp.write_id.as_bytes());
}

fn write_time(bytes: &mut Vec<u8>, time: Option<DateTime<Utc>>) {
    bytes.extend(time.map_or(0, micros).to_be_bytes());
}

/// The first whole microsecond that is not before `time`, so that nothing is early; never 0, which says that there is none.
fn micros(time: DateTime<Utc>) -> i64 {
    let micros = time.timestamp_micros() + i64::from(!time.timestamp_subsec_nanos().is_multiple_of(1_000));
    if micros == 0 { 1 } else { micros }
}

/// The time as it is read back from a header.
pub(crate) fn as_kept(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros(time)).unwrap_or(time)
}

/// What is still to be read of a header.
struct Fields<'b>(&'b [u8]);

impl Fields<'_> {
    fn take<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], Unreadable> {
        let (field, rest) = self.0.split_first_chunk().ok_or(Unreadable::Truncated)?;
        self.0 = rest;
        Ok(*field)
    }

    fn uuid(&mut self) -> Result<Uuid, Unreadable> {
        self.take().map(Uuid::from_bytes)
    }

    fn stamp(&mut self) -> Result<Stamp, Unreadable> {
        Ok(Stamp { version: u64::from_be_bytes(self.take()?), write_id: self.uuid()? })
    }

    fn time(&mut self) -> Result<Option<DateTime<Utc>>, Unreadable> {
        match i64::from_be_bytes(self.take()?) {
            0 => Ok(None),
            micros => DateTime::from_timestamp_micros(micros).map(Some).ok_or(Unreadable::Damaged),
        }
    }
}
