//! Telegram's side of the Bot API: the [`Desk`] at which a bot calls.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request as HttpRequest, header::CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{
    super::{
        faults::{Flaw, Hindered},
        http::{Answer, Request, Service},
        postman::{Carrier, Failure, Parcel},
        stage::{Stage, bad_gateway},
    },
    arguments::Arguments,
    methods, page,
    refusal::Refusal,
    state::State,
    updates::Update,
};

/// What `setWebhook` gives a bot that asks for nothing else.
pub(super) const CONNECTIONS: usize = 40;

/// Of the Bot API's server: what it waits for a webhook.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Desk {
    pub(super) token: String,
    pub(super) bot: i64,
    state: Mutex<State>,
    pub(super) stage: Stage,
    /// That there are updates, or that whoever waits for them is to give up.
    pub(super) news: Notify,
}

/// A method's result, and words to it.
pub(super) type Outcome = Result<(Value, Option<&'static str>), Refusal>;

impl Desk {
    pub(super) fn new(token: &str) -> Self {
        let bot = token.split(':').next().and_then(|id| id.parse().ok()).expect("a token begins with the bot's id");
        Self {
            token: token.to_owned(),
            bot,
            state: Mutex::new(State::new()),
            stage: Stage::new(PATIENCE, CONNECTIONS),
            news: Notify::new(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something has happened: it is delivered, or waits until it is asked for.
    pub(super) fn happens(self: &Arc<Self>, update: Update) {
        let mut state = self.state();
        let Some(update) = state.updates.push(update) else { return };
        let has_webhook = state.webhook.is_some();
        // Posted with the state held, so that what happens first is delivered first.
        if has_webhook {
            self.post(update);
        }
        drop(state);
        self.stage.change();
        if !has_webhook {
            self.news.notify_waiters();
        }
    }

    /// Begins to deliver this.
    pub(super) fn post(self: &Arc<Self>, update: Update) {
        let body = Bytes::from(update.wire.to_string());
        let Update { id, chat, lane, trip, .. } = update;
        self.stage.postman.post(self.carrier(), Parcel { id, chat, lane, body, kind: "update", trip });
    }

    /// Delivers these bytes once, signed as all is, whatever they are.
    pub(super) async fn deliver_raw(&self, body: Bytes) -> Option<u16> {
        let request = self.dressed(body, self.stage.faults.flaw())?;
        match self.stage.postman.ask(request, self.stage.patience()).await {
            Ok((status, _)) | Err(Failure::Status { status, .. }) => Some(status),
            Err(_) => None,
        }
    }

    fn carrier(self: &Arc<Self>) -> Arc<dyn Carrier> {
        Arc::clone(self) as Arc<dyn Carrier>
    }

    fn dressed(&self, body: Bytes, flaw: Flaw) -> Option<HttpRequest<Full<Bytes>>> {
        let webhook = self.state().webhook.clone()?;
        let mut request =
            HttpRequest::builder().method(Method::POST).uri(&webhook.url).header(CONTENT_TYPE, "application/json");
        if !webhook.secret.is_empty() {
            let secret = if flaw == Flaw::None { &*webhook.secret } else { "somebody-elses-secret" };
            request = request.header("x-telegram-bot-api-secret-token", secret);
        }
        request.body(Full::new(body)).ok()
    }

    async fn call(self: &Arc<Self>, name: &str, arguments: Arguments) -> Answer {
        // Telegram takes any case, and what is noted is what the bot wrote.
        let method = name.to_lowercase();
        let said = arguments.wire();
        let is_sending = ["send", "edit", "copy", "forward"].iter().any(|verb| method.starts_with(verb));
        let outcome = match self.stage.faults.hinders(is_sending) {
            Some(Hindered::Broken) => {
                self.stage.calls.note(name, said, 502, Value::Null, Some("502 Bad Gateway".to_owned()));
                self.stage.change();
                return bad_gateway();
            }
            Some(Hindered::Rests(wait)) => Err(Refusal::too_many(wait)),
            None => methods::run(self, &method, &arguments).await,
        };
        let (status, wire, answer, why) = match outcome {
            Ok((result, words)) => {
                let mut wire = json!({ "ok": true, "result": result });
                if let Some(words) = words {
                    wire["description"] = words.into();
                }
                (200, wire.clone(), Answer::json(200, &wire), None)
            }
            Err(refusal) => (refusal.code, refusal.wire(), refusal.answer(), Some(refusal.description)),
        };
        let unheard = if is_sending && why.is_none() { self.stage.faults.unheard() } else { None };
        if method != "getupdates" {
            let (status, why) = match &unheard {
                Some(unheard) => (0, Some(unheard.why().to_owned())),
                None => (status, why),
            };
            self.stage.calls.note(name, said, status, wire, why);
            self.stage.change();
        }
        unheard.map_or(answer, |unheard| unheard.answer())
    }

    fn file(&self, path: &str) -> Answer {
        match self.state().file(|file| file.path == path) {
            Some(file) => Answer::of(200, "application/octet-stream", file.bytes),
            None => Refusal::of(404, "Not Found").answer(),
        }
    }
}

impl Service for Desk {
    fn takes(&self, path: &str) -> bool {
        // The page stays, to show that Telegram is away.
        let is_of_bot = path.starts_with("/bot") || path.starts_with("/file/");
        !(is_of_bot && self.stage.faults.is_away())
    }

    async fn answer(self: Arc<Self>, request: Request) -> Answer {
        if let Some(path) = request.path.strip_prefix("/file/bot") {
            return match path.split_once('/') {
                Some((token, path)) if token == self.token => self.file(path),
                _ => Refusal::of(401, "Unauthorized").answer(),
            };
        }
        let Some((token, method)) = request.path.strip_prefix("/bot").and_then(|path| path.split_once('/')) else {
            return page::answer(&self, &request);
        };
        if token != self.token {
            return Refusal::of(401, "Unauthorized").answer();
        }
        match request.arguments() {
            Some((fields, uploads)) => self.call(method, Arguments { fields, uploads }).await,
            None => Refusal::bad("can't parse JSON object").answer(),
        }
    }
}

impl Carrier for Desk {
    fn request(&self, parcel: &Parcel, _: &[Failure], flaw: Flaw) -> Option<HttpRequest<Full<Bytes>>> {
        self.dressed(parcel.body.clone(), flaw)
    }

    fn keeps_order(&self) -> bool {
        true
    }

    fn patience(&self) -> Duration {
        self.stage.patience()
    }

    /// As the Bot API's server does: at once the first time, then after 2 s, 4 s, … up to a minute or two, or what `Retry-After` says;
    /// until the update is too old.
    fn pause(&self, parcel: &Parcel, failures: &[Failure]) -> Option<Duration> {
        let asked = match failures.last() {
            Some(Failure::Status { retry_after: Some(seconds), .. }) => Duration::from_secs((*seconds).min(3600)),
            _ => Duration::ZERO,
        };
        let doublings = u32::try_from(failures.len()).unwrap_or(u32::MAX).saturating_sub(1).min(6);
        let pause = match (asked, doublings) {
            (Duration::ZERO, 0) => Duration::ZERO,
            (Duration::ZERO, doublings) => Duration::from_secs((1 << doublings).min(60)),
            (asked, _) => asked,
        };
        let expires = self.state().updates.get(parcel.id)?.expires;
        let pause = self.stage.scaled(pause);
        (Instant::now() + pause <= expires).then_some(pause)
    }

    fn taken(&self, parcel: &Parcel, body: &Bytes) {
        self.state().updates.remove(parcel.id);
        self.noted(parcel, 200, None);
        self.answered(body);
    }

    fn failed(&self, parcel: &Parcel, failure: &Failure) {
        let why = match failure {
            Failure::Status { status, .. } => format!("Wrong response from the webhook: {status}"),
            Failure::TimedOut => "Connection timed out".to_owned(),
            Failure::NotConnected => "Connection refused".to_owned(),
        };
        self.state().last_error = Some((chrono::Utc::now().timestamp(), why.clone()));
        self.noted(parcel, 0, Some(why));
    }

    fn dropped(&self, parcel: &Parcel) {
        self.state().updates.remove(parcel.id);
    }
}

impl Desk {
    /// For the one who looks at what was delivered.
    fn noted(&self, parcel: &Parcel, status: u16, why: Option<String>) {
        // As the text that it is: under a load nobody looks, and reading it is dear.
        let update = Value::String(String::from_utf8_lossy(&parcel.body).into_owned());
        self.stage.deliveries.note("update", update, status, Value::Null, why);
        self.stage.change();
    }

    /// A webhook's answer may be a call itself: `{"method": "answerCallbackQuery", …}`. What becomes of it nobody hears.
    fn answered(&self, body: &Bytes) {
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(body) else { return };
        let Some(Value::String(name)) = fields.remove("method") else { return };
        let method = name.to_lowercase();
        let is_left_out =
            method.starts_with("get") || ["setwebhook", "deletewebhook", "close", "logout"].contains(&&*method);
        if is_left_out {
            return;
        }
        let arguments = Arguments { fields, uploads: Vec::new() };
        let said = arguments.wire();
        match methods::run_now(self, &method, &arguments) {
            Ok((result, _)) => self.stage.calls.note(&name, said, 200, json!({ "ok": true, "result": result }), None),
            Err(refusal) => self.stage.calls.note(&name, said, refusal.code, refusal.wire(), Some(refusal.description)),
        }
        self.stage.change();
    }
}
