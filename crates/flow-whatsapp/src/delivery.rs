//! What stands in a request of Meta: a [`Delivery`].

use std::mem::take;

use flow_http::platform::Arrived;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{message::Message, visitor::KnownBy};

/// A request of Meta ("messages webhook reference"). One has changes of several accounts and numbers in it.
#[derive(Deserialize)]
pub(crate) struct Delivery {
    object: String,
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    field: String,
    #[serde(default)]
    value: Value,
}

/// What happened at one number. Each thing in it is read on its own: one that is of a new shape must not hold up the others.
#[derive(Deserialize)]
pub(crate) struct Happened {
    metadata: Metadata,
    #[serde(default)]
    contacts: Vec<Value>,
    #[serde(default)]
    messages: Vec<Value>,
    #[serde(default)]
    pub(crate) statuses: Vec<Value>,
    #[serde(default)]
    pub(crate) errors: Vec<Value>,
}

#[derive(Deserialize)]
struct Metadata {
    phone_number_id: String,
}

impl Delivery {
    /// What happened at any number, in order. What other fields tell, of templates and accounts, is not for the bot.
    pub(crate) fn happened(self) -> impl Iterator<Item = Result<Happened, LeftOut>> {
        let is_whatsapp = self.object == "whatsapp_business_account";
        let entries = self.entry.into_iter().filter(move |_| is_whatsapp);
        let changes = entries.flat_map(|entry| entry.changes).filter(|change| change.field == "messages");
        changes.map(|change| read(change.value).ok_or(LeftOut::Broken("change")))
    }
}

impl Happened {
    pub(crate) fn is_at(&self, number_id: &str) -> bool {
        self.metadata.phone_number_id == number_id
    }

    /// What visitors said, in order, if a bot has a use for it; else why it is left out.
    pub(crate) fn arrived(&mut self, known_by: KnownBy) -> Vec<Result<Arrived, LeftOut>> {
        let messages = take(&mut self.messages);
        let senders =
            Senders { told: take(&mut self.contacts).into_iter().filter_map(read).collect(), messages: messages.len() };
        messages.into_iter().flat_map(|message| arrived(message, &senders, known_by)).collect()
    }
}

fn arrived(message: Value, senders: &Senders, known_by: KnownBy) -> Vec<Result<Arrived, LeftOut>> {
    let left_out = LeftOut::of(&message);
    let arrived = || {
        let message: Message = read(message)?;
        let place = senders.place_of(&message, known_by).filter(|_| !message.id.is_empty())?;
        Some((place, message.said())).filter(|(_, said)| !said.is_empty())
    };
    let Some((place, said)) = arrived() else { return vec![Err(left_out)] };
    said.into_iter().map(|said| Ok(Arrived::new(&*place, said))).collect()
}

/// What is told of senders beside so many messages.
struct Senders {
    told: Vec<Sender>,
    messages: usize,
}

impl Senders {
    fn place_of(&self, message: &Message, known_by: KnownBy) -> Option<String> {
        let sender = self.of(message);
        let user_id = message.from_user_id.clone().or_else(|| sender?.user_id.clone());
        known_by.place(user_id, message.from.clone().or_else(|| sender?.wa_id.clone()))
    }

    /// The one with the number of the message; beside a single message the only one, whose number "may not always match", as Meta says.
    fn of(&self, message: &Message) -> Option<&Sender> {
        let named = self.told.iter().find(|sender| message.from.is_some() && sender.wa_id == message.from);
        named.or_else(|| self.told.first().filter(|_| self.told.len() == 1 && self.messages == 1))
    }
}

/// What this is, if it is of that shape.
pub(crate) fn read<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

/// Why something is left out, with its kind, as a log may tell it: never what stands in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// A bot has no use for its kind.
    Unused(&'static str),
    /// It is not as Meta's documentation has it.
    Broken(&'static str),
}

/// Kinds of messages that a bot has no use for. Forms that were filled in are of the kind `interactive`, as buttons are.
const UNUSED: [&str; 9] =
    ["edit", "ephemeral", "interactive", "order", "reaction", "request_welcome", "revoke", "system", "unsupported"];

/// Kinds of messages that are read.
const READ: [&str; 10] =
    ["audio", "button", "contacts", "document", "image", "location", "sticker", "text", "video", "voice"];

impl LeftOut {
    /// Why this message would be.
    fn of(message: &Value) -> Self {
        let kind = message.get("type").and_then(Value::as_str);
        let named = |kinds: &[&'static str]| kinds.iter().copied().find(|known| kind == Some(known));
        if message.get("group_id").is_some() {
            return Self::Unused("group");
        }
        let unused = Self::Unused(named(&UNUSED).unwrap_or("unknown"));
        named(&READ).map_or(unused, Self::Broken)
    }
}

#[derive(Deserialize)]
struct Sender {
    #[serde(default)]
    wa_id: Option<String>,
    #[serde(default)]
    user_id: Option<String>,
}
