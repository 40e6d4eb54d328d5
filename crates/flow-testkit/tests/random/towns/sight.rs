//! What a record says, read by a model that knows nothing of the engine: [`Sight`].

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use flow_core::{Record, SessionId};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A record in plain values.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    pub(crate) version: u64,
    pub(crate) words: Vec<String>,
    /// The receipts that its turns went by.
    pub(crate) charges: BTreeMap<String, u64>,
    /// The receipts that are kept for turns which are not stored.
    pub(crate) kept: Vec<(String, u64)>,
    /// The ids of the messages that it remembers, of this conversation and those before.
    pub(crate) seen: Vec<String>,
    /// The messages before those, by the letters of their hashes.
    known: String,
    pub(crate) steps: Vec<Step>,
    /// What is to be delivered.
    pub(crate) pending: Vec<Thing>,
    /// The dead letters.
    pub(crate) set_aside: Vec<Thing>,
    /// When a timer runs out, the earliest.
    pub(crate) timer: Option<DateTime<Utc>>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) has_lapsed: bool,
    pub(crate) is_paused: bool,
    /// When its pause ends by itself, if it does.
    pub(crate) paused_until: Option<DateTime<Utc>>,
    /// Whether a worker has taken over the letter at the head of its inbox.
    pub(crate) is_taken_over: bool,
}

/// How many letters stand for one of the messages that are known by their hashes.
const KNOWN: usize = 16;

/// A step of its history.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) by: String,
    pub(crate) to: String,
    at: String,
}

/// Something that is to be told outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thing {
    pub(crate) key: String,
    /// Where it goes.
    pub(crate) to: String,
    /// What it is, in words.
    pub(crate) what: String,
}

impl Sight {
    /// Fails if the record does not read as it is documented.
    pub(crate) fn of(id: SessionId, record: &Record) -> Result<Self, String> {
        let json = record.readable();
        let todo = &json["todo"];
        let thing = |pending: &Value| Thing::of(id, pending);
        let list = |name: &str| list_of(&todo[name]);
        let steps = json["history"].as_array().ok_or("a record has no history")?;
        let timers = list("timers").filter_map(|timer| time(&timer["at"]));
        let charges = json["shared"]["charges"].as_object().into_iter().flatten();
        let kept = list_of(&json["once"]);
        Ok(Self {
            version: record.stamp().version,
            words: texts(&json["shared"]["words"]),
            charges: charges.filter_map(|(word, receipt)| Some((word.clone(), receipt.as_u64()?))).collect(),
            kept: kept.filter_map(|kept| Some((kept["turn"].as_str()?.to_owned(), kept["answer"].as_u64()?))).collect(),
            seen: list_of(&json["seen"]).filter_map(|seen| Some(seen["id"].as_str()?.to_owned())).collect(),
            known: json["known"].as_str().unwrap_or_default().to_owned(),
            steps: steps.iter().map(Step::of).collect(),
            pending: list("pending").map(thing).collect::<Result<_, _>>()?,
            set_aside: list("setAside").map(|aside| thing(&aside["pending"])).collect::<Result<_, _>>()?,
            timer: timers.min(),
            expires_at: time(&json["expiresAt"]),
            has_lapsed: !json["lapsedAt"].is_null(),
            is_paused: !json["pause"].is_null(),
            paused_until: time(&json["pause"]["until"]),
            is_taken_over: !json["tried"].is_null(),
        })
    }

    /// Whether it remembers the message with this id: with its replies, or by the first 60 bits of its hash in base64url.
    pub(crate) fn remembers(&self, id: &str) -> bool {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let hash = Sha256::digest(id).iter().take(8).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
        let letters: Vec<u8> = (0..10).map(|place| ALPHABET[(hash >> (58 - 6 * place) & 63) as usize]).collect();
        let is_known = || self.known.as_bytes().chunks(KNOWN).any(|entry| entry.starts_with(&letters));
        self.seen.iter().any(|seen| seen == id) || is_known()
    }

