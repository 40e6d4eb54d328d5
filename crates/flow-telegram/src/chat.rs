//! Where a message goes: a [`Chat`].

use std::fmt;

use flow_http::platform::Arrived;
use serde_json::{Map, Value};

/// A chat of Telegram, perhaps with one of its topics. As a place it is `42`, or `-1001234/7` for a topic.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chat {
    pub(crate) id: i64,
    pub(crate) topic: Option<i64>,
}

impl Chat {
    /// The chat that this place is; none if it is no place of Telegram.
    pub(crate) fn at(place: &str) -> Option<Self> {
        let (id, topic) = match place.split_once('/') {
            Some((id, topic)) => (id, Some(topic.parse().ok()?)),
            None => (place, None),
        };
        Some(Self { id: id.parse().ok()?, topic })
    }

    pub(crate) fn place(self) -> String {
        match self.topic {
            Some(topic) => format!("{}/{topic}", self.id),
            None => self.id.to_string(),
        }
    }

    /// Names itself in what Telegram is asked.
    pub(crate) fn write(self, asked: &mut Map<String, Value>) {
        asked.insert("chat_id".to_owned(), self.id.into());
        if let Some(topic) = self.topic {
            asked.insert("message_thread_id".to_owned(), topic.into());
        }
    }

    /// Said here, by this one if several write here.
    pub(crate) fn said(self, message: flow_core::Message, writer: Option<i64>) -> Arrived {
        let arrived = Arrived::new(self.place(), message);
        match writer {
            Some(writer) => arrived.by(writer.to_string()),
            None => arrived,
        }
    }
}

/// Without the numbers, by which people are known.
impl fmt::Debug for Chat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chat(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_is_a_place_and_back() {
        for chat in [Chat { id: 42, topic: None }, Chat { id: -1_001_234, topic: Some(7) }] {
            assert_eq!(Chat::at(&chat.place()), Some(chat));
        }
        for nowhere in ["", "ana", "42/", "/7", "42/7/1", "4 2"] {
            assert_eq!(Chat::at(nowhere), None, "{nowhere}");
        }
    }
}
