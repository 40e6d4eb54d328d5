//! A button was pressed: what Telegram is told of it, so that it stops turning, and the question is not pressed again.

use std::fmt;

use serde_json::{Value, json};

use crate::{bot_api::BotApi, update::Pressed};

/// A button that was pressed.
#[derive(Clone)]
pub(crate) struct Press {
    id: String,
    /// What is left of its message's buttons when the question is answered; none if they stay as they are.
    left: Option<Value>,
}

impl Press {
    /// A press under no message of a chat.
    pub(crate) fn of(id: String) -> Self {
        Self { id, left: None }
    }

    /// A press of the button with this data, under this message.
    pub(crate) fn under(id: String, data: &str, message: Pressed) -> Self {
        // In a group the question may be somebody else's, who has not pressed yet.
        let is_private = message.chat.kind == "private";
        let keyboard = message.reply_markup.filter(|_| is_private && is_answer(data));
        let left = keyboard.map(|keyboard| {
            let (chat, id) = (message.chat.id, message.message_id);
            let rows: Vec<_> = keyboard.inline_keyboard.into_iter().map(links).filter(|row| !row.is_empty()).collect();
            json!({ "chat_id": chat, "message_id": id, "reply_markup": { "inline_keyboard": rows } })
        });
        Self { id, left }
    }

    /// What tells Telegram that the press has arrived, as the answer to its request.
    pub(crate) fn acknowledged(&self) -> Value {
        let mut method = self.asked();
        method["method"] = "answerCallbackQuery".into();
        method
    }

    /// Tells Telegram that the press has arrived, by a call, if that can be done.
    pub(crate) async fn acknowledge(&self, api: &BotApi) {
        let _ = api.ask::<bool>("answerCallbackQuery", &self.asked()).await;
    }

    /// Takes the buttons away, if that can be done.
    pub(crate) async fn take_buttons_away(&self, api: &BotApi) {
        if let Some(left) = &self.left {
            let _ = api.ask::<Value>("editMessageReplyMarkup", left).await;
        }
    }

    /// Whether there are buttons to take away.
    pub(crate) fn takes_buttons_away(&self) -> bool {
        self.left.is_some()
    }

    fn asked(&self) -> Value {
        json!({ "callback_query_id": self.id })
    }
}

/// Whether what was pressed answers a question, and is nothing that works at any time: it is a token of its visit.
fn is_answer(data: &str) -> bool {
    data.starts_with('~') && !data.starts_with("~~")
}

/// The buttons of a row that lead somewhere: a link works after the question, too.
fn links(row: Vec<Value>) -> Vec<Value> {
    row.into_iter().filter(|button| button.get("url").is_some()).collect()
}

/// Without the chat.
impl fmt::Debug for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Press(***)")
    }
}
