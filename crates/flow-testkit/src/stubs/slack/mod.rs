//! A server that speaks Slack's Web API and its events: [`SlackStub`].

mod acts;
mod blocks;
mod desk;
mod escaping;
mod methods;
mod refusal;
mod state;

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use serde_json::{Value, json};

use self::{
    desk::Desk,
    state::{App, Standing},
};
use super::{
    calls::Call,
    controls::controls,
    http::Server,
    limits::Limit,
    postman::Failure,
    visitor::{Person, Visitor},
};

const TOKEN: &str = "xoxb-stub-of-the-Web-API-on-127-0-0-1";
const TEAM: &str = "T061EG9R6";
const APP: &str = "A061EG9R6";
const BOT: &str = "B061EG9R6";
const BOT_USER: &str = "U061EG9R6";
/// How a visitor mentions the bot.
const MENTION: &str = "@stub";

/// Slack on this machine: a real server with the Web API, people who write to the bot in channels, and faults on demand.
///
/// A bot in any language is given [`address`](Self::address) for `https://slack.com/api` and [`token`](Self::token). Where it listens is told to
/// the stub, as to the settings of an app, and is verified as Slack does. What it posts is checked, block by block.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use flow_testkit::stubs::SlackStub;
///
/// let slack = SlackStub::start().await;
/// let failure = slack.webhook("http://127.0.0.1:1/hook", "signing secret").await;
/// assert!(failure.is_err(), "nobody listens there");
/// let ada = slack.visitor("U024BE7LH").called("ada");
/// ada.says("Hello"); // an event
/// ada.says("/book two"); // a slash command
/// # let _ = (slack.address(), slack.token());
/// # }
/// ```
///
/// It speaks `auth.test`, `chat.postMessage`, `chat.postEphemeral`, `chat.update`, `chat.delete`, `conversations.open`, `conversations.history` and
/// `response_url`; of blocks `section`, `header`, `markdown`, `actions`, `context`, `image` and `divider`, with buttons and `static_select`. Any other
/// method is unknown. It ends when the last clone is dropped.
#[derive(Clone)]
pub struct SlackStub(Arc<Running>);

struct Running {
    desk: Arc<Desk>,
    server: Server,
}

impl SlackStub {
    /// Starts one, on a port that is free.
    ///
    /// Panics if no port can be had.
    pub async fn start() -> Self {
        Self::start_at(0).await.expect("a port of 127.0.0.1")
    }

    /// Starts one on this port.
    ///
    /// Fails if it is taken.
    pub async fn start_at(port: u16) -> io::Result<Self> {
        let desk = Arc::new(Desk::new());
        let server = Server::start(Arc::clone(&desk), port).await?;
        desk.address.get_or_init(|| server.address());
        Ok(Self(Arc::new(Running { desk, server })))
    }

    /// What the bot is given for `https://slack.com/api`.
    pub fn address(&self) -> String {
        format!("{}/api", self.0.server.address())
    }

    /// The bot's token.
    pub fn token(&self) -> &str {
        TOKEN
    }

    /// The bot's own user id, by which it is mentioned.
    pub fn bot_user(&self) -> &str {
        BOT_USER
    }

    /// The workspace.
    pub fn team(&self) -> &str {
        TEAM
    }

    /// Sets where events, interactions and slash commands go, after the handshake: it is sent `url_verification`, and has to answer with the
    /// challenge, as text or as `{"challenge": …}`.
    ///
    /// Fails, with what the bot did instead, if it does not. Then nothing is set. What happens before a webhook is set, the bot never hears of.
    pub async fn webhook(&self, url: &str, signing_secret: &str) -> Result<(), String> {
        let app = App {
            signing_secret: signing_secret.to_owned(),
            events: url.to_owned(),
            interactivity: url.to_owned(),
            commands: url.to_owned(),
        };
        let before = self.desk().state().app.replace(app);
        let challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P";
        let asked =
            json!({ "token": "deprecated-verification-token", "challenge": challenge, "type": "url_verification" });
        let answered = match self.desk().deliver_raw(asked.to_string().into()).await {
            Ok((status, body)) if is_challenge(&body, challenge) => Ok(status),
            Ok((status, body)) => {
                Err(format!("it answered {status}, and {} bytes that are not the challenge", body.len()))
            }
            Err(Failure::Status { status, .. }) => Err(format!("it answered {status}")),
            Err(Failure::TimedOut) => Err("it did not answer in time".to_owned()),
            Err(Failure::NotConnected) => Err("it cannot be reached".to_owned()),
        };
        if answered.is_err() {
            self.desk().state().app = before;
        }
        answered.map(|_| ())
    }

