//! Under which id a turn is remembered, so that it is taken once: [`TurnId`].

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Key, TimerPurpose,
    laid::{
        reading::{Broken, Read, Reader},
        writing,
    },
};
use crate::Stamp;

/// Who gave the id is a part of it, so that what a channel sends is never taken for one of the engine's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub(crate) enum TurnId {
    /// The id that its channel gave the message.
    Given(String),
    /// One made up for this turn, so that a write whose answer was lost is known again.
    Own(Uuid),
    /// A timer's, the same whichever worker takes its turn.
    Timer(TimerPurpose, Stamp),
    /// That of hearing that the reply with this key can never be sent.
    Undeliverable(Stamp, u32),
}

/// How the id of hearing a receipt begins.
const RECEIPT: &str = "\u{1}receipt ";

impl TurnId {
    /// The id under which a receipt of this kind for the reply with this key is known. Text, so that it is known for as long as a
    /// channel's, and to releases of before.
    pub(crate) fn receipt(key: Key, kind: &str) -> String {
        let Key { stamp, index, .. } = key;
        format!("{RECEIPT}{}-{}/{index} {kind}", stamp.version, stamp.write_id.simple())
    }

    /// What the id of a message begins with, as it is laid.
    pub(super) const GIVEN: u8 = 0;

    /// The id that its channel gave the message, if it did.
    pub(super) fn given(self) -> Option<String> {
        match self {
            Self::Given(id) => Some(id),
            Self::Own(_) | Self::Timer(..) | Self::Undeliverable(..) => None,
        }
    }

    /// Lays the id behind what kind of id it is.
    pub(super) fn lay(&self, out: &mut Vec<u8>) {
        match self {
            Self::Given(id) => {
                out.push(Self::GIVEN);
                out.extend_from_slice(id.as_bytes());
            }
            Self::Own(id) => {
                out.push(1);
                out.extend_from_slice(id.as_bytes());
            }
            Self::Timer(purpose, started) => {
                out.push(2);
                lay_stamp(out, *started);
                purpose.lay(out);
            }
            Self::Undeliverable(stamp, index) => {
                out.push(3);
                lay_stamp(out, *stamp);
                writing::number(out, (*index).into());
            }
        }
    }

    pub(super) fn read(laid: &[u8]) -> Read<Self> {
        let mut reader = Reader(laid);
        let id = match reader.byte()? {
            Self::GIVEN => {
                let id = str::from_utf8(reader.0).map_err(|_| Broken)?.to_owned();
                return Ok(Self::Given(id));
            }
            1 => Self::Own(reader.uuid()?),
            2 => {
                let started = read_stamp(&mut reader)?;
                Self::Timer(TimerPurpose::read(&mut reader)?, started)
            }
            3 => Self::Undeliverable(read_stamp(&mut reader)?, reader.small()?),
            _ => return Err(Broken),
        };
        reader.ends()?;
        Ok(id)
    }

    /// Whether it is that of hearing a receipt.
    pub(crate) fn is_of_receipt(&self) -> bool {
        matches!(self, Self::Given(id) if id.starts_with(RECEIPT))
    }
}

/// The id as the JSON of before has it. A channel's is text, which the others are not.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Ours(Ours),
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Ours {
    Own(Uuid),
    Timer(TimerPurpose, Stamp),
    Undeliverable(Stamp, u32),
}

impl From<TurnId> for Written {
    fn from(id: TurnId) -> Self {
        match id {
            TurnId::Given(id) => Self::Text(id),
            TurnId::Own(id) => Self::Ours(Ours::Own(id)),
            TurnId::Timer(purpose, started) => Self::Ours(Ours::Timer(purpose, started)),
            TurnId::Undeliverable(stamp, index) => Self::Ours(Ours::Undeliverable(stamp, index)),
        }
    }
}

