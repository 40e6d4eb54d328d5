//! The messages that were handled in the last day, by their ids alone: [`KnownIds`].

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{
    hash_of,
    laid::reading::{Broken, Read},
};
use crate::base64url;

/// Idempotency keys whose replies are no longer kept, the oldest first.
///
/// Each is a hash of 8 bytes and a time of 4. They are looked through as they are stored, since a record has thousands of them and a
/// turn asks for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KnownIds {
    laid: Vec<u8>,
}

/// How many bytes an id takes.
const LENGTH: usize = 12;

/// How many of them are of the hash.
const OF_HASH: usize = 8;

/// How many ids are kept, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) ids: usize,
    pub(crate) time: TimeDelta,
}

impl KnownIds {
    /// A list that was cut is none: its entries would be read of the wrong bytes.
    pub(super) fn read(laid: &[u8]) -> Read<Self> {
        if laid.len().is_multiple_of(LENGTH) { Ok(Self { laid: laid.to_vec() }) } else { Err(Broken) }
    }

    pub(super) fn laid(&self) -> &[u8] {
        &self.laid
    }

    pub(super) fn is_empty(&self) -> bool {
        self.laid.is_empty()
    }

    fn entries(&self) -> impl DoubleEndedIterator<Item = &[u8; LENGTH]> {
        self.laid.as_chunks().0.iter()
    }

    /// Whether a message with this id was handled, no longer ago than is remembered.
    pub(super) fn has(&self, id: &str, now: DateTime<Utc>, memory: Memory) -> bool {
        if self.is_empty() {
            return false;
        }
        let wanted = entry(id, 0);
        // The last first: what is repeated was said a moment ago.
        let mut entries = self.entries().rev();
        entries.any(|known| known[..OF_HASH] == wanted[..OF_HASH] && is_remembered(time_of(*known), now, memory))
    }

    /// Adds a message, forgets those that are too old, and tells how many it had to forget that are not.
    pub(super) fn add(&mut self, id: &str, now: DateTime<Utc>, memory: Memory) -> u64 {
        self.forget_old(now, memory);
        if memory.ids == 0 || memory.time <= TimeDelta::zero() {
            return 0;
        }
        self.laid.extend(entry(id, seconds(now)));
        let surplus = (self.laid.len() / LENGTH).saturating_sub(memory.ids);
        self.laid.drain(..surplus * LENGTH);
        surplus as u64
    }

    fn forget_old(&mut self, now: DateTime<Utc>, memory: Memory) {
        let old = self.entries().take_while(|known| !is_remembered(time_of(**known), now, memory)).count();
        self.laid.drain(..old * LENGTH);
    }
}

/// As the JSON of before has it: 16 letters of base64url for each.
impl Serialize for KnownIds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url::write(&self.laid))
    }
}

impl<'de> Deserialize<'de> for KnownIds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let letters = Cow::<'_, str>::deserialize(deserializer)?;
        let mut laid = Vec::with_capacity(letters.len() * 3 / 4);
        let (entries, rest) = letters.as_bytes().as_chunks::<16>();
        for entry in entries {
            let entry: [u8; LENGTH] = base64url::read(entry).ok_or_else(|| D::Error::custom("no list of known ids"))?;
            laid.extend(entry);
        }
        if rest.is_empty() { Ok(Self { laid }) } else { Err(D::Error::custom("no list of known ids")) }
    }
}

fn is_remembered(seconds: u32, now: DateTime<Utc>, memory: Memory) -> bool {
    now.timestamp() - i64::from(seconds) < memory.time.num_seconds()
}

fn entry(id: &str, seconds: u32) -> [u8; LENGTH] {
    let hash = hash_of(id);
    let mut entry = [0; LENGTH];
    entry[..OF_HASH].copy_from_slice(&hash[..OF_HASH]);
    entry[OF_HASH..].copy_from_slice(&seconds.to_be_bytes());
    entry
}

fn time_of([.., a, b, c, d]: [u8; LENGTH]) -> u32 {
    u32::from_be_bytes([a, b, c, d])
}

fn seconds(now: DateTime<Utc>) -> u32 {
    u32::try_from(now.timestamp().max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Memory = Memory { ids: 4, time: TimeDelta::hours(24) };

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    #[test]
    fn an_id_is_known_for_its_time() {
        let mut known = KnownIds::default();
        assert_eq!(known.add("a", at(1), DAY), 0);
        assert!(known.has("a", at(1), DAY) && known.has("a", at(24), DAY) && !known.has("a", at(25), DAY));
        assert!(!known.has("b", at(1), DAY) && !known.has("", at(1), DAY));
        // The next one takes its place, and what had to go anyway is not told.
        assert_eq!(known.add("b", at(25), DAY), 0);
        assert_eq!(known.laid().len(), LENGTH);
    }

    #[test]
    fn beyond_the_bound_the_oldest_is_forgotten_and_told() {
        let mut known = KnownIds::default();
        let forgotten: Vec<u64> = (0..6).map(|id| known.add(&id.to_string(), at(1), DAY)).collect();
        assert_eq!(forgotten, [0, 0, 0, 0, 1, 1]);
        assert_eq!([0, 1, 2, 5].map(|id| known.has(&id.to_string(), at(1), DAY)), [false, false, true, true]);
        // A smaller bound, in a later release, forgets at once.
        assert_eq!(known.add("6", at(1), Memory { ids: 2, ..DAY }), 3);
        assert_eq!(known.add("7", at(1), Memory { ids: 0, ..DAY }), 0);
        assert!(!known.has("7", at(1), DAY));
    }

    #[test]
    fn a_list_that_was_cut_is_not_read() {
        let mut known = KnownIds::default();
        known.add("a", at(1), DAY);
        let json = serde_json::to_string(&known).expect("JSON");
        assert_eq!(serde_json::from_str::<KnownIds>(&json).expect("a list"), known);
        assert_eq!(KnownIds::read(known.laid()), Ok(known.clone()));
        assert_eq!(KnownIds::read(&known.laid()[1..]), Err(Broken));
        for other in ["\"abc\"", "\"ääääääää\"", "7"] {
            assert!(serde_json::from_str::<KnownIds>(other).is_err(), "{other}");
        }
    }
}
