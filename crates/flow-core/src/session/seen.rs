//! The last messages that were handled, with what was replied: [`SeenLog`], as they are stored.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeSeq as _};

use super::{
    TurnId,
    laid::{
        reading::{Broken, Read, Reader},
        writing,
    },
};
use crate::Reply;

/// A message that was handled, and what was replied, so that a repeat hears the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) id: TurnId,
    pub(crate) version: u64,
    pub(crate) replies: Vec<Reply>,
}

/// The last messages, the oldest first.
///
/// A turn adds one, and asks whether one of them is its own; so they are kept as they are stored, and only what is asked for is
/// unpacked. Each says how long it is, its id, the version that its turn wrote, and its replies as JSON, if there are any.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct SeenLog {
    laid: Vec<u8>,
    count: usize,
}

/// A message as it is stored.
#[derive(Clone, Copy)]
struct Entry<'l> {
    /// The kind of the id, and the id.
    id: &'l [u8],
    version: u64,
    replies: &'l [u8],
}

impl<'l> Entry<'l> {
    fn read(reader: &mut Reader<'l>) -> Read<Self> {
        let mut entry = Reader(reader.bytes()?);
        Ok(Self { id: entry.bytes()?, version: entry.number()?, replies: entry.0 })
    }

    fn is_given(&self) -> bool {
        self.id.first() == Some(&TurnId::GIVEN)
    }

    fn lay(&self, out: &mut Vec<u8>) {
        let mut head = [0; 10];
        let version = writing::short(&mut head, self.version);
        writing::size(out, writing::width(self.id.len()) + self.id.len() + version.len() + self.replies.len());
        writing::bytes(out, self.id);
        out.extend_from_slice(version);
        out.extend_from_slice(self.replies);
    }

    fn replies(&self) -> Read<Vec<Reply>> {
        if self.replies.is_empty() {
            return Ok(Vec::new());
        }
        serde_json::from_slice(self.replies).map_err(|_| Broken)
    }

    fn unpack(&self) -> Read<Seen> {
        Ok(Seen { id: TurnId::read(self.id)?, version: self.version, replies: self.replies()? })
    }
}

impl SeenLog {
    /// Fails if the bytes are no such list.
    pub(super) fn read(laid: &[u8]) -> Read<Self> {
        let (mut reader, mut count) = (Reader(laid), 0);
        while !reader.is_done() {
            Entry::read(&mut reader)?;
            count += 1;
        }
        Ok(Self { laid: laid.to_vec(), count })
    }

    pub(super) fn laid(&self) -> &[u8] {
        &self.laid
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut reader = Reader(&self.laid);
        std::iter::from_fn(move || Entry::read(&mut reader).ok())
    }

    fn iter(&self) -> impl Iterator<Item = Seen> {
        self.entries().filter_map(|entry| entry.unpack().ok())
    }

    /// The turn with this id.
    pub(super) fn of(&self, turn: &TurnId) -> Option<Seen> {
        let mut id = Vec::new();
        turn.lay(&mut id);
        self.entries().find(|entry| entry.id == id)?.unpack().ok()
    }

    pub(super) fn has(&self, turn: &TurnId) -> bool {
        let mut id = Vec::new();
        turn.lay(&mut id);
        self.entries().any(|entry| entry.id == id)
    }

    /// The turn that wrote this version.
    pub(super) fn in_version(&self, version: u64) -> Option<Seen> {
        self.entries().find(|entry| entry.version == version)?.unpack().ok()
    }

    /// Adds a turn. What was replied in those before is kept of messages that may come again, and of the version that `comes_again`.
    ///
    /// Tells the ids of the messages that it has no more room for.
    pub(super) fn add(&mut self, seen: &Seen, comes_again: Option<u64>, limit: usize) -> Vec<String> {
        let surplus = (self.count + 1).saturating_sub(limit);
        let (mut laid, mut gone) = (Vec::with_capacity(self.laid.len() + 128), Vec::new());
        for (place, entry) in self.entries().enumerate() {
            if place < surplus {
                gone.extend(entry.unpack().ok().and_then(|seen| seen.id.given()));
            } else if entry.is_given() || Some(entry.version) == comes_again {
                entry.lay(&mut laid);
            } else {
                Entry { replies: &[], ..entry }.lay(&mut laid);
            }
        }
        self.count = self.count.saturating_sub(surplus);
        self.laid = laid;
        if limit > 0 {
            self.push(seen);
        } else {
            gone.extend(seen.id.clone().given());
        }
        gone
    }

