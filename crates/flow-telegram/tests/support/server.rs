//! A server that speaks the Bot API, and does it wrong when it is told to.

use std::{
    collections::{HashMap, VecDeque},
    future,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use flow_http::axum::{
    self, Json, Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

use super::TOKEN;

/// The server. Clones are the same one.
#[derive(Clone)]
pub struct Server {
    address: String,
    inside: Arc<Inside>,
}

#[derive(Default)]
struct Inside {
    state: Mutex<Known>,
    news: Notify,
}

#[derive(Default)]
struct Known {
    /// What was asked for, and with what.
    calls: Vec<(String, Value)>,
    /// What the next calls of a method are answered.
    next: HashMap<String, VecDeque<Answer>>,
    updates: VecDeque<Value>,
    webhook: Option<String>,
    files: HashMap<String, Vec<u8>>,
    numbered: i64,
}

/// How a call is answered, other than well.
#[derive(Clone)]
pub enum Answer {
    /// With this status and this body.
    Says(u16, Value),
    /// With a page of a gateway.
    Page(u16),
    /// It is done, and nobody is told.
    Lost,
}

impl Answer {
    /// As Telegram refuses.
    pub fn refuses(code: u16, description: &str) -> Self {
        Self::Says(code, json!({ "ok": false, "error_code": code, "description": description }))
    }

    /// As Telegram refuses, with parameters.
    pub fn refuses_with(code: u16, description: &str, parameters: &Value) -> Self {
        let said = json!({ "ok": false, "error_code": code, "description": description, "parameters": parameters });
        Self::Says(code, said)
    }
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Self { address, inside: Arc::default() };
        let routes = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        server
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// The next call of this method is answered so.
    pub fn next(&self, method: &str, answer: Answer) {
        self.known().next.entry(method.to_owned()).or_default().push_back(answer);
    }

    /// With what this method was called so far.
    pub fn calls(&self, method: &str) -> Vec<Value> {
        self.known().calls.iter().filter(|(name, _)| name == method).map(|(_, asked)| asked.clone()).collect()
    }

    /// The texts that were sent, in order.
    pub fn texts(&self) -> Vec<String> {
        let calls = self.calls("sendMessage");
        calls.iter().map(|asked| asked["text"].as_str().expect("a text").to_owned()).collect()
    }

    pub fn keeps_file(&self, path: &str, bytes: &[u8]) {
        self.known().files.insert(path.to_owned(), bytes.to_vec());
    }

    /// Somebody says this to the bot. Gives the number of the update.
    pub fn says(&self, chat: i64, text: &str) -> i64 {
        let from = json!({ "id": chat, "is_bot": false, "first_name": "Ana" });
        let chat = json!({ "id": chat, "type": "private" });
        self.happens(&json!({ "message": { "date": 0, "chat": chat, "from": from, "text": text } }))
    }

    /// Somebody presses this.
    pub fn presses(&self, chat: i64, message: &Value) -> i64 {
        let data = &message["reply_markup"]["inline_keyboard"][0][0]["callback_data"];
        let from = json!({ "id": chat, "is_bot": false, "first_name": "Ana" });
        let chat = json!({ "id": chat, "type": "private" });
        let shown = json!({ "message_id": 1, "chat": chat, "date": 0, "reply_markup": message["reply_markup"] });
        let id = format!("press{}", self.known().numbered);
        self.happens(&json!({ "callback_query": { "id": id, "from": from, "message": shown, "data": data } }))
    }

    /// This happens, and has a number from now on.
    pub fn happens(&self, what: &Value) -> i64 {
        let mut known = self.known();
        known.numbered += 1;
        let (number, mut update) = (known.numbered, what.clone());
        update["update_id"] = number.into();
        if update["message"].is_object() && update["message"]["message_id"].is_null() {
            update["message"]["message_id"] = number.into();
        }
        known.updates.push_back(update);
        drop(known);
        self.inside.news.notify_waiters();
        number
    }

    /// After a week without updates, the next one has this number.
    pub fn numbers_from(&self, number: i64) {
        self.known().numbered = number - 1;
    }

    /// How many updates wait.
    pub fn waiting(&self) -> usize {
        self.known().updates.len()
    }

    pub fn has_webhook(&self, url: &str) {
        self.known().webhook = Some(url.to_owned());
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.inside.state.lock().expect("a lock")
    }

    /// As `getUpdates` has it.
    async fn updates(&self, asked: &Value) -> Value {
        let until = tokio::time::Instant::now() + Duration::from_secs(asked["timeout"].as_u64().unwrap_or_default());
        loop {
            let news = self.inside.news.notified();
            match self.updates_now(asked) {
                Some(updates) if updates.is_empty() && tokio::time::Instant::now() < until => {}
                Some(updates) => return json!({ "ok": true, "result": updates }),
                None => {
                    let said = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
                    return json!({ "ok": false, "error_code": 409, "description": said });
                }
            }
            let _ = tokio::time::timeout_at(until, news).await;
        }
    }

    /// What is before the offset is forgotten. None while there is a webhook.
    fn updates_now(&self, asked: &Value) -> Option<Vec<Value>> {
        let mut known = self.known();
        if known.webhook.is_some() {
            return None;
        }
        let number = |update: Option<&Value>| update.and_then(|update| update["update_id"].as_i64());
        let (first, last) = (number(known.updates.front()), number(known.updates.back()));
        let offset = asked["offset"].as_i64().unwrap_or_default();
        // An offset beyond what there is is none.
        if first.is_some_and(|first| offset >= first) && last.is_some_and(|last| offset <= last + 1) {
            known.updates.retain(|update| update["update_id"].as_i64() >= Some(offset));
        }
        let limit = usize::try_from(asked["limit"].as_u64().unwrap_or(100)).expect("a limit");
        Some(known.updates.iter().take(limit).cloned().collect())
    }

    async fn done(&self, method: &str, asked: &Value) -> Value {
        let result = match method {
            "getUpdates" => return self.updates(asked).await,
            "getMe" => json!({ "id": 123_456, "is_bot": true, "first_name": "Salon", "username": "salon_bot" }),
            "getWebhookInfo" => {
                let known = self.known();
                let url = known.webhook.clone().unwrap_or_default();
                json!({ "url": url, "has_custom_certificate": false, "pending_update_count": known.updates.len() })
            }
            "setWebhook" => {
                self.known().webhook = asked["url"].as_str().map(str::to_owned);
                true.into()
            }
            "deleteWebhook" => {
                self.known().webhook = None;
                true.into()
            }
            "getFile" => {
                let path = asked["file_id"].as_str().expect("a file");
                let size = self.known().files.get(path).map(Vec::len);
                json!({ "file_id": path, "file_unique_id": "x", "file_path": path, "file_size": size })
            }
            "answerCallbackQuery" | "sendChatAction" => true.into(),
            _ => json!({ "message_id": 1, "date": 0, "chat": { "id": asked["chat_id"], "type": "private" } }),
        };
        json!({ "ok": true, "result": result })
    }
}

async fn answer(State(server): State<Server>, uri: Uri, body: Bytes) -> Response {
    let path = uri.path();
    if let Some(path) = path.strip_prefix(&*format!("/file/bot{TOKEN}/")) {
        let file = server.known().files.get(path).cloned();
        return file.map_or_else(|| StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response);
    }
    let Some(method) = path.strip_prefix(&*format!("/bot{TOKEN}/")) else {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "ok": false, "error_code": 401, "description": "Unauthorized" })),
        )
            .into_response();
    };
    let asked: Value = serde_json::from_slice(&body).expect("JSON");
    let next = {
        let mut known = server.known();
        known.calls.push((method.to_owned(), asked.clone()));
        known.next.get_mut(method).and_then(VecDeque::pop_front)
    };
    match next {
        None => Json(server.done(method, &asked).await).into_response(),
        Some(Answer::Says(status, said)) => {
            (StatusCode::from_u16(status).expect("a status"), Json(said)).into_response()
        }
        Some(Answer::Page(status)) => {
            (StatusCode::from_u16(status).expect("a status"), "<html>Bad Gateway</html>").into_response()
        }
        Some(Answer::Lost) => future::pending().await,
    }
}
