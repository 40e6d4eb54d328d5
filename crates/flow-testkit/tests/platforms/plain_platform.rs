//! A platform as plain as can be, and correct unless it is given a defect.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use flow_core::{
    Attachment, Fate, Input, Secret,
    engine::{Found, Scope},
};
use flow_http::platform::{
    Arrivals, Arrived, Became, Forged, Hook, Offer, Part, Platform, Receipt, Screen, Unreadable,
};
use serde_json::{Value, json};

use crate::{
    defect::Defect::{self, *},
    plain_counterpart::{Answer, Office},
};

pub(crate) struct PlainPlatform {
    defect: Option<Defect>,
    office: Arc<Office>,
    secrets: [String; 2],
    counted: AtomicUsize,
}

impl PlainPlatform {
    pub(crate) fn new(defect: Option<Defect>, office: Arc<Office>, secrets: [String; 2]) -> Self {
        Self { defect, office, secrets, counted: AtomicUsize::new(0) }
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }

    fn counts(&self) -> usize {
        self.counted.fetch_add(1, Ordering::Relaxed)
    }

    fn knows(&self, signed: &[u8], tag: &[u8]) -> bool {
        let known = if self.has(ForgetsThePreviousSecret) { &self.secrets[..1] } else { &self.secrets };
        known.iter().any(|secret| {
            let secret = Secret::new(secret.as_str()).expect("long enough");
            if self.has(ChecksTheBeginningOfTheTag) {
                !tag.is_empty() && secret.tag("plain", signed).starts_with(tag)
            } else {
                secret.knows("plain", signed, tag)
            }
        })
    }

    /// Whether a tag is taken for one of these bytes, because it covers less than it should.
    fn takes_for_known(&self, at: &str, body: &[u8], tag: &[u8]) -> bool {
        self.office.signed(tag).is_some_and(|(signed_at, signed)| match self.defect {
            Some(ChecksTheBeginningOfTheBody) => signed_at == at && signed.starts_with(&body[..body.len().min(16)]),
            Some(ChecksTheTimeAlone) => signed_at == at,
            Some(LeavesTheTimeUnsigned) => signed == body,
            _ => false,
        }) || self.has(TakesWhatAnybodySigned)
    }

    /// One message of a request; none if the bot has no use for it.
    fn message(&self, event: &Value) -> Result<Option<Arrived>, Unreadable> {
        let because = |field: &str| {
            let quoted = if self.has(QuotesWhatItCannotRead) { event.to_string() } else { String::new() };
            Unreadable::because(format!("{field} {quoted}"))
        };
        let text = |field: &str| event[field].as_str().ok_or_else(|| because(field));
        if self.has(PanicsAtOtherTypes) {
            assert!(event["id"].is_string(), "an id is a text");
        }
        let input = match event["kind"].as_str() {
            Some("text") => Input::text(self.read(text("text")?)),
            Some("press") if self.has(ReadsPressesAsTexts) => Input::text(text("token")?),
            Some("press") if self.has(ReadsTokensInSmallLetters) => Input::button(text("token")?.to_lowercase()),
            Some("press") => Input::button(text("token")?),
            Some(_) if self.has(RefusesWhatIsNew) => return Err(because("kind")),
            Some(_) if self.has(TakesWhatIsNewForText) => Input::text("?"),
            Some(_) => return Ok(None),
            None => return Err(because("kind")),
        };
        let known = ["kind", "id", "chat", "text", "token"];
        let is_new = |fields: &serde_json::Map<_, _>| fields.keys().any(|field: &String| !known.contains(&&**field));
        if self.has(RefusesNewFields) && event.as_object().is_some_and(is_new) {
            return Err(because("a field"));
        }
        let (id, mut chat) = (text("id")?.to_owned(), text("chat")?.to_owned());
        if self.has(LogsWhatIsSaid) {
            tracing::trace!(said = input.said(), "somebody said something");
        }
        if self.has(LogsPlaces) {
            tracing::debug!("somebody said something in {chat}");
        }
        let message = match self.defect {
            Some(HasNoIds) => input.into(),
            Some(HasOneIdForAll) => input.with_id("1"),
            Some(CountsDeliveries) => input.with_id(self.counts().to_string()),
            _ => input.with_id(&*id),
        };
        if self.has(AnswersAtOnePlace) || self.has(HasOneSessionForAll) {
            let writer = if self.has(AnswersAtOnePlace) { std::mem::take(&mut chat) } else { "anybody".to_owned() };
            return Ok(Some(Arrived::new("chat-1", message).by(writer)));
        }
        let arrived = Arrived::new(chat, message);
        Ok(Some(if self.has(HasASessionForEachMessage) { arrived.by(id) } else { arrived }))
    }