impl From<Written> for TurnId {
    fn from(written: Written) -> Self {
        match written {
            Written::Text(text) => of_older_release(&text).unwrap_or(Self::Given(text)),
            Written::Ours(Ours::Own(id)) => Self::Own(id),
            Written::Ours(Ours::Timer(purpose, started)) => Self::Timer(purpose, started),
            Written::Ours(Ours::Undeliverable(stamp, index)) => Self::Undeliverable(stamp, index),
        }
    }
}

pub(super) fn lay_stamp(out: &mut Vec<u8>, stamp: Stamp) {
    writing::number(out, stamp.version);
    out.extend_from_slice(stamp.write_id.as_bytes());
}

pub(super) fn read_stamp(reader: &mut Reader<'_>) -> Read<Stamp> {
    Ok(Stamp { version: reader.number()?, write_id: reader.uuid()? })
}

/// How the engine's own ids began when they were text as well. A message whose id begins so is refused.
pub(crate) const OWN_MARK: char = '\u{1}';

/// The hash by which a message's id is known where there is no room for the id itself. It is stored, and so stays as it is.
pub(crate) fn hash_of(id: &str) -> [u8; 32] {
    Sha256::digest(id).into()
}

/// The engine's own id that a release before wrote as text; none if it is a channel's.
fn of_older_release(text: &str) -> Option<TurnId> {
    let text = text.strip_prefix(OWN_MARK)?;
    let timer = |purpose, version: &str| {
        Some(TurnId::Timer(purpose, Stamp { version: version.parse().ok()?, write_id: Uuid::nil() }))
    };
    if let Some((seconds, version)) = text.strip_prefix("after ").and_then(|rest| rest.split_once('/')) {
        return timer(TimerPurpose::After(seconds.parse().ok()?), version);
    }
    if let Some((name, version)) = text.strip_prefix("reminder ").and_then(|rest| rest.rsplit_once('/')) {
        return timer(TimerPurpose::Reminder(name.to_owned()), version);
    }
    Some(TurnId::Own(text.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(id: &TurnId) -> String {
        serde_json::to_string(id).expect("JSON")
    }

    fn read(json: &str) -> TurnId {
        serde_json::from_str(json).expect("an id")
    }

    #[test]
    fn an_id_reads_back_as_the_kind_that_it_was() {
        let stamp = Stamp::first();
        let ids = [
            TurnId::Given("wamid.1".into()),
            TurnId::Given("{\"own\":\"x\"}".into()),
            TurnId::Own(Uuid::new_v4()),
            TurnId::Timer(TimerPurpose::After(60), stamp),
            TurnId::Timer(TimerPurpose::Reminder("link".into()), stamp),
            TurnId::Undeliverable(stamp, 2),
            TurnId::Given(TurnId::receipt(Key::new(crate::SessionId::random(), stamp, 2), "read")),
        ];
        for id in &ids {
            assert_eq!(&read(&written(id)), id);
            let mut laid = Vec::new();
            id.lay(&mut laid);
            assert_eq!(TurnId::read(&laid).as_ref(), Ok(id));
        }
        assert_eq!(written(&ids[0]), "\"wamid.1\"");
    }

    #[test]
    fn an_id_of_our_own_that_an_older_release_wrote_as_text_is_known_again() {
        let stamp = Stamp { version: 3, write_id: Uuid::nil() };
        let own = Uuid::new_v4();
        for (text, id) in [
            ("\\u0001after 60/3".to_owned(), TurnId::Timer(TimerPurpose::After(60), stamp)),
            ("\\u0001reminder a/b/3".to_owned(), TurnId::Timer(TimerPurpose::Reminder("a/b".into()), stamp)),
            (format!("\\u0001{}", own.simple()), TurnId::Own(own)),
            ("\\u0001something".to_owned(), TurnId::Given("\u{1}something".into())),
            ("after 60/3".to_owned(), TurnId::Given("after 60/3".into())),
        ] {
            assert_eq!(read(&format!("\"{text}\"")), id);
        }
    }
}
