//! What Telegram delivers, as its documentation names it: an [`Update`], and of what it brings the part that a bot answers.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// One thing that happened. It has one field besides its number, named as its kind.
#[derive(Deserialize)]
pub(crate) struct Update {
    #[serde(rename = "update_id")]
    pub(crate) id: i64,
    /// Whatever shape it has: Telegram adds kinds, and fields, as it likes.
    #[serde(flatten)]
    happened: serde_json::Map<String, Value>,
}

/// The kinds of updates that are asked for. A bot has no use for any other.
pub(crate) const KINDS: [&str; 2] = ["message", "callback_query"];

/// What happened.
pub(crate) enum Happened {
    Message(Box<Message>),
    Press(Box<CallbackQuery>),
    /// Something of another kind.
    Other,
    /// Something of a kind that is known, in a shape that is not.
    Strange,
}

impl Update {
    pub(crate) fn happened(mut self) -> Happened {
        fn read<T: DeserializeOwned>(value: Value, known: impl FnOnce(Box<T>) -> Happened) -> Happened {
            serde_json::from_value(value).map_or(Happened::Strange, known)
        }
        if let Some(message) = self.happened.remove(KINDS[0]) {
            return read(message, Happened::Message);
        }
        match self.happened.remove(KINDS[1]) {
            Some(press) => read(press, Happened::Press),
            None => Happened::Other,
        }
    }
}

/// `Message`.
#[derive(Deserialize)]
#[allow(clippy::struct_field_names, reason = "they are Telegram's")]
pub(crate) struct Message {
    pub(crate) message_id: i64,
    pub(crate) chat: Chat,
    pub(crate) from: Option<User>,
    pub(crate) message_thread_id: Option<i64>,
    #[serde(default)]
    pub(crate) is_topic_message: bool,
    /// A post of a channel that stands in the group that belongs to it.
    #[serde(default)]
    pub(crate) is_automatic_forward: bool,
    pub(crate) text: Option<String>,
    pub(crate) caption: Option<String>,
    #[serde(default)]
    pub(crate) photo: Vec<File>,
    pub(crate) animation: Option<File>,
    pub(crate) document: Option<File>,
    pub(crate) video: Option<File>,
    pub(crate) video_note: Option<File>,
    pub(crate) audio: Option<File>,
    pub(crate) voice: Option<File>,
    pub(crate) sticker: Option<File>,
    pub(crate) venue: Option<Venue>,
    pub(crate) location: Option<Location>,
    pub(crate) contact: Option<Contact>,
}

/// `Chat`.
#[derive(Deserialize)]
pub(crate) struct Chat {
    pub(crate) id: i64,
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

/// `User`.
#[derive(Deserialize)]
pub(crate) struct User {
    pub(crate) id: i64,
    #[serde(default)]
    pub(crate) is_bot: bool,
    pub(crate) language_code: Option<String>,
}

/// What `PhotoSize`, `Document`, `Video`, `VideoNote`, `Animation`, `Audio`, `Voice` and `Sticker` have in common.
#[derive(Deserialize)]
#[allow(clippy::struct_field_names, reason = "they are Telegram's")]
pub(crate) struct File {
    pub(crate) file_id: String,
    pub(crate) file_size: Option<u64>,
    pub(crate) file_name: Option<String>,
    pub(crate) mime_type: Option<String>,
    #[serde(default)]
    pub(crate) width: u64,
    #[serde(default)]
    pub(crate) height: u64,
}

/// `Venue`.
#[derive(Deserialize)]
pub(crate) struct Venue {
    pub(crate) location: Location,
    pub(crate) title: String,
    pub(crate) address: String,
}

/// `Location`.
#[derive(Deserialize)]
pub(crate) struct Location {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

/// `Contact`.
#[derive(Deserialize)]
pub(crate) struct Contact {
    pub(crate) phone_number: String,
    pub(crate) first_name: String,
    pub(crate) last_name: Option<String>,
    pub(crate) user_id: Option<i64>,
    #[serde(default)]
    pub(crate) vcard: String,
}

/// `CallbackQuery`.
#[derive(Deserialize)]
pub(crate) struct CallbackQuery {
    pub(crate) id: String,
    pub(crate) from: User,
    pub(crate) message: Option<Pressed>,
    pub(crate) data: Option<String>,
}

/// The message whose button was pressed: `Message`, or `InaccessibleMessage`, which has a chat and a number alone.
#[derive(Deserialize)]
pub(crate) struct Pressed {
    pub(crate) message_id: i64,
    pub(crate) chat: Chat,
    pub(crate) message_thread_id: Option<i64>,
    #[serde(default)]
    pub(crate) is_topic_message: bool,
    pub(crate) reply_markup: Option<Keyboard>,
}

/// `InlineKeyboardMarkup`.
#[derive(Deserialize)]
pub(crate) struct Keyboard {
    #[serde(default)]
    pub(crate) inline_keyboard: Vec<Vec<Value>>,
}
