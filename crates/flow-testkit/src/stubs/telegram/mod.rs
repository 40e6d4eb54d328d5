//! A server that speaks Telegram's Bot API: [`TelegramStub`].

mod acts;
mod arguments;
mod desk;
mod methods;
mod page;
mod refusal;
mod state;
mod updates;
mod wire;

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde_json::{Value, json};

use self::{
    desk::Desk,
    state::{Limits, Standing},
    updates::{MESSAGE_KEPT, Update},
};
use super::{
    calls::Call,
    controls::controls,
    http::Server,
    limits::Limit,
    visitor::{Person, Visitor},
};

const TOKEN: &str = "123456789:AAE-stub-of-the-Bot-API-on-127-0-0-1";

/// Telegram on this machine: a real server with the Bot API, visitors who write to the bot that calls it, and faults on demand.
///
/// A bot in any language is given [`address`](Self::address) for `https://api.telegram.org` and [`token`](Self::token); it sets a webhook,
/// or asks with `getUpdates`. What it calls is checked as Telegram does, and refused in Telegram's words.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use flow_testkit::stubs::TelegramStub;
///
/// let telegram = TelegramStub::start().await;
/// let ada = telegram.visitor(42).called("Ada");
/// ada.says("Hello");
/// // The bot calls `{address}/bot{token}/getUpdates`, and then `{address}/bot{token}/sendMessage`.
/// # let _ = (telegram.address(), telegram.token());
/// # }
/// ```
///
/// It speaks `getMe`, `getUpdates`, `setWebhook`, `deleteWebhook`, `getWebhookInfo`, `sendMessage`, `sendPhoto`, `sendDocument`, `sendAudio`,
/// `sendVideo`, `sendVoice`, `sendAnimation`, `sendSticker`, `sendLocation`, `sendVenue`, `sendContact`, `sendChatAction`, `editMessageText`,
/// `editMessageCaption`, `editMessageReplyMarkup`, `deleteMessage`, `answerCallbackQuery`, `getFile` with the download, and `setMyCommands` with
/// its kin. Any other method is not found. Text is shown as it was written: a `parse_mode` is taken and not applied.
///
/// It ends, with its address, when the last clone is dropped.
#[derive(Clone)]
pub struct TelegramStub(Arc<Running>);

struct Running {
    desk: Arc<Desk>,
    server: Server,
}

impl TelegramStub {
    /// Starts one, on a port that is free, with a token that is made up.
    ///
    /// Panics if no port can be had.
    pub async fn start() -> Self {
        Self::start_at(0).await.expect("a port of 127.0.0.1")
    }

    /// Starts one on this port.
    ///
    /// Fails if it is taken.
    pub async fn start_at(port: u16) -> io::Result<Self> {
        Self::start_for(TOKEN, port).await
    }

    /// Starts one on this port, for a bot that has a token already, as `123456:secret`.
    ///
    /// Fails if the port is taken. Panics if the token does not begin with a number and a colon.
    pub async fn start_for(token: &str, port: u16) -> io::Result<Self> {
        let desk = Arc::new(Desk::new(token));
        let server = Server::start(Arc::clone(&desk), port).await?;
        Ok(Self(Arc::new(Running { desk, server })))
    }

    /// What the bot is given for `https://api.telegram.org`.
    pub fn address(&self) -> String {
        self.0.server.address()
    }

    /// The bot's token.
    pub fn token(&self) -> &str {
        &self.desk().token
    }

    /// The address of a page that plays Telegram, for a developer without an account: chats, buttons, files, faults, and all that goes to and
    /// fro. Whoever is on this machine can open it.
    pub fn page(&self) -> String {
        format!("{}/", self.address())
    }

    /// The person of this id, in the chat with the bot. Until they write, the bot must not.
    pub fn visitor(&self, user: i64) -> Visitor {
        self.member(user, user)
    }

