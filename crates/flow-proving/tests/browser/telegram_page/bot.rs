//! A bot as somebody writes it in an afternoon: it polls, and sends again what was not answered.

use std::time::Duration;

use flow_http::client::{Call, Client};
use flow_testkit::stubs::TelegramStub;
use serde_json::{Value, json};
use tokio::time::sleep;

/// Starts it. It ends with the test.
pub fn start_bot(telegram: &TelegramStub) {
    let bot = Bot { client: Client::new(), api: format!("{}/bot{}", telegram.address(), telegram.token()) };
    tokio::spawn(async move { bot.poll().await });
}

struct Bot {
    client: Client,
    api: String,
}

impl Bot {
    async fn poll(&self) {
        let mut offset = 0;
        loop {
            let updates = self.call("getUpdates", &json!({ "offset": offset, "timeout": 5 })).await;
            for update in updates["result"].as_array().into_iter().flatten() {
                offset = update["update_id"].as_u64().expect("an id") + 1;
                self.take(update).await;
            }
            if updates["ok"] != true {
                sleep(Duration::from_millis(50)).await;
            }
        }
    }

    async fn take(&self, update: &Value) {
        if let Some(press) = update.get("callback_query") {
            self.call("answerCallbackQuery", &json!({ "callback_query_id": press["id"] })).await;
            return self.say(&press["message"]["chat"]["id"], "For two.", None).await;
        }
        let message = &update["message"];
        let chat = &message["chat"]["id"];
        match message["text"].as_str() {
            Some("book" | "/book") => {
                let keyboard = json!({ "inline_keyboard": [[{ "text": "Two", "callback_data": "2" }, { "text": "Four", "callback_data": "4" }]] });
                self.say(chat, "For how many?", Some(keyboard)).await;
            }
            Some("long") => self.say(chat, &"x".repeat(5000), None).await,
            _ if message.get("location").is_some() => self.say(chat, "A place.", None).await,
            _ if message.get("contact").is_some() => self.say(chat, "A card.", None).await,
            _ => {}
        }
    }

    async fn say(&self, chat: &Value, text: &str, keyboard: Option<Value>) {
        let mut message = json!({ "chat_id": chat, "text": text });
        if let Some(keyboard) = keyboard {
            message["reply_markup"] = keyboard;
        }
        if self.call("sendMessage", &message).await.is_null() {
            self.call("sendMessage", &message).await;
        }
    }

    /// What was answered. Null if nothing was.
    async fn call(&self, method: &str, arguments: &Value) -> Value {
        let call = Call::post(format!("{}/{method}", self.api)).json(arguments);
        let answered = self.client.call(call).await;
        answered.ok().and_then(|answer| answer.json().ok()).unwrap_or(Value::Null)
    }
}