    fn read(&self, text: &str) -> String {
        match self.defect {
            Some(TrimsTexts) => text.trim().to_owned(),
            Some(DropsEmoji) => text.replace('🙂', ""),
            _ => text.to_owned(),
        }
    }
}

#[async_trait]
impl Platform for PlainPlatform {
    const SCREEN: Screen = Screen::of_text(200).buttons(3, 20, 64).links().images(60).places();
    type Wire = Value;

    fn verify(&self, hook: &Hook<'_>) -> Result<(), Forged> {
        if self.has(LogsItsSecrets) {
            tracing::trace!("known are {:?}", self.secrets);
        }
        if self.has(TakesWhatNobodySigned) && hook.header("x-tag").is_none() {
            return Ok(());
        }
        let first = |name| hook.headers().get(name).and_then(|value| value.to_str().ok());
        let header = |name| if self.has(TakesTheFirstOfTwo) { first(name) } else { hook.header(name) };
        let (at, tag) = header("x-at").zip(header("x-tag")).ok_or(Forged::Unsigned)?;
        if self.has(PanicsAtStrangeTags) {
            assert!(tag.len() > 1, "a tag has characters");
        }
        let tag = hex(tag).ok_or(Forged::Wrong)?;
        let is_known = self.knows(&[at.as_bytes(), b".", hook.body()].concat(), &tag);
        if !(is_known || self.takes_for_known(at, hook.body(), &tag)) {
            return Err(Forged::Wrong);
        }
        if self.has(RefusesHalfOfAll) && self.counts() % 2 == 1 {
            return Err(Forged::Wrong);
        }
        let at = at.parse().ok().and_then(|at| DateTime::from_timestamp(at, 0)).ok_or(Forged::Wrong)?;
        match self.defect {
            Some(TakesWhatIsOld) if at < hook.now() => Ok(()),
            Some(TakesWhatIsOfTheFuture) if at > hook.now() => Ok(()),
            Some(RefusesWhatIsYoung) => hook.is_within(TimeDelta::minutes(4), at),
            _ => hook.is_within(TimeDelta::minutes(5), at),
        }
    }

    fn read(&self, hook: &Hook<'_>) -> Result<Arrivals, Unreadable> {
        let bag: Value = match hook.json() {
            Err(_) if self.has(TakesBrokenForNothing) => return Ok(Arrivals::none()),
            bag => bag?,
        };
        if let Some(challenge) = bag["challenge"].as_str() {
            let answer = if self.has(AnswersOtherWords) { "ok" } else { challenge };
            return Ok(Arrivals::none().answered(answer.to_owned()));
        }
        let events = bag["events"].as_array().ok_or_else(|| Unreadable::because("events"))?;
        let (mut messages, mut receipts) = (Vec::new(), Vec::new());
        for event in events {
            match event["delivered"].as_str().zip(event["chat"].as_str()) {
                Some(_) if self.has(DropsReceipts) => {}
                Some((key, chat)) => receipts.push(Receipt::new(chat, key, Became::Delivered)),
                None => messages.extend(self.message(event)?),
            }
        }
        match self.defect {
            Some(TurnsTheOrder) => messages.reverse(),
            Some(TakesTheLastOfMany) => drop(messages.drain(..messages.len().saturating_sub(1))),
            _ => {}
        }
        Ok(Arrivals::of(messages).with_receipts(receipts))
    }

