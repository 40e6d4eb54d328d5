//! A Telegram of the booking's own: it hands on what is typed, and says what the bot sends.

use std::{array::IntoIter, convert::Infallible, fs, io::ErrorKind, path::PathBuf, sync::Arc};

use futures_util::{
    future::BoxFuture,
    stream::{self, Iter},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use stage::{Failure, Line};
use teloxide::{
    dispatching::{DefaultKey, Dispatcher, dialogue::Storage},
    error_handlers::LoggingErrorHandler,
    prelude::*,
    stop::{StopToken, mk_stop_token},
    types::{ChatId, Update},
    update_listeners::StatefulListener,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// The one visitor.
const CHAT: i64 = 1;

/// A bot that talks to this Telegram.
pub async fn bot() -> Result<Bot, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?).parse()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    Ok(Bot::new("1:a-token-of-these-tests-alone").set_api_url(url))
}

/// Hands on everything that comes in, each when what came before it is done.
pub async fn dispatch<E: Send + Sync + 'static>(dispatcher: &mut Dispatcher<Bot, E, DefaultKey>) {
    for (number, line) in (1..).zip(stage::lines()) {
        let arriving = Arriving { updates: stream::iter([Ok(update(number, line))]), token: mk_stop_token().0 };
        let listener = StatefulListener::new(arriving, Arriving::updates, Arriving::token);
        dispatcher.dispatch_with_listener(listener, LoggingErrorHandler::new()).await;
    }
}

struct Arriving {
    updates: Iter<IntoIter<Result<Update, Infallible>, 1>>,
    token: StopToken,
}

impl Arriving {
    fn updates(&mut self) -> &mut Iter<IntoIter<Result<Update, Infallible>, 1>> {
        &mut self.updates
    }

    fn token(&mut self) -> StopToken {
        self.token.clone()
    }
}

fn update(number: u32, line: Line) -> Update {
    let mut message = message();
    match line {
        Line::Said(text) => {
            // What begins so is marked as a command, as Telegram does it.
            if text.starts_with('/') {
                message["entities"] = json!([{ "type": "bot_command", "offset": 0, "length": text.len() }]);
            }
            message["text"] = text.into();
        }
        Line::Paid(receipt) => {
            message["successful_payment"] = json!({
                "currency": "EUR", "total_amount": 1000, "invoice_payload": "booking",
                "telegram_payment_charge_id": receipt.to_string(), "provider_payment_charge_id": "bank",
            });
        }
    }
    let update = json!({ "update_id": number, "message": message });
    serde_json::from_str(&update.to_string()).expect("an update of Telegram's")
}

fn message() -> Value {
    json!({
        "message_id": 1, "date": 0, "chat": { "id": CHAT, "type": "private", "first_name": "Visitor" },
        "from": { "id": CHAT, "is_bot": false, "first_name": "Visitor" },
    })
}

/// Answers the requests of one connection.
async fn serve(stream: TcpStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        while stream.read_line(&mut head).await? > 2 {
            let line = head.lines().last().unwrap_or_default().to_ascii_lowercase();
            if let Some(said) = line.strip_prefix("content-length:") {
                length = said.trim().parse().unwrap_or(0);
            }
        }
        if head.is_empty() {
            return Ok(());
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let answer = json!({ "ok": true, "result": answer(&head, &body) }).to_string();
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", answer.len());
        stream.write_all((head + &answer).as_bytes()).await?;
    }
}

fn answer(head: &str, body: &[u8]) -> Value {
    let method = head.split_whitespace().nth(1).and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    if method.eq_ignore_ascii_case("getMe") {
        return json!({
            "id": 2, "is_bot": true, "first_name": "Booking", "username": "booking_bot", "can_join_groups": false,
            "can_read_all_group_messages": false, "supports_inline_queries": false, "has_main_web_app": false,
            "can_connect_to_business": false,
        });
    }
    let sent: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = sent["text"].as_str().unwrap_or_default();
    match sent["reply_markup"]["keyboard"][0].as_array() {
        Some(buttons) => {
            let labels: Vec<_> = buttons.iter().filter_map(|button| button["text"].as_str()).collect();
            stage::reply(format!("{text} ({})", labels.join(" / ")));
        }
        None => stage::reply(text),
    }
    let mut message = message();
    message["text"] = text.into();
    message
}

/// Keeps the dialogue in a file, since teloxide's own storages need a server or a second SQLite.
pub struct File(PathBuf);

impl File {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(stage::file()))
    }
}

impl<D: Serialize + DeserializeOwned + Send + 'static> Storage<D> for File {
    type Error = std::io::Error;

    fn remove_dialogue(self: Arc<Self>, _: ChatId) -> BoxFuture<'static, Result<(), Self::Error>> {
        Box::pin(async move { fs::remove_file(&self.0) })
    }

    fn update_dialogue(self: Arc<Self>, _: ChatId, dialogue: D) -> BoxFuture<'static, Result<(), Self::Error>> {
        Box::pin(async move { fs::write(&self.0, serde_json::to_vec(&dialogue)?) })
    }

    fn get_dialogue(self: Arc<Self>, _: ChatId) -> BoxFuture<'static, Result<Option<D>, Self::Error>> {
        Box::pin(async move {
            match fs::read(&self.0) {
                Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        })
    }
}