    /// Sets where interactions go, if that is not where events go.
    pub fn set_interactivity(&self, url: &str) {
        if let Some(app) = &mut self.desk().state().app {
            url.clone_into(&mut app.interactivity);
        }
    }

    /// Sets where slash commands go, if that is not where events go.
    pub fn set_slash_commands(&self, url: &str) {
        if let Some(app) = &mut self.desk().state().app {
            url.clone_into(&mut app.commands);
        }
    }

    /// The person of this id (`U…`), in the direct messages with the bot.
    pub fn visitor(&self, user: &str) -> Visitor {
        self.member(&direct(user), user)
    }

    /// The person of this id in a channel (`C…`) of which the bot is a member. They mention it as `@stub`.
    pub fn member(&self, channel: &str, user: &str) -> Visitor {
        self.desk().state().channels.entry(channel.to_owned()).or_insert(Standing::Member);
        let person = Person { chat: channel.to_owned(), user: user.to_owned(), name: "visitor".to_owned() };
        Visitor::new(Arc::clone(self.desk()) as _, person)
    }

    /// Archives a channel: nothing can be posted there.
    pub fn archives(&self, channel: &str) {
        self.desk().state().channels.insert(channel.to_owned(), Standing::Archived);
    }

    /// What the bot has called, the newest last.
    pub fn calls(&self) -> Vec<Call> {
        self.desk().stage.calls.all()
    }

    /// How many deliveries the bot has not taken yet, those of its own messages included.
    pub fn pending(&self) -> usize {
        self.desk().state().pending
    }

    /// Keeps Slack's limit from now on: one message a second in a channel, where three may come at once (Slack allows "short bursts", and
    /// does not say of how many). Off unless it is said.
    pub fn keeps_limits(&self) {
        self.desk().state().per_channel = Some(Limit::of(1, Duration::from_secs(1), 3));
    }

    /// Takes as many messages as come.
    pub fn keeps_no_limits(&self) {
        self.desk().state().per_channel = None;
    }

    /// Sets how long the bot may take for its answer. Three seconds unless set.
    pub fn set_patience(&self, patience: Duration) {
        self.desk().stage.set_patience(patience);
    }

    /// Forgets what was said, called and measured.
    pub fn forgets(&self) {
        self.desk().stage.forget();
    }

    /// Tells the bot of this event, as of one that it does not know.
    pub fn happens(&self, channel: &str, event: &Value) {
        self.desk().happens(channel, event, None);
    }

    /// Posts these bytes to the bot once, signed, whatever they are, and gives the status of the answer. None if there was none, or no webhook
    /// is set.
    pub async fn delivers_body_of(&self, bytes: impl Into<Bytes>) -> Option<u16> {
        match self.desk().deliver_raw(bytes.into()).await {
            Ok((status, _)) | Err(Failure::Status { status, .. }) => Some(status),
            Err(_) => None,
        }
    }

    fn desk(&self) -> &Arc<Desk> {
        &self.0.desk
    }
}

fn is_challenge(body: &Bytes, challenge: &str) -> bool {
    body == challenge || serde_json::from_slice::<Value>(body).is_ok_and(|body| body["challenge"] == challenge)
}

/// The channel of the direct messages with a person.
fn direct(user: &str) -> String {
    format!("D{}", user.get(1..).unwrap_or_default())
}

/// Slack's name for the kind of a channel.
fn kind_of(channel: &str) -> &'static str {
    match channel.as_bytes().first() {
        Some(b'D') => "im",
        Some(b'G') => "group",
        _ => "channel",
    }
}

controls!(SlackStub, "deliveries");

impl Drop for Running {
    fn drop(&mut self) {
        // What is under way to the bot ends, too.
        self.desk.state().app = None;
        self.desk.stage.postman.begin_anew(1);
    }
}
