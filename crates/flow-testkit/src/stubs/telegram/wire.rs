//! People, chats and messages as the Bot API writes them.

use chrono::Utc;
use serde_json::{Value, json};

/// A person.
pub(super) fn user(id: i64, name: &str) -> Value {
    json!({ "id": id, "is_bot": false, "first_name": name, "language_code": "en" })
}

/// A chat: of one person where the id is positive, of a group where it is not, and of a supergroup where it begins with -100.
pub(super) fn chat(id: i64, name: &str) -> Value {
    if id > 0 {
        json!({ "id": id, "first_name": name, "type": "private" })
    } else if is_supergroup(id) {
        json!({ "id": id, "title": "Group", "type": "supergroup" })
    } else {
        json!({ "id": id, "title": "Group", "type": "group", "all_members_are_administrators": true })
    }
}

pub(super) fn is_supergroup(id: i64) -> bool {
    id <= -1_000_000_000_000
}

/// A message without what it says.
pub(super) fn message(id: i64, from: &Value, chat: &Value) -> Value {
    json!({ "message_id": id, "from": from, "chat": chat, "date": Utc::now().timestamp() })
}

/// The entities that Telegram finds in a text by itself: here a command at its beginning.
pub(super) fn entities(text: &str) -> Option<Value> {
    let command = text.split_whitespace().next().filter(|word| text.starts_with('/') && word.len() > 1)?;
    Some(json!([{ "offset": 0, "length": command.encode_utf16().count(), "type": "bot_command" }]))
}
