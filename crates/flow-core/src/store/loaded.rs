//! What a store answers to a load: [`Loaded`].

use chrono::{DateTime, Utc};

use super::Letter;
use crate::Record;

/// What is stored of a session, and what time it is in the store.
///
/// An engine decides by this time and by no other, so that machines whose clocks differ agree on what has expired and what
/// is due.
///
/// ```
/// use chrono::Utc;
/// use flow_core::{Record, Stamp, store::Loaded};
///
/// let loaded = Loaded::new(Some(Record::compose(Stamp::first(), b"}")), Utc::now());
/// assert!(loaded.record.is_some());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// The record; none if there is nothing, or it outlived its time to live.
    pub record: Option<Record>,
    /// The first letters of its inbox, as many as were asked for, in the order in which they were posted. They are there without
    /// a record too.
    pub letters: Vec<Letter>,
    /// What time it was in the store when it looked.
    pub now: DateTime<Utc>,
}

impl Loaded {
    /// This record, or none, as it was stored at `now` by the store's time.
    pub fn new(record: Option<Record>, now: DateTime<Utc>) -> Self {
        Self { record, letters: Vec::new(), now }
    }

    /// With these letters, the first of its inbox.
    #[must_use]
    pub fn with_letters(self, letters: Vec<Letter>) -> Self {
        Self { letters, ..self }
    }
}
