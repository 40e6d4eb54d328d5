//! The names of what is stored: [`Keys`].

use flow_core::SessionId;
use thiserror::Error;
use uuid::Uuid;

/// The keys of one store, all behind its prefix.
///
/// The first two characters of an id stand in braces, as the hash tag of a cluster, which so keeps a record and its wake time
/// on one node. A flow's name stands behind them, so that it may hold braces itself.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    prefix: String,
}

/// The prefix of a store is not one that it can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a prefix is made of letters, digits and `-`, `_`, `.`, `:`")]
pub struct PrefixError;

impl Keys {
    /// The keys behind `prefix` and a colon; without either if it is empty.
    pub(crate) fn behind(prefix: &str) -> Result<Self, PrefixError> {
        // Nothing that a pattern could mean otherwise, nor a brace, which would move the keys of a cluster.
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.:".contains(letter);
        if !prefix.chars().all(is_plain) {
            return Err(PrefixError);
        }
        let colon = if prefix.is_empty() || prefix.ends_with(':') { "" } else { ":" };
        Ok(Self { prefix: format!("{prefix}{colon}") })
    }

    /// Where the record of `id` is.
    pub(crate) fn record(&self, id: SessionId) -> String {
        let id = id.to_string();
        format!("{}state:{{{}}}:{id}", self.prefix, &id[..2])
    }

    /// Where the letters of `id` are.
    pub(crate) fn inbox(&self, id: SessionId) -> String {
        let id = id.to_string();
        format!("{}inbox:{{{}}}:{id}", self.prefix, &id[..2])
    }

    /// Where the list is of what is in quarantine of `id`, and how the names of its entries begin.
    pub(crate) fn quarantine(&self, id: SessionId) -> String {
        let id = id.to_string();
        // Among the records, so that a user who may write those may write these. No record has such a name.
        format!("{}state:quarantine:{{{}}}:{id}", self.prefix, &id[..2])
    }

    /// Where the wake time of `id` is, if it is a session of `flow`.
    pub(crate) fn wake(&self, flow: &str, id: SessionId) -> String {
        format!("{}:{flow}", self.old_wake(id))
    }

    /// Every key that has wake times of `flow`.
    pub(crate) fn wakes(&self, flow: &str) -> impl Iterator<Item = String> {
        self.old_wakes().map(move |old| format!("{old}:{flow}"))
    }

    /// The key that lists the flows with wake times in the part of the index that `id` is in.
    pub(crate) fn flows(&self, id: SessionId) -> String {
        format!("{}wake:flows:{{{}}}", self.prefix, &id.to_string()[..2])
    }

    /// Every key that lists flows.
    pub(crate) fn all_flows(&self) -> impl Iterator<Item = String> {
        (0..=u8::MAX).map(|tag| format!("{}wake:flows:{{{tag:02x}}}", self.prefix))
    }

    /// Where it stands until when the workers of `flow` are taken for alive. Beside the wake times, so that whoever may claim may
    /// say that it is there.
    pub(crate) fn beat(&self, flow: &str) -> String {
        format!("{}wake:beat:{flow}", self.prefix)
    }

    /// The channel on which it is told which sessions change. The scripts know it too, by the names of their keys.
    pub(crate) fn told(&self) -> String {
        format!("{}told", self.prefix)
    }

    /// The channel on which the listener of this name asks itself whether it still hears.
    pub(crate) fn echo(&self, listener: Uuid) -> String {
        format!("{}told:{listener}", self.prefix)
    }

    /// The key with the wake time of `id` in the index of older releases, which was not parted by flow.
    pub(crate) fn old_wake(&self, id: SessionId) -> String {
        self.wake_of_tag(&id.to_string()[..2])
    }

    /// Every key that has wake times of older releases.
    pub(crate) fn old_wakes(&self) -> impl Iterator<Item = String> {
        (0..=u8::MAX).map(|tag| self.wake_of_tag(&format!("{tag:02x}")))
    }

    /// What every key of a record matches, and a few others might.
    pub(crate) fn pattern(&self) -> String {
        format!("{}state:{{??}}:*", self.prefix)
    }

    /// The session whose record is at `key`; none if that is no key of a record.
    pub(crate) fn session(&self, key: &[u8]) -> Option<SessionId> {
        let id = str::from_utf8(key).ok()?.rsplit(':').next()?.parse().ok()?;
        (self.record(id).as_bytes() == key).then_some(id)
    }

