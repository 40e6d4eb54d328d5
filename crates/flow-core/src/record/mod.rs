//! The stored form of a session: a [`Record`], under its [`SessionId`], with the [`Stamp`] that tells one writing of it
//! from every other.

mod session_id;

use std::fmt::{self, Write as _};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

pub use session_id::{Identifies, InvalidSessionId, Secret, SessionId, WeakSecret};

/// Which writing of a record this is: its version number and the id of the write that made it.
///
/// The number alone would not do: after a failover two lineages may hold the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stamp {
    /// Counts the writes of this session, from 1.
    pub version: u64,
    /// Differs for every write that was ever tried.
    pub write_id: Uuid,
}

impl Stamp {
    /// The stamp of a session's first write.
    pub fn first() -> Self {
        // The first commit gives 1, so that 0 can never pass for a stored version.
        Self { version: 1, write_id: Uuid::new_v4() }
    }

    /// The stamp of a write that follows this one.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { version: self.version + 1, write_id: Uuid::new_v4() }
    }

    /// How every record with this stamp begins, byte for byte, so that a store can compare a prefix.
    pub fn header(&self) -> String {
        let mut header = String::with_capacity(Self::LONGEST_HEADER);
        let _ = write!(header, "{VERSION}{}{WRITE_ID}{}\"", self.version, self.write_id.as_hyphenated());
        header
    }

    /// No header has more bytes than this.
    pub const LONGEST_HEADER: usize = 96;

    /// Reads the stamp off the first bytes of a record, and tells how many bytes it took.
    fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let rest = bytes.strip_prefix(VERSION.as_bytes())?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let version: u64 = str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let rest = rest[digits..].strip_prefix(WRITE_ID.as_bytes())?;
        let write_id = Uuid::try_parse_ascii(rest.get(..36)?).ok()?;
        let stamp = Self { version, write_id };
        let header = stamp.header();
        // Only the one canonical spelling is taken: stores compare bytes.
        (version > 0 && bytes.starts_with(header.as_bytes())).then_some((stamp, header.len()))
    }
}

const VERSION: &str = "{\"version\":";
const WRITE_ID: &str = ",\"writeId\":\"";

/// What a store keeps for a session: bytes that begin with the header of their [`Stamp`].
///
/// What follows the header is the engine's business; a store carries it untouched.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    stamp: Stamp,
    bytes: Bytes,
}

impl Record {
    /// Puts `body` behind the header of `stamp`.
    pub fn compose(stamp: Stamp, body: &[u8]) -> Self {
        let mut bytes = stamp.header().into_bytes();
        bytes.extend_from_slice(body);
        Self { stamp, bytes: bytes.into() }
    }

    /// Takes what a store holds.
    ///
    /// Fails if the bytes do not begin with the header of a stamp.
    pub fn read(bytes: impl Into<Bytes>) -> Result<Self, NoStamp> {
        let bytes = bytes.into();
        let (stamp, _) = Stamp::read(&bytes).ok_or(NoStamp)?;
        Ok(Self { stamp, bytes })
    }

    /// The stamp that the record begins with.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// The whole record, as it is stored.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// What follows the header.
    pub fn body(&self) -> Bytes {
        self.bytes.slice(self.stamp.header().len()..)
    }

    /// The record as JSON, or as the text that it is if it is none.
    pub(crate) fn readable(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&self.bytes).into_owned()))
    }
}

/// Which writing it is, and how long. Never what it holds.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("stamp", &self.stamp).field("size", &self.bytes.len()).finish()
    }
}

/// The bytes do not begin as a record does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the record does not begin with its version and write id")]
pub struct NoStamp;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_with_its_stamp_and_its_body() {
        for body in [&b""[..], b",\"x\":1}", "Grüße, 你好".as_bytes()] {
            let record = Record::compose(Stamp::first().next(), body);
            let again = Record::read(record.bytes().clone()).expect("a record");
            assert_eq!(again, record);
            assert_eq!(again.body(), body);
        }
    }

    #[test]
    fn a_record_without_a_canonical_header_is_refused() {
        let id = "9f1c0000-0000-4000-8000-000000000000";
        for bytes in [
            String::new(),
            "garbage".into(),
            "{\"version\":".into(),
            format!("{{\"version\":0,\"writeId\":\"{id}\""),
            format!("{{\"version\":03,\"writeId\":\"{id}\""),
            format!("{{\"version\":99999999999999999999,\"writeId\":\"{id}\""),
            format!("{{\"version\":3,\"writeId\":\"{}\"", id.to_uppercase()),
            format!("{{\"version\":3, \"writeId\":\"{id}\""),
            format!("{{\"version\":3,\"writeId\":\"{}", &id[..30]),
        ] {
            assert_eq!(Record::read(bytes.clone()), Err(NoStamp), "{bytes}");
        }
    }

    #[test]
    fn no_header_is_longer_than_the_longest() {
        let stamp = Stamp { version: u64::MAX, write_id: Uuid::new_v4() };
        assert!(stamp.header().len() <= Stamp::LONGEST_HEADER);
    }
}