    /// The person of this id in a group: its id is negative, and that of a supergroup begins with `-100`. The bot is a member of it once somebody
    /// has written there.
    pub fn member(&self, group: i64, user: i64) -> Visitor {
        self.desk().state().chats.entry(group).or_insert(Standing::Unknown);
        let person = Person { chat: group.to_string(), user: user.to_string(), name: "Visitor".to_owned() };
        Visitor::new(Arc::clone(self.desk()) as _, person)
    }

    /// What the bot has called, the newest last. `getUpdates` is left out.
    pub fn calls(&self) -> Vec<Call> {
        self.desk().stage.calls.all()
    }

    /// How many updates the bot does not have yet.
    pub fn pending(&self) -> usize {
        self.desk().state().updates.count()
    }

    /// Keeps Telegram's limits from now on, and answers 429 beyond them: 30 messages a second; one a second in a chat, where three may come
    /// at once; 20 a minute in a group. Off unless it is said.
    pub fn keeps_limits(&self) {
        self.desk().state().limits = Some(limits());
    }

    /// Takes as many messages as come.
    pub fn keeps_no_limits(&self) {
        self.desk().state().limits = None;
    }

    /// Sets how long the webhook may take for its answer. 60 seconds unless set, as in the Bot API's server.
    pub fn set_patience(&self, patience: Duration) {
        self.desk().stage.set_patience(patience);
    }

    /// Forgets what was said, called and measured. Webhook, updates that wait, and how the bot stands with its chats remain.
    pub fn forgets(&self) {
        self.desk().stage.forget();
    }

    /// Sets whether a bot in a group hears commands and replies to it alone. It does unless it is said otherwise.
    pub fn set_privacy_mode(&self, is_on: bool) {
        self.desk().state().privacy = is_on;
    }

    /// Whether a press comes without the message under which the button stood, as from one that is too old for Telegram to show.
    pub fn hides_pressed_messages(&self, hides: bool) {
        self.desk().state().hides_pressed = hides;
    }

    /// Makes the group a supergroup, and gives its new id. What is sent to the old one is refused with the new one.
    pub fn upgrades(&self, group: i64) -> i64 {
        let supergroup = -1_000_000_000_000 - group.abs();
        let mut state = self.desk().state();
        state.chats.insert(group, Standing::MigratedTo(supergroup));
        state.chats.insert(supergroup, Standing::Open);
        supergroup
    }

    /// Deactivates the account of this person.
    pub fn deactivates(&self, user: i64) {
        self.desk().state().chats.insert(user, Standing::Deactivated);
    }

    /// Tells the bot of something of this kind, as of one that it does not know: `{"update_id": …, kind: what}`.
    pub fn happens(&self, kind: &str, what: &Value) {
        self.desk().happens(Update {
            id: 0,
            kind: kind.to_owned(),
            wire: json!({ "update_id": 0, kind: what }),
            chat: String::new(),
            lane: kind.to_owned(),
            expires: Instant::now() + MESSAGE_KEPT,
            trip: None,
        });
    }

    /// Posts these bytes to the webhook once, with the secret, whatever they are, and gives the status of the answer. None if there was none, or
    /// no webhook is set.
    pub async fn delivers_body_of(&self, bytes: impl Into<Bytes>) -> Option<u16> {
        self.desk().deliver_raw(bytes.into()).await
    }

    fn desk(&self) -> &Arc<Desk> {
        &self.0.desk
    }
}

/// See [`Limits`].
fn limits() -> Limits {
    Limits {
        overall: Limit::of(30, Duration::from_secs(1), 30),
        chat: Limit::of(1, Duration::from_secs(1), 3),
        group: Limit::of(20, Duration::from_secs(60), 20),
    }
}

controls!(TelegramStub, "updates");

impl Drop for Running {
    fn drop(&mut self) {
        // What is under way to the bot ends, too.
        self.desk.state().webhook = None;
        self.desk.stage.postman.begin_anew(1);
    }
}
