//! A server that speaks WhatsApp's Cloud API: [`GraphStub`].

mod acts;
mod content;
mod desk;
mod refusal;
mod sending;
mod state;

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use serde_json::{Value, json};

use self::{
    desk::Desk,
    state::{Limits, Template, Webhook},
};
use super::{
    calls::Call,
    controls::controls,
    http::Server,
    limits::Limit,
    visitor::{Person, Visitor},
};

const TOKEN: &str = "EAAJB-stub-of-the-Cloud-API-on-127-0-0-1";
const NUMBER_ID: &str = "106540352242922";
const DISPLAY_NUMBER: &str = "15550783881";
const ACCOUNT_ID: &str = "102290129340398";

/// WhatsApp on this machine: a real server with the Cloud API of Graph, visitors who write to the number, and faults on demand.
///
/// A bot in any language is given [`address`](Self::address) for `https://graph.facebook.com`, with any version behind it, the
/// [`token`](Self::token) and the [`number_id`](Self::number_id). Its webhook is told to the stub, as to the dashboard of an app, and is
/// verified as Meta does. What it sends is checked, and refused with Meta's codes; statuses tell what became of it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use flow_testkit::stubs::GraphStub;
///
/// let graph = GraphStub::start().await;
/// let failure = graph.webhook("http://127.0.0.1:1/hook", "app secret", "verify token").await;
/// assert!(failure.is_err(), "nobody listens there");
/// let ada = graph.visitor("491701234567").called("Ada");
/// ada.says("Hello");
/// # let _ = (graph.address(), graph.token(), graph.number_id());
/// # }
/// ```
///
/// It takes the types `text`, `image`, `document`, `audio`, `video`, `sticker`, `location`, `contacts`, `reaction`, `template` and `interactive`
/// (`button`, `list`, `cta_url`, `location_request_message`), read marks, uploads and downloads. It ends when the last clone is dropped.
#[derive(Clone)]
pub struct GraphStub(Arc<Running>);

struct Running {
    desk: Arc<Desk>,
    server: Server,
}

impl GraphStub {
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

    /// What the bot is given for `https://graph.facebook.com`.
    pub fn address(&self) -> String {
        self.0.server.address()
    }

    /// The access token.
    pub fn token(&self) -> &str {
        TOKEN
    }

    /// The id of the business's phone number.
    pub fn number_id(&self) -> &str {
        NUMBER_ID
    }

    /// Sets the app's webhook, after the handshake: it is asked to send back a challenge, with the verify token.
    ///
    /// Fails, with what the bot did instead, if it does not. Then nothing is set. What happens before a webhook is set, the bot never hears of.
    pub async fn webhook(&self, url: &str, app_secret: &str, verify_token: &str) -> Result<(), String> {
        let challenge = "1158201444";
        let query: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("hub.mode", "subscribe"), ("hub.challenge", challenge), ("hub.verify_token", verify_token)])
            .finish();
        let request =
            Request::get(format!("{url}?{query}")).body(Full::<Bytes>::default()).map_err(|error| error.to_string())?;
        match self.desk().stage.postman.ask(request, self.desk().stage.patience()).await {
            Ok((_, body)) if body == challenge => {}
            Ok((status, body)) => {
                return Err(format!("it answered {status}, and {} bytes that are not the challenge", body.len()));
            }
            Err(super::postman::Failure::Status { status, .. }) => return Err(format!("it answered {status}")),
            Err(super::postman::Failure::TimedOut) => return Err("it did not answer in time".to_owned()),
            Err(super::postman::Failure::NotConnected) => return Err("it cannot be reached".to_owned()),
        }
        self.desk().state().webhook = Some(Webhook { url: url.to_owned(), app_secret: app_secret.to_owned() });
        Ok(())
    }

    /// The person with this number: digits, with the country's code and without `+`.
    pub fn visitor(&self, number: &str) -> Visitor {
        self.desk().state().people.entry(number.to_owned()).or_default();
        let person = Person { chat: number.to_owned(), user: number.to_owned(), name: "Visitor".to_owned() };
        Visitor::new(Arc::clone(self.desk()) as _, person)
    }

    /// What the bot has called, the newest last.
    pub fn calls(&self) -> Vec<Call> {
        self.desk().stage.calls.all()
    }

    /// How many deliveries the bot has not taken yet, statuses included.
    pub fn pending(&self) -> usize {
        self.desk().state().pending
    }

    /// Approves a template with so many parameters in its body.
    pub fn approves_template(&self, name: &str, language: &str, parameters: usize) {
        let template = Template { parameters, is_paused: false };
        self.desk().state().templates.insert((name.to_owned(), language.to_owned()), template);
    }

    /// Pauses a template, as Meta does when people complain of it.
    pub fn pauses_template(&self, name: &str, language: &str) {
        if let Some(template) = self.desk().state().templates.get_mut(&(name.to_owned(), language.to_owned())) {
            template.is_paused = true;
        }
    }

    /// Makes the last message of this number one of more than 24 hours ago: only templates reach it, until it writes again.
    pub fn closes_window(&self, number: &str) {
        self.desk().state().people.entry(number.to_owned()).or_default().wrote = None;
    }

    /// Refuses what cannot be delivered (131047, 131026) in the answer. Unless set, it is taken, and a status `failed` tells of it.
    pub fn refuses_at_once(&self, at_once: bool) {
        self.desk().state().refuses_at_once = at_once;
    }

    /// Whether visitors read what they get, so that a status `read` follows on `delivered`. Off unless set.
    pub fn reads(&self, reads: bool) {
        self.desk().state().reads = reads;
    }

    /// Keeps WhatsApp's limits from now on: 80 messages a second, and one every 6 seconds to the same number, of which 45 may come at once. Off
    /// unless it is said.
    pub fn keeps_limits(&self) {
        self.desk().state().limits = Some(Limits {
            overall: Limit::of(80, Duration::from_secs(1), 80),
            pair: Limit::of(1, Duration::from_secs(6), 45),
        });
    }

    /// Takes as many messages as come.
    pub fn keeps_no_limits(&self) {
        self.desk().state().limits = None;
    }

    /// Sets how long the webhook may take for its answer. Ten seconds unless set: Meta does not say.
    pub fn set_patience(&self, patience: Duration) {
        self.desk().stage.set_patience(patience);
    }

    /// Forgets what was said, called and measured.
    pub fn forgets(&self) {
        self.desk().stage.forget();
    }

    /// Tells the bot of a message of this type, as of one that it does not know.
    pub fn happens(&self, number: &str, kind: &str, what: &Value) {
        let id = self.desk().state().message_id();
        let message = json!({
            "from": number, "id": id, "timestamp": chrono::Utc::now().timestamp().to_string(), "type": kind, kind: what,
        });
        let contacts = json!([{ "profile": { "name": "Visitor" }, "wa_id": number }]);
        let value = json!({ "contacts": contacts, "messages": [message] });
        self.desk().deliver(number, number.to_owned(), value, None);
    }

    /// Posts these bytes to the webhook once, signed, whatever they are, and gives the status of the answer. None if there was none, or no
    /// webhook is set.
    pub async fn delivers_body_of(&self, bytes: impl Into<Bytes>) -> Option<u16> {
        self.desk().deliver_raw(bytes.into()).await
    }

    fn desk(&self) -> &Arc<Desk> {
        &self.0.desk
    }
}

controls!(GraphStub, "deliveries");

impl Drop for Running {
    fn drop(&mut self) {
        // What is under way to the bot ends, too.
        self.desk.state().webhook = None;
        self.desk.stage.postman.begin_anew(1);
    }
}