    /// How many messages it remembers.
    pub(crate) fn remembered(&self) -> usize {
        self.seen.len() + self.known.len() / KNOWN
    }

    /// In which visit of a state the session is: how often it came to one.
    pub(crate) fn visit(&self) -> usize {
        self.steps.iter().filter(|step| step.enters()).count()
    }
}

/// Whether it is no session's yet, but held for what a first turn has asked.
pub(crate) fn is_place(record: &Record) -> bool {
    record.last_turn().version == 0
}

impl Step {
    fn of(json: &Value) -> Self {
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        Self { by: text("by"), to: text("to"), at: text("at") }
    }

    /// Whether a conversation begins with it.
    pub(crate) fn begins(&self) -> bool {
        ["opened", "reopened", "expired"].contains(&&*self.by)
    }

    /// Whether it comes to a state. The others say that the session stands where it stood.
    fn enters(&self) -> bool {
        const STAND: [&str; 8] =
            ["lapsed", "resumed", "retried", "dismissed", "paused", "unanswered", "spoken", "unpaused"];
        !STAND.contains(&&*self.by)
    }

    /// Whether it says that something was left to a person.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.by == "unanswered"
    }

    /// Whether a pause of the bot ends with it.
    pub(crate) fn unpauses(&self) -> bool {
        self.by == "unpaused"
    }

    /// Whether it says that the session had expired.
    pub(crate) fn tells_expiry(&self) -> bool {
        ["lapsed", "expired"].contains(&&*self.by)
    }
}

impl Thing {
    /// The place that a reply goes to; none if it is no reply.
    pub(crate) fn place(&self) -> Option<&str> {
        self.what.split_once(": ").filter(|_| self.to == CHANNEL).map(|(place, _)| place)
    }

    /// Whether it is a message that came in.
    pub(crate) fn came_in(&self) -> bool {
        self.to == LETTER
    }

    fn of(id: SessionId, json: &Value) -> Result<Self, String> {
        let write_id: Uuid =
            json["writeId"].as_str().and_then(|id| id.parse().ok()).ok_or("a thing has no write id")?;
        let key = format!("{id}/{}-{}/{}", json["version"], write_id.simple(), json["index"]);
        let what = &json["what"];
        let (to, what) = if let Some(effect) = what.get("effect") {
            (effect["kind"].as_str().unwrap_or_default(), effect["payload"].as_str().unwrap_or_default().to_owned())
        } else if let Some(letter) = what.get("letter") {
            (LETTER, letter["turn"].as_str().unwrap_or_default().to_owned())
        } else if let Some(reply) = what.get("reply") {
            let place = reply["address"]["place"].as_str().unwrap_or_default();
            (CHANNEL, sent_to(place, reply["reply"]["text"].as_str().unwrap_or_default()))
        } else if let Some(said) = what.get("announcement") {
            ("announcements", said["replies"][0]["text"].as_str().unwrap_or_default().to_owned())
        } else if let Some(snapshot) = what.get("checkpoint") {
            ("checkpoints", texts(&snapshot["shared"]["words"]).join(", "))
        } else {
            ("expiries", texts(&what["lapse"]["shared"]["words"]).join(", "))
        };
        Ok(Self { key, to: to.to_lowercase(), what })
    }
}

/// The channel of every town.
pub(crate) const CHANNEL: &str = "web";

/// What a dead letter is that came in.
pub(crate) const LETTER: &str = "letter";

/// What is said to this place, in words.
pub(crate) fn sent_to(place: &str, text: &str) -> String {
    format!("{place}: {text}")
}

fn list_of(json: &Value) -> impl Iterator<Item = &Value> {
    json.as_array().into_iter().flatten()
}

fn texts(json: &Value) -> Vec<String> {
    list_of(json).map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
}

fn time(json: &Value) -> Option<DateTime<Utc>> {
    json.as_str()?.parse().ok()
}