    /// Which part of the wake index has the session, in the order of [`wakes`](Self::wakes).
    pub(crate) fn part(id: SessionId) -> u16 {
        id.as_uuid().as_bytes()[0].into()
    }

    /// Which slot of a cluster has the session.
    pub(crate) fn slot(id: SessionId) -> u16 {
        checksum(&id.to_string().as_bytes()[..2]) % SLOTS
    }

    /// Which slot of a cluster has each part of the wake index, in the order of [`wakes`](Self::wakes).
    pub(crate) fn slots() -> impl Iterator<Item = u16> {
        (0..=u8::MAX).map(|tag| checksum(format!("{tag:02x}").as_bytes()) % SLOTS)
    }

    fn wake_of_tag(&self, tag: &str) -> String {
        format!("{}wake:{{{tag}}}", self.prefix)
    }
}

/// How many slots every cluster has.
const SLOTS: u16 = 16_384;

/// The CRC that a cluster finds the slot of a tag by (XMODEM).
fn checksum(tag: &[u8]) -> u16 {
    tag.iter().fold(0, |sum, byte| {
        let sum: u16 = sum ^ (u16::from(*byte) << 8);
        (0..8).fold(sum, |sum, _| (sum << 1) ^ if sum & 0x8000 == 0 { 0 } else { 0x1021 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(prefix: &str) -> Keys {
        Keys::behind(prefix).expect("a prefix")
    }

    #[test]
    fn a_record_and_its_wake_time_share_the_tag_of_the_id() {
        let id = "3f2a0000-0000-4000-8000-000000000000".parse().expect("an id");
        assert_eq!(keys("").record(id), "state:{3f}:3f2a0000-0000-4000-8000-000000000000");
        assert_eq!(keys("").inbox(id), "inbox:{3f}:3f2a0000-0000-4000-8000-000000000000");
        assert_eq!(keys("").quarantine(id), "state:quarantine:{3f}:3f2a0000-0000-4000-8000-000000000000");
        assert_eq!(keys("").wake("booking", id), "wake:{3f}:booking");
        assert_eq!(keys("salon:test").wake("booking", id), "salon:test:wake:{3f}:booking");
        assert_eq!(keys("salon:").old_wake(id), "salon:wake:{3f}");
        assert_eq!(keys("salon:").flows(id), "salon:wake:flows:{3f}");
        assert!(keys("salon:").all_flows().any(|key| key == keys("salon:").flows(id)));
        assert_eq!(keys("salon:").beat("booking"), "salon:wake:beat:booking");
        assert_eq!(keys("salon:").told(), "salon:told");
        // As the scripts find it.
        let old_wake = keys("salon:").old_wake(id);
        assert_eq!(format!("{}told", &old_wake[..old_wake.len() - 9]), keys("salon:").told());
        assert!(keys("salon:").echo(Uuid::nil()).starts_with("salon:told:0"));
        assert_eq!(keys("").wakes("{}").count(), 256);
        assert!(keys("").wakes("{}").any(|key| key == keys("").wake("{}", id)));
    }

    #[test]
    fn the_slot_of_a_tag_is_what_a_cluster_says() {
        // `CLUSTER KEYSLOT 123456789` and `CLUSTER KEYSLOT 3f`.
        assert_eq!(checksum(b"123456789") % SLOTS, 12_739);
        assert_eq!(Keys::slot("3f2a0000-0000-4000-8000-000000000000".parse().expect("an id")), 7_334);
        assert_eq!(Keys::slots().nth(0x3f), Some(7_334));
    }

    #[test]
    fn a_session_is_read_off_its_own_key_and_no_other() {
        let id = SessionId::random();
        assert_eq!(keys("a").session(keys("a").record(id).as_bytes()), Some(id));
        for other in [
            keys("b").record(id),
            keys("a").wake("b", id),
            keys("a").flows(id),
            keys("a").quarantine(id),
            format!("a:state:{{zz}}:{id}"),
            "a".into(),
        ] {
            assert_eq!(keys("a").session(other.as_bytes()), None, "{other}");
        }
        assert_eq!(keys("a").session(b"a:state:{\xff\xff}:x"), None);
    }

    #[test]
    fn a_prefix_that_could_mean_something_else_is_refused() {
        for prefix in ["a*", "{a}", "a b", "a?", "[a]", "ä", "a\n", "a\\"] {
            assert_eq!(Keys::behind(prefix).err(), Some(PrefixError), "{prefix}");
        }
    }
}
