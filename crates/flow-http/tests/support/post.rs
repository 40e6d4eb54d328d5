//! A platform that exists in tests alone: people write it letters.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use axum::http::Method;
use chrono::{DateTime, TimeDelta};
use flow_core::{
    Fate, Input, Secret,
    engine::{Doubt, Found},
};
use flow_http::platform::{
    Arrivals, Arrived, Became, Forged, Hook, Offer, Part, Platform, Receipt, Screen, Unreadable,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Its office: what it was given to send, and what becomes of the next ones.
#[derive(Clone, Default)]
pub struct Office(Arc<Inside>);

#[derive(Default)]
struct Inside {
    sent: Mutex<Vec<(String, String, Value)>>,
    fates: Mutex<VecDeque<Option<Fate>>>,
    found: Mutex<VecDeque<Found>>,
    asked: Mutex<Vec<String>>,
    read: AtomicUsize,
}

impl Office {
    /// Each with its place, its key and what it is.
    pub fn sent(&self) -> Vec<(String, String, Value)> {
        self.0.sent.lock().expect("a lock").clone()
    }

    /// The texts that were sent to this place.
    pub fn texts_to(&self, place: &str) -> Vec<String> {
        let sent = self.sent().into_iter().filter(|(to, ..)| to == place);
        sent.map(|(_, _, wire)| wire["text"].as_str().expect("a text").to_owned()).collect()
    }

    /// So many pass, and the next one fails like this.
    pub fn fails_after(&self, count: usize, fate: Fate) {
        let mut fates = self.0.fates.lock().expect("a lock");
        fates.extend((0..count).map(|_| None));
        fates.push_back(Some(fate));
    }

    pub fn finds(&self, found: impl IntoIterator<Item = Found>) {
        self.0.found.lock().expect("a lock").extend(found);
    }

    /// The keys that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.0.asked.lock().expect("a lock").clone()
    }

    /// How many requests were read.
    pub fn read(&self) -> usize {
        self.0.read.load(Ordering::SeqCst)
    }

    /// Waits until so many messages were sent.
    pub async fn has_sent(&self, count: usize) {
        let sent = async {
            while self.sent().len() < count {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), sent).await.expect("sent in time");
    }
}

/// The platform, as a bot speaks with it. It signs by the hour, and its secret is being changed.
pub struct Post {
    pub office: Office,
    pub secrets: [Secret; 2],
}

#[derive(Deserialize)]
struct Bag {
    #[serde(default)]
    letters: Vec<Letter>,
    #[serde(default)]
    receipts: Vec<Slip>,
}

/// What became of a letter of ours.
#[derive(Deserialize)]
struct Slip {
    to: String,
    key: String,
    became: String,
}

#[derive(Deserialize)]
struct Letter {
    id: String,
    from: String,
    writer: Option<String>,
    #[serde(default)]
    text: String,
    press: Option<String>,
}

#[async_trait]
impl Platform for Post {
    const SCREEN: Screen = Screen::of_text(40).buttons(2, 10, 64).images(20).places();
    const LARGEST_REQUEST: usize = 2_000;
    type Wire = Value;

    fn verify(&self, hook: &Hook<'_>) -> Result<(), Forged> {
        let (at, tag) = hook.header("x-post").and_then(|header| header.split_once('.')).ok_or(Forged::Unsigned)?;
        let signed = [at.as_bytes(), b".", hook.body()].concat();
        let tag = hex(tag).ok_or(Forged::Wrong)?;
        // No short cut: neither tells by its time which of them it was.
        let known = self.secrets.each_ref().map(|secret| secret.knows("post", &signed, &tag));
        if known == [false, false] {
            return Err(Forged::Wrong);
        }
        let at = at.parse().ok().and_then(|at| DateTime::from_timestamp(at, 0)).ok_or(Forged::Wrong)?;
        hook.is_within(TimeDelta::minutes(5), at)
    }

    fn read(&self, hook: &Hook<'_>) -> Result<Arrivals, Unreadable> {
        self.office.0.read.fetch_add(1, Ordering::SeqCst);
        if hook.method() == Method::GET {
            return Ok(Arrivals::none().answered(hook.uri().query().unwrap_or_default().to_owned()));
        }
        let bag: Bag = hook.json()?;
        let receipts = bag.receipts.into_iter().map(|slip| {
            let became = match &*slip.became {
                "sent" => Became::Sent,
                "delivered" => Became::Delivered,
                "read" => Became::Read,
                reason => Became::Failed(reason.to_owned()),
            };
            Receipt::new(slip.to, slip.key, became)
        });
        let letters = Arrivals::of(bag.letters.into_iter().map(|letter| {
            let input = letter.press.map_or(Input::text(letter.text), Input::button);
            let arrived = Arrived::new(letter.from, input.with_id(letter.id));
            match letter.writer {
                Some(writer) => arrived.by(writer),
                None => arrived,
            }
        }));
        Ok(letters.with_receipts(receipts))
    }

    fn render(&self, part: &Part<'_>) -> Value {
        let buttons = match part.offer() {
            Offer::Buttons(buttons) => buttons.iter().map(|button| json!([button.label(), button.token()])).collect(),
            _ => Vec::new(),
        };
        let kind = part.attachment().map(flow_core::Attachment::kind);
        json!({ "text": part.text(), "buttons": buttons, "kind": kind, "link": part.link() })
    }

    async fn send(&self, place: &str, wire: &Value, key: &str) -> Result<(), Fate> {
        if let Some(Some(fate)) = self.office.0.fates.lock().expect("a lock").pop_front() {
            return Err(fate);
        }
        let sent = (place.to_owned(), key.to_owned(), wire.clone());
        self.office.0.sent.lock().expect("a lock").push(sent);
        Ok(())
    }

    async fn find_out(&self, _: &str, key: &str) -> Found {
        self.office.0.asked.lock().expect("a lock").push(key.to_owned());
        self.office.0.found.lock().expect("a lock").pop_front().unwrap_or(Found::Unknown)
    }

    fn in_doubt(&self) -> Doubt {
        Doubt::SetAside
    }
}

/// What the platform writes into the header of a request with this body.
pub fn signed(secret: &Secret, at: i64, body: &str) -> String {
    let tag = secret.tag("post", format!("{at}.{body}").as_bytes());
    let digits = tag.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let tag: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
    format!("{at}.{tag}")
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = |place| text.get(place..place + 2).and_then(|pair: &str| u8::from_str_radix(pair, 16).ok());
    (0..text.len()).step_by(2).map(digits).collect()
}
