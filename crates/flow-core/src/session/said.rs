//! The log of what was said, as far as the record has it: [`SaidLog`], a bounded list that the archive empties.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::{
    Moment, Session, Utterance,
    laid::{
        reading::{Read, Reader},
        writing,
    },
};
use crate::{Flow, Stamp};

/// What was said and is not archived, the oldest first.
///
/// Each is kept as it is written: a turn adds a few at one end and drops a few at the other, and reads none between.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct SaidLog(Vec<Box<RawValue>>);

/// How much of what was said a record keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SaidBound {
    /// Nothing that was said at this time or before; none if it lives for ever.
    pub(crate) dead: Option<DateTime<Utc>>,
    /// No more than these.
    pub(crate) most: usize,
    /// And no more bytes than these.
    pub(crate) bytes: usize,
}

impl SaidLog {
    pub(super) fn lay(&self, out: &mut Vec<u8>) {
        for raw in &self.0 {
            writing::bytes(out, raw.get().as_bytes());
        }
    }

    pub(super) fn read(mut reader: Reader<'_>) -> Read<Self> {
        let mut log = Self::default();
        while !reader.is_done() {
            log.0.push(reader.json()?);
        }
        Ok(log)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the write with the stamp `decided` added to this log, added to the `stored` one by the write with this `stamp`.
    pub(super) fn put_on(self, mut stored: Self, decided: Stamp, stamp: Stamp) -> Self {
        let new = self.0.iter().filter_map(|raw| read(raw)).filter(|said| said.moment.stamp == decided);
        let new = new.map(|said| Utterance { moment: said.moment.decided_by(stamp), ..said });
        stored.0.extend(new.filter_map(|said| to_raw_value(&said).ok()));
        stored
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|raw| raw.get().len() + 1).sum()
    }

    /// Drops the oldest, up to this place.
    fn drop_first(&mut self, count: usize) -> usize {
        self.0.drain(..count).len()
    }
}

/// How many there are.
impl fmt::Debug for SaidLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SaidLog({})", self.0.len())
    }
}

impl<F: Flow> Session<F> {
    /// Adds this to what was said, and tells how much of it could not be written, and is not kept.
    pub(crate) fn note_said(&mut self, said: impl IntoIterator<Item = Utterance>) -> usize {
        let mut lost = 0;
        for utterance in said {
            match to_raw_value(&utterance) {
                Ok(raw) => self.parts.said.0.push(raw),
                Err(_) => lost += 1,
            }
        }
        lost
    }

    /// Drops what is beyond the bound, the oldest first, and tells how many had not come to the end of their life.
    pub(crate) fn bound_said(&mut self, bound: SaidBound) -> usize {
        let log = &mut self.parts.said;
        // Times rise in a record, so that what is dead comes first. What this release cannot read lives until there is no room.
        let is_dead =
            |raw: &RawValue| moment(raw).is_some_and(|moment| bound.dead.is_some_and(|dead| moment.at <= dead));
        let dead = log.0.iter().take_while(|raw| is_dead(raw)).count();
        log.drop_first(dead);
        let surplus = log.0.len().saturating_sub(bound.most);
        let dropped = log.drop_first(surplus);
        let bytes = log.bytes();
        dropped + self.unsay(bytes.saturating_sub(bound.bytes))
    }

    /// Drops the oldest that was said until so many bytes are free, or nothing is left; tells how many that were.
    pub(crate) fn unsay(&mut self, bytes: usize) -> usize {
        let (mut freed, mut count) = (0, 0);
        for raw in &self.parts.said.0 {
            if freed >= bytes {
                break;
            }
            freed += raw.get().len() + 1;
            count += 1;
        }
        self.parts.said.drop_first(count)
    }

    /// What was said, as far as the record has it and this release can read it.
    pub(crate) fn said(&self) -> Vec<Utterance> {
        self.parts.said.0.iter().filter_map(|raw| read(raw)).collect()
    }

    /// How much of what was said the record has.
    pub(crate) fn said_count(&self) -> usize {
        self.parts.said.0.len()
    }

    /// Notes that the archive has what was said at these moments.
    pub(crate) fn said_is_archived(&mut self, archived: &[Moment]) {
        if !archived.is_empty() {
            self.parts.said.0.retain(|raw| moment(raw).is_none_or(|moment| !archived.contains(&moment)));
        }
    }

    /// The session without what was said.
    pub(crate) fn without_said(&self) -> Self {
        let mut session = self.clone();
        session.parts.said = SaidLog::default();
        session
    }
}

fn read(raw: &RawValue) -> Option<Utterance> {
    serde_json::from_str(raw.get()).ok()
}

fn moment(raw: &RawValue) -> Option<Moment> {
    #[derive(Deserialize)]
    struct Named {
        moment: Moment,
    }
    serde_json::from_str(raw.get()).ok().map(|Named { moment }| moment)
}
