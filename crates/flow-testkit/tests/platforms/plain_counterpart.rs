//! The other side of the plain platform.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{Input, Secret};
use flow_http::platform::{Arrived, Became, Receipt};
use flow_testkit::conformance::platform::{Counterpart, Delivery, Sample, Shown, Signature, Signer, Taken, Trouble};
use serde_json::{Value, json};

use crate::{defect::Defect, plain_platform::PlainPlatform};

/// What the platform's office does: it takes what it is sent.
#[derive(Default)]
pub(crate) struct Office {
    taken: Mutex<Vec<(String, String, Value)>>,
    troubles: Mutex<VecDeque<Trouble>>,
    was_in_trouble: AtomicBool,
    signed: Mutex<HashMap<Vec<u8>, Covered>>,
}

/// The time and the body that a tag covers.
type Covered = (String, Vec<u8>);

/// What the office says to a message.
pub(crate) enum Answer {
    Taken,
    Busy(Duration),
    Blocked,
    Broken,
    Denied,
    None,
}

impl Office {
    pub(crate) fn takes(&self, place: &str, key: &str, wire: &Value, times: usize) -> Answer {
        let answer = match self.troubles.lock().expect("a lock").pop_front() {
            None => Answer::Taken,
            Some(Trouble::Busy(time)) => return Answer::Busy(time),
            Some(Trouble::Blocked) => return Answer::Blocked,
            Some(Trouble::Broken) => return Answer::Broken,
            Some(Trouble::Denied) => return Answer::Denied,
            Some(_) => Answer::None,
        };
        let message = (place.to_owned(), key.to_owned(), wire.clone());
        self.taken.lock().expect("a lock").extend(std::iter::repeat_n(message, times));
        answer
    }

    pub(crate) fn has_taken(&self, key: &str) -> bool {
        self.taken.lock().expect("a lock").iter().any(|(_, taken, _)| taken == key)
    }

    pub(crate) fn was_in_trouble(&self) -> bool {
        self.was_in_trouble.load(Ordering::Relaxed) && self.troubles.lock().expect("a lock").is_empty()
    }

    /// The time and the body that were signed with this tag.
    pub(crate) fn signed(&self, tag: &[u8]) -> Option<Covered> {
        self.signed.lock().expect("a lock").get(tag).cloned()
    }
}

#[derive(Default)]
pub(crate) struct PlainCounterpart {
    pub(crate) defect: Option<Defect>,
    office: Arc<Office>,
}

const PRESENT: &str = "the present secret of the plain platform";
const PREVIOUS: &str = "the previous secret of the plain platform";

