//! An optional power of a store, to put what is damaged aside: [`Quarantine`], and what it speaks of.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StoreError;
use crate::{Record, SessionId, Stamp, Unreadable};

/// Moves damaged records out of their sessions' way, and keeps them for a while: a dead letter box for records.
///
/// A store has it if [`Store::quarantine`](super::Store::quarantine) gives it. An engine whose
/// [`Damage`](crate::engine::Damage) policy is to quarantine needs it.
///
/// The store does not judge what is damaged: a record can be broken in a way that only its engine sees. The engine is shown what
/// is stored, judges it, and hands it back; the store moves it if it still is the same, byte for byte, so that a sound record
/// that another instance has just written is never moved.
///
/// Each method is one atomic step, and may be called again after a failure.
///
/// The test kit's suite for it is `quarantine_conformance!`.
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::{Record, SessionId, Stamp, Store, StoreError, store::{Commit, Expect}};
/// use uuid::Uuid;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let (store, id) = (flow_memory::MemoryStore::new(), SessionId::random());
/// let record = Record::compose(Stamp::first(), b"not what an engine writes");
/// store.commit(Commit::new(id, Expect::Absent, record.clone(), "booking", "WELCOME")).await?;
///
/// let quarantine = store.quarantine().expect("a memory store has the power");
/// let raw = quarantine.raw(id).await?.expect("something is stored");
/// assert!(quarantine.put(id, &raw, Uuid::new_v4(), Duration::from_secs(86_400)).await?);
/// assert_eq!(store.load(id, 0).await?.record, None);
/// assert_eq!(quarantine.list(id).await?[0].bytes, record.bytes());
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Quarantine: fmt::Debug + Send + Sync {
    /// What is stored of `id`, whether or not it can be read; none if nothing is, or it outlived its time to live.
    async fn raw(&self, id: SessionId) -> Result<Option<Raw>, StoreError>;

    /// Moves what is stored of `id` into quarantine, with its wake time removed, if it still is exactly `raw`; tells whether it
    /// did.
    ///
    /// It is kept there for as long as `keep`, by the store's time, whatever else is there of the session. `entry` names it: the
    /// same call, made again because its answer was lost, tells that it did, and does nothing.
    async fn put(&self, id: SessionId, raw: &Raw, entry: Uuid, keep: Duration) -> Result<bool, StoreError>;

    /// What is in quarantine of `id` and has not outlived its time, the oldest first.
    async fn list(&self, id: SessionId) -> Result<Vec<Quarantined>, StoreError>;

    /// Forgets what is in quarantine of `id`, and tells whether there was anything. What is stored of it stays.
    async fn forget(&self, id: SessionId) -> Result<bool, StoreError>;
}

/// What is stored of a session, as it is stored: bytes that may be no record, and the stamp that stands beside them, where a
/// store keeps one.
///
/// ```
/// use flow_core::{Record, Stamp, Unreadable, store::Raw};
///
/// let record = Record::compose(Stamp::first(), b"{}");
/// assert_eq!(Raw::new(record.bytes().clone()).read(), Ok(record.clone()));
/// let raw = Raw::new(record.bytes().clone()).beside(1, "not an id at all");
/// assert_eq!(raw.read(), Err(Unreadable::OtherStamp));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Raw {
    bytes: Bytes,
    beside: Option<(u64, String)>,
}

impl Raw {
    /// These bytes are stored, and no stamp beside them.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), beside: None }
    }

    /// The same, with this version and this write id beside them, which need not be one.
    #[must_use]
    pub fn beside(self, version: u64, write_id: impl Into<String>) -> Self {
        Self { beside: Some((version, write_id.into())), ..self }
    }

    /// The bytes themselves.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The version and the write id beside them, if there are any.
    pub fn stamp_beside(&self) -> Option<(u64, &str)> {
        self.beside.as_ref().map(|(version, write_id)| (*version, &**write_id))
    }

    /// The record that it is.
    ///
    /// Fails as [`Record::read`] does, and if the stamp beside it is another one, or none.
    pub fn read(&self) -> Result<Record, Unreadable> {
        let record = Record::read(self.bytes.clone())?;
        let is_beside = |(version, write_id): &(u64, String)| {
            let write_id = Uuid::try_parse(write_id).ok()?;
            (record.stamp() == Stamp { version: *version, write_id }).then_some(())
        };
        // What the record itself says comes first: one of a later edition is not to be taken for damaged.
        match &self.beside {
            Some(beside) if is_beside(beside).is_none() => Err(Unreadable::OtherStamp),
            _ => Ok(record),
        }
    }
}

/// How long it is. Never what it holds.
impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Raw").field("size", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// A record in quarantine.
///
/// ```
/// use chrono::Utc;
/// use flow_core::store::Quarantined;
///
/// let now = Utc::now();
/// let quarantined = Quarantined::new(&b"\xf5\x01cut off"[..], now, None);
/// assert_eq!((&*quarantined.bytes, quarantined.until), (&b"\xf5\x01cut off"[..], None));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quarantined {
    /// Its bytes, as they were stored.
    pub bytes: Bytes,
    /// When it was put there, by the store's time.
    pub at: DateTime<Utc>,
    /// When it is forgotten there; none if never.
    pub until: Option<DateTime<Utc>>,
}

impl Quarantined {
    /// These bytes were put there at this time, to be forgotten at that one.
    pub fn new(bytes: impl Into<Bytes>, at: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Self {
        Self { bytes: bytes.into(), at, until }
    }
}

/// How long it is, and since when it is there. Never what it holds.
impl fmt::Debug for Quarantined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bytes, at, until } = self;
        f.debug_struct("Quarantined").field("size", &bytes.len()).field("at", at).field("until", until).finish()
    }
}
