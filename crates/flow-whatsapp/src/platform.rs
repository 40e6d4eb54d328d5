//! How WhatsApp speaks, for a line.

use std::{io, time::Duration};

use async_trait::async_trait;
use flow_core::{
    Fate,
    engine::{Doubt, Found, Scope},
};
use flow_http::{
    axum::http::Method,
    client::Answer,
    platform::{Arrivals, Arrived, Became, Forged, Hook, Pace, Part, Platform, Rate, Receipt, Screen, Unreadable},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    WhatsApp, WhatsAppMessage,
    delivery::{Delivery, Happened, LeftOut, read},
    fault::{self, Meaning, NO_SUCH_OBJECT},
    graph::GraphError,
    rendering::SCREEN,
    signature::Handshake,
    status::Status,
};

/// 80 messages a second for a number ("Throughput"); one each six seconds to a visitor, and 45 at once after a rest. Who is refused waits for 4
/// to the power of how often, in seconds ("Pair rate limits").
const PACE: Pace =
    Pace::NONE.overall(Rate::per_second(80)).chat(Rate::of(1, Duration::from_secs(6)).burst(45)).growth(4);

/// How long a number rests that a person has to mend.
const UNTIL_MENDED: Duration = Duration::from_secs(60);

#[async_trait]
impl Platform for WhatsApp {
    const SCREEN: Screen = SCREEN;
    // Meta puts many messages and statuses into one request.
    const LARGEST_REQUEST: usize = 3 * 1024 * 1024;
    const PACE: Pace = PACE;
    type Wire = WhatsAppMessage;

    fn verify(&self, hook: &Hook<'_>) -> Result<(), Forged> {
        self.signatures.verify(hook)
    }

    fn read(&self, hook: &Hook<'_>) -> Result<Arrivals, Unreadable> {
        if hook.method() == Method::GET {
            let challenge = Handshake::of(hook.uri()).map(|handshake| handshake.challenge);
            return Ok(Arrivals::none().answered(challenge.unwrap_or_default()));
        }
        let (mut arrived, mut receipts) = (Vec::new(), Vec::new());
        for happened in hook.json::<Delivery>()?.happened() {
            let Some(mut happened) = in_use(happened) else { continue };
            if !happened.is_at(self.number_id()) {
                self.tell_of_another_number();
                continue;
            }
            arrived.extend(self.messages(&mut happened));
            receipts.extend(self.receipts(happened.statuses));
            tell_errors(happened.errors);
        }
        Ok(Arrivals::of(arrived).with_receipts(receipts))
    }

    fn render(&self, part: &Part<'_>) -> WhatsAppMessage {
        WhatsAppMessage::of(part, &self.list_label)
    }

    async fn send(&self, place: &str, wire: &WhatsAppMessage, key: &str) -> Result<(), Fate> {
        let answer = self.graph.say(&wire.to(place, key)).await?;
        self.came_of(&answer)
    }

    async fn find_out(&self, _: &str, key: &str) -> Found {
        match self.confirmed.is_sent(key) {
            Some(true) => Found::Sent,
            Some(false) => Found::NotSent,
            None => Found::Unknown,
        }
    }

    fn in_doubt(&self) -> Doubt {
        self.in_doubt
    }

    async fn typing(&self, place: &str) {
        let Some(message) = self.answerable.take(place) else { return };
        let typing = json!({
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": message,
            "typing_indicator": { "type": "text" },
        });
        // It is a courtesy: if it fails, the visitor waits without it.
        let _ = self.graph.say(&typing).await;
    }
}

impl WhatsApp {
    fn tell_of_another_number(&self) {
        self.another_number.call_once(|| {
            tracing::warn!(number = self.number_id(), "what came for another number of WhatsApp is left out");
        });
    }

    fn messages(&self, happened: &mut Happened) -> Vec<Arrived> {
        let arrived: Vec<_> = happened.arrived(self.known_by).into_iter().filter_map(in_use).collect();
        for message in &arrived {
            self.answerable.note(message.place(), message.message().id().unwrap_or_default());
        }
        arrived
    }

    fn receipts(&self, statuses: Vec<Value>) -> Vec<Receipt> {
        let statuses = statuses.into_iter().filter_map(read::<Status>);
        let receipts: Vec<_> = statuses.filter_map(|status| status.receipt(self.known_by)).collect();
        for receipt in &receipts {
            self.confirmed.note(receipt.key(), !matches!(receipt.became(), Became::Failed(_)));
        }
        receipts
    }

    /// What an answer to a message means for it.
    fn came_of(&self, answer: &Answer) -> Result<(), Fate> {
        let (status, asked) = (answer.status(), answer.retry_after().unwrap_or_default());
        match GraphError::of(answer) {
            Some(GraphError { code: 100, error_subcode: Some(NO_SUCH_OBJECT) }) => {
                Err(self.barred("there is no number of this id, or the token is not for it", 100))
            }
            Some(GraphError { code, .. }) => Err(self.refused(code, asked, status.is_server_error())),
            None if status.is_success() && has_taken(answer) => Ok(()),
            None if status == 429 => Err(Fate::again_after(asked, Scope::Channel)),
            // Something between may have answered for Meta, which may have taken the message.
            None if status.is_success() || status.is_server_error() || status == 408 => Err(Fate::in_doubt(format!(
                "WhatsApp's answer, of status {}, does not say whether it took the message",
                status.as_u16()
            ))),
            None => Err(io::Error::other(format!("WhatsApp answered with status {}", status.as_u16())))?,
        }
    }

    fn refused(&self, code: i64, asked: Duration, is_theirs: bool) -> Fate {
        match fault::meaning(code) {
            Meaning::Never(_) => Fate::never(fault::reason(code)),
            Meaning::Pair => Fate::again_after(asked, Scope::Chat),
            Meaning::Busy(at_least) => Fate::again_after(asked.max(at_least), Scope::Channel),
            Meaning::Barred(why) => self.barred(why, code),
            Meaning::Again if is_theirs => Fate::in_doubt(fault::reason(code)),
            Meaning::Again => io::Error::other(fault::reason(code)).into(),
        }
    }

    fn barred(&self, why: &'static str, code: i64) -> Fate {
        tracing::error!(
            number = self.number_id(),
            why,
            code,
            "WhatsApp sends nothing of this number until that is mended"
        );
        Fate::again_after(UNTIL_MENDED, Scope::Channel)
    }
}

/// What a bot has a use for. The log is told of the rest.
fn in_use<T>(read: Result<T, LeftOut>) -> Option<T> {
    match read {
        Ok(used) => return Some(used),
        Err(LeftOut::Unused(kind)) => {
            tracing::debug!(kind, "a message of WhatsApp is left out: a bot has no use for its kind");
        }
        Err(LeftOut::Broken(kind)) => {
            tracing::warn!(kind, "something of WhatsApp is left out: it is not of the shape that is known");
        }
    }
    None
}

/// Whether the answer has the id that Meta gave the message.
fn has_taken(answer: &Answer) -> bool {
    #[derive(Deserialize)]
    struct Taken {
        messages: Vec<Id>,
    }
    #[derive(Deserialize)]
    struct Id {
        #[serde(rename = "id")]
        _id: String,
    }
    answer.json().is_ok_and(|Taken { messages }| !messages.is_empty())
}

/// What Meta tells of the number as a whole.
fn tell_errors(errors: Vec<Value>) {
    for error in errors.into_iter().filter_map(read::<GraphError>) {
        tracing::warn!(code = error.code, why = fault::reason(error.code), "WhatsApp tells of an error");
    }
}