impl PlainCounterpart {
    pub(crate) fn with(defect: Defect) -> Self {
        Self { defect: Some(defect), ..Self::default() }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn bag(events: &[Value]) -> Delivery {
    Delivery::json(&json!({ "events": events }))
}

/// What is seen of a message, if the platform takes it.
fn shown(wire: &Value) -> Result<Shown, String> {
    let text = wire["text"].as_str().ok_or("a message has a text")?;
    let longest = if wire["kind"] == "image" { 60 } else { 200 };
    if text.chars().count() > longest {
        return Err(format!("a text of {} characters is too long", text.chars().count()));
    }
    let buttons: Vec<(String, String)> = serde_json::from_value(wire["buttons"].clone()).map_err(|e| e.to_string())?;
    let fits = |(label, token): &(String, String)| label.chars().count() <= 20 && token.len() <= 64;
    if buttons.len() > 3 || !buttons.iter().all(fits) {
        return Err("there are too many buttons, or too large ones".to_owned());
    }
    let shown = buttons.into_iter().fold(Shown::text(text), |shown, (label, token)| shown.with_button(label, token));
    let shown = wire["link"].as_str().into_iter().fold(shown, Shown::with_link);
    Ok(wire["kind"].as_str().into_iter().fold(shown, Shown::with_attachment))
}

#[async_trait]
impl Counterpart for PlainCounterpart {
    type Platform = PlainPlatform;

    fn platform(&self) -> PlainPlatform {
        PlainPlatform::new(self.defect, Arc::clone(&self.office), [PRESENT.to_owned(), PREVIOUS.to_owned()])
    }

    fn secrets(&self) -> Vec<String> {
        vec![PRESENT.to_owned(), PREVIOUS.to_owned()]
    }

    fn signature(&self) -> Signature {
        Signature::of_body().within(Duration::from_secs(300))
    }

    fn sign(&self, delivery: &mut Delivery, signer: Signer, at: DateTime<Utc>) {
        let secret = match signer {
            Signer::Present => PRESENT,
            Signer::Previous => PREVIOUS,
            _ => "a secret that nobody knows",
        };
        let at = at.timestamp().to_string();
        let secret = Secret::new(secret).expect("long enough");
        let tag = secret.tag("plain", &[at.as_bytes(), b".", delivery.body()].concat());
        if signer != Signer::Another {
            let covered = (at.clone(), delivery.body().to_vec());
            self.office.signed.lock().expect("a lock").insert(tag.to_vec(), covered);
        }
        delivery.set_header("x-at", &at);
        delivery.set_header("x-tag", &hexadecimal(&tag));
    }

    fn place(&self, visitor: u32) -> String {
        format!("chat-{visitor}")
    }

    fn says(&self, visitor: u32, message: u32, text: &str) -> Delivery {
        let (id, chat) = (format!("m{message}"), self.place(visitor));
        bag(&[json!({"kind": "text", "id": id, "chat": chat, "text": text})])
    }

    fn presses(&self, visitor: u32, message: u32, token: &str) -> Option<Delivery> {
        let (id, chat) = (format!("m{message}"), self.place(visitor));
        Some(bag(&[json!({"kind": "press", "id": id, "chat": chat, "token": token})]))
    }

    fn together(&self, deliveries: &[Delivery]) -> Option<Delivery> {
        let events = |delivery: &Delivery| {
            let bag: Value = serde_json::from_slice(delivery.body()).expect("JSON");
            bag["events"].as_array().expect("events").clone()
        };
        Some(bag(&deliveries.iter().flat_map(events).collect::<Vec<_>>()))
    }

    fn samples(&self) -> Vec<Sample> {
        let text = json!({"kind": "text", "id": "m7", "chat": "chat-1", "text": "hello"});
        let press = json!({"kind": "press", "id": "m8", "chat": "chat-2", "token": "book"});
        let joined = json!({"kind": "joined", "id": "m9", "chat": "chat-1"});
        let said = Arrived::new("chat-1", Input::text("hello").with_id("m7"));
        let pressed = Arrived::new("chat-2", Input::button("book").with_id("m8"));
        let challenge = Delivery::json(&json!({"challenge": "1158201444"}));
        vec![
            Sample::of("several", bag(&[text, joined.clone(), press])).brings([said, pressed]),
            Sample::of("somebody has joined", bag(&[joined])).brings_nothing(),
            Sample::of("whether the webhook is ours", challenge).is_answered("1158201444"),
            Sample::of("a message has arrived", bag(&[json!({"delivered": "a key", "chat": "chat-1"})]))
                .tells([Receipt::new("chat-1", "a key", Became::Delivered)]),
            Sample::of("no events", Delivery::json(&json!({"letters": []}))).is_unreadable(),
            Sample::of("nobody's", Delivery::get("who=me")).is_unreadable(),
        ]
    }

    fn shown(&self, wire: &Value) -> Result<Shown, String> {
        shown(wire)
    }

    async fn meets(&self, trouble: Trouble) {
        self.office.troubles.lock().expect("a lock").push_back(trouble);
        self.office.was_in_trouble.store(true, Ordering::Relaxed);
    }

    async fn taken(&self) -> Vec<Taken> {
        let taken = self.office.taken.lock().expect("a lock").clone();
        let seen = |wire| shown(&wire).expect("what is taken fits");
        taken.into_iter().map(|(place, key, wire)| Taken::at(place, seen(wire)).under(key)).collect()
    }
}