    fn push(&mut self, seen: &Seen) {
        let mut id = Vec::with_capacity(64);
        seen.id.lay(&mut id);
        let mut replies = Vec::new();
        if !seen.replies.is_empty() {
            // A reply that was said can be written: it has texts, numbers and JSON.
            replies = serde_json::to_vec(&seen.replies).unwrap_or_default();
        }
        Entry { id: &id, version: seen.version, replies: &replies }.lay(&mut self.laid);
        self.count += 1;
    }

    /// Says of what was handled in one version that it was in another.
    pub(super) fn move_version(&mut self, from: u64, to: u64) {
        let mut laid = Vec::with_capacity(self.laid.len() + 8);
        for entry in self.entries() {
            let version = if entry.version == from { to } else { entry.version };
            Entry { version, ..entry }.lay(&mut laid);
        }
        self.laid = laid;
    }
}

/// As the JSON of before has it.
impl Serialize for SeenLog {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.count))?;
        for seen in self.iter() {
            list.serialize_element(&seen)?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for SeenLog {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list: Cow<'_, [Seen]> = Deserialize::deserialize(deserializer)?;
        let mut log = Self::default();
        for seen in list.iter() {
            log.push(seen);
        }
        Ok(log)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::Stamp;

    fn seen(id: TurnId, version: u64) -> Seen {
        Seen { id, version, replies: vec![Reply::from(format!("reply {version}"))] }
    }

    fn given(id: &str, version: u64) -> Seen {
        seen(TurnId::Given(id.into()), version)
    }

    fn read_back(log: &SeenLog) -> SeenLog {
        let read = SeenLog::read(log.laid()).expect("a log");
        assert!(read == *log);
        let json = serde_json::to_string(log).expect("JSON");
        assert!(serde_json::from_str::<SeenLog>(&json).expect("a log") == *log, "{json}");
        read
    }

    #[test]
    fn a_message_is_found_with_its_replies_until_there_is_no_room() {
        let mut log = SeenLog::default();
        for version in 1..=5 {
            let gone = log.add(&given(&format!("m{version}"), version), None, 3);
            assert_eq!(gone, if version > 3 { vec![format!("m{}", version - 3)] } else { vec![] });
        }
        let log = read_back(&log);
        assert_eq!(log.of(&TurnId::Given("m4".into())), Some(given("m4", 4)));
        assert_eq!((log.of(&TurnId::Given("m2".into())), log.in_version(5)), (None, Some(given("m5", 5))));
        assert!(log.has(&TurnId::Given("m3".into())) && !log.has(&TurnId::Given("m".into())));
    }

    #[test]
    fn of_what_cannot_come_again_the_replies_are_forgotten() {
        let (own, timer) = (TurnId::Own(Uuid::new_v4()), TurnId::Undeliverable(Stamp::first(), 1));
        let mut log = SeenLog::default();
        log.add(&seen(own.clone(), 1), None, 9);
        log.add(&seen(timer.clone(), 2), Some(1), 9);
        assert_eq!(read_back(&log).in_version(1), Some(seen(own.clone(), 1)), "it may be pressed again");
        log.add(&given("m", 3), None, 9);
        let forgotten = |id, version| Some(Seen { id, version, replies: vec![] });
        assert_eq!((log.of(&own), log.of(&timer)), (forgotten(own, 1), forgotten(timer, 2)));
        log.move_version(3, 300);
        assert_eq!(read_back(&log).in_version(300), Some(Seen { version: 300, ..given("m", 3) }));
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let mut log = SeenLog::default();
        assert_eq!(log.add(&given("m", 1), None, 0), ["m"]);
        assert!(read_back(&log) == SeenLog::default());
    }
}