    fn render(&self, part: &Part<'_>) -> Value {
        let mut text = part.text().to_owned();
        match self.defect {
            Some(WritesMoreThanFits) if text.len() > 190 => text.push_str(" (sent by a bot)"),
            Some(CutsTexts) => text = text.chars().take(100).collect(),
            Some(RendersAtRandom) if text.len() > 100 => text.push_str(&" ".repeat(self.counts() % 2)),
            _ => {}
        }
        let mut buttons: Vec<(String, String)> = match part.offer() {
            Offer::Buttons(buttons) => {
                buttons.iter().map(|button| (button.label().to_owned(), button.token().to_owned())).collect()
            }
            _ => Vec::new(),
        };
        match self.defect {
            Some(CutsLabels) => buttons.iter_mut().for_each(|(label, _)| *label = label.chars().take(10).collect()),
            Some(DropsChoices) => buttons.clear(),
            Some(OffersMoreThanFits) if buttons.len() == 3 => buttons.push(("Menu".to_owned(), "menu".to_owned())),
            Some(SendsNumbersForTokens) => {
                buttons.iter_mut().enumerate().for_each(|(place, (_, token))| *token = place.to_string());
            }
            _ => {}
        }
        let link = part.link().filter(|_| !self.has(DropsLinks));
        json!({ "text": text, "buttons": buttons, "link": link, "kind": part.attachment().map(Attachment::kind) })
    }

    async fn send(&self, place: &str, wire: &Value, key: &str) -> Result<(), Fate> {
        if self.has(LogsWhatItSends) {
            tracing::info!(%wire, "a message is sent");
        }
        let key = match self.defect {
            Some(SendsWithoutItsKey) => "none",
            Some(SendsUnderOneKey) => key.split('/').next().unwrap_or(key),
            _ => key,
        };
        let place = if self.has(SendsToOnePlace) { "chat-1" } else { place };
        if self.has(StaysInTrouble) && self.office.was_in_trouble() {
            return Err(Fate::never("there was trouble"));
        }
        if self.has(GivesUpWhatIsKnown) && self.office.has_taken(key) {
            return Err(Fate::never("the office has it already"));
        }
        let answer = self.office.takes(place, key, wire, if self.has(SendsTwice) { 2 } else { 1 });
        let failed = || Fate::from(std::io::Error::other("the platform fails"));
        match answer {
            Answer::Taken => Ok(()),
            Answer::Busy(_) if self.has(TriesALimitAtOnce) => Err(Fate::again_after(Duration::ZERO, Scope::Chat)),
            Answer::Busy(_) if self.has(GivesUpAtALimit) => Err(Fate::never("too much")),
            Answer::Busy(time) => Err(Fate::again_after(time, Scope::Chat)),
            Answer::Blocked if self.has(TriesTheBlockedAgain) => Err(failed()),
            Answer::Blocked => Err(Fate::never("blocked")),
            Answer::Broken if self.has(GivesUpWhenItFails) => Err(Fate::never("broken")),
            Answer::Denied if self.has(GivesUpWithoutAKey) => Err(Fate::never("no key")),
            Answer::Broken | Answer::Denied => Err(failed()),
            Answer::None if self.has(TakesALostAnswerForSent) => Ok(()),
            Answer::None if self.has(TakesALostAnswerForUnsent) => Err(failed()),
            Answer::None => Err(Fate::in_doubt("there was no answer")),
        }
    }

    async fn find_out(&self, _: &str, _: &str) -> Found {
        if self.has(SaysThatItIsUnsent) { Found::NotSent } else { Found::Unknown }
    }
}

impl fmt::Debug for PlainPlatform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("PlainPlatform");
        if self.has(ShowsItsSecrets) {
            debug.field("secrets", &self.secrets);
        }
        debug.finish_non_exhaustive()
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = |place| text.get(place..place + 2).and_then(|pair: &str| u8::from_str_radix(pair, 16).ok());
    (0..text.len()).step_by(2).map(digits).collect()
}
