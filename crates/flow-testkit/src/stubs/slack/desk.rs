//! Slack's side of the Web API and of its events: the [`Desk`] at which a bot calls.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request as HttpRequest, header::CONTENT_TYPE};
use serde_json::{Value, json};

use super::{
    super::{
        faults::{Flaw, Hindered},
        http::{Answer, Request, Service},
        postman::{Carrier, Failure, Parcel},
        signing::tag,
        stage::{Stage, bad_gateway},
    },
    methods,
    refusal::Refusal,
    state::State,
};

/// The documentation of the Events API, of interactions and of slash commands.
const PATIENCE: Duration = Duration::from_secs(3);

/// Slack does not say how many deliveries it makes at once.
const CONNECTIONS: usize = 1_000;

pub(super) struct Desk {
    pub(super) address: OnceLock<String>,
    pub(super) stage: Stage,
    state: Mutex<State>,
}

/// What a delivery is, and so where it goes and whether it comes again.
pub(super) const EVENT: &str = "event";
pub(super) const INTERACTION: &str = "interaction";
pub(super) const COMMAND: &str = "command";

impl Desk {
    pub(super) fn new() -> Self {
        Self { address: OnceLock::new(), stage: Stage::new(PATIENCE, CONNECTIONS), state: Mutex::default() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn address(&self) -> &str {
        self.address.get().map(String::as_str).unwrap_or_default()
    }

    /// Tells the app of an event.
    pub(super) fn happens(self: &Arc<Self>, channel: &str, event: &Value, trip: Option<u64>) {
        let number = self.state().number();
        let body = json!({
            "token": "deprecated-verification-token", "team_id": super::TEAM, "api_app_id": super::APP, "event": event,
            "type": "event_callback", "event_id": format!("Ev{number:09}"), "event_time": chrono::Utc::now().timestamp(),
            "authorizations": [{
                "enterprise_id": null, "team_id": super::TEAM, "user_id": super::BOT_USER, "is_bot": true, "is_enterprise_install": false,
            }],
            "is_ext_shared_channel": false, "event_context": format!("4-{number}"),
        });
        self.deliver(channel, EVENT, body.to_string(), trip);
    }

    /// Tells the app of an interaction or a command, as a form.
    pub(super) fn asks(self: &Arc<Self>, channel: &str, kind: &'static str, fields: &[(&str, &str)], trip: u64) {
        let form: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.deliver(channel, kind, form, Some(trip));
    }

    fn deliver(self: &Arc<Self>, channel: &str, kind: &'static str, body: String, trip: Option<u64>) {
        let id = {
            let mut state = self.state();
            if state.app.is_none() {
                return;
            }
            state.pending += 1;
            state.number()
        };
        let (chat, lane) = (channel.to_owned(), channel.to_owned());
        let parcel = Parcel { id, chat, lane, body: body.into(), kind, trip };
        self.stage.postman.post(Arc::clone(self) as Arc<dyn Carrier>, parcel);
        self.stage.change();
    }

    /// Delivers these bytes once, signed as all is.
    pub(super) async fn deliver_raw(&self, body: Bytes) -> Result<(u16, Bytes), Failure> {
        let request = self.signed(body, EVENT, &[], self.stage.faults.flaw()).ok_or(Failure::NotConnected)?;
        self.stage.postman.ask(request, self.stage.patience()).await
    }

    /// With the time and `v0=` the HMAC of `v0:`, the time, `:` and the raw bytes, under the app's signing secret.
    fn signed(&self, body: Bytes, kind: &str, failures: &[Failure], flaw: Flaw) -> Option<HttpRequest<Full<Bytes>>> {
        let app = self.state().app.clone()?;
        let (url, media_type) = match kind {
            EVENT => (app.events, "application/json"),
            INTERACTION => (app.interactivity, "application/x-www-form-urlencoded"),
            _ => (app.commands, "application/x-www-form-urlencoded"),
        };
        let late = if flaw == Flaw::Late { 3600 } else { 0 };
        let time = (chrono::Utc::now().timestamp() - late).to_string();
        let secret = if flaw == Flaw::Wrong { "somebody-elses-secret" } else { &*app.signing_secret };
        let tag = tag(secret, &[b"v0:", time.as_bytes(), b":", &body]);
        let mut request = HttpRequest::builder()
            .method(Method::POST)
            .uri(url)
            .header(CONTENT_TYPE, media_type)
            .header("x-slack-request-timestamp", time)
            .header("x-slack-signature", format!("v0={tag}"));
        if let Some(failure) = failures.last() {
            request =
                request.header("x-slack-retry-num", failures.len()).header("x-slack-retry-reason", reason(*failure));
        }
        request.body(Full::new(body)).ok()
    }

    fn call(self: Arc<Self>, request: &Request, method: &str) -> Answer {
        let Some((fields, _)) = request.arguments() else { return Refusal::of("invalid_form_data").answer() };
        let mut arguments = Value::Object(fields);
        // Forms have these as JSON in a text.
        for name in ["blocks", "metadata", "attachments"] {
            if let Some(read) = arguments[name].as_str().and_then(|text| serde_json::from_str(text).ok()) {
                arguments[name] = read;
            }
        }
        let is_sending = method.starts_with("chat.");
        let token = request.bearer().map(str::to_owned).or_else(|| arguments["token"].as_str().map(str::to_owned));
        arguments.as_object_mut().expect("an object").remove("token");
        let outcome = match self.stage.faults.hinders(is_sending) {
            Some(Hindered::Broken) => {
                self.note(method, arguments, 502, Value::Null, Some("502 Bad Gateway".to_owned()));
                return bad_gateway();
            }
            Some(Hindered::Rests(wait)) => Err(Refusal::ratelimited(wait)),
            None => match token.as_deref() {
                None => Err(Refusal::of("not_authed")),
                Some(token) if token != super::TOKEN => Err(Refusal::of("invalid_auth")),
                Some(_) => methods::run(&self, method, &arguments),
            },
        };
        let unheard = if is_sending && outcome.is_ok() { self.stage.faults.unheard() } else { None };
        let (answer, status, wire, why) = match &outcome {
            Ok(wire) => (Answer::json(200, wire), 200, wire.clone(), None),
            Err(refusal) => (refusal.answer(), refusal.status(), refusal.wire(), Some(refusal.words())),
        };
        let (status, why) = unheard.as_ref().map_or((status, why), |unheard| (0, Some(unheard.why().to_owned())));
        self.note(method, arguments, status, wire, why);
        unheard.map_or(answer, |unheard| unheard.answer())
    }

    pub(super) fn note(&self, method: &str, said: Value, status: u16, answer: Value, why: Option<String>) {
        self.stage.calls.note(method, said, status, answer, why);
        self.stage.change();
    }

    /// A file, for who has the token.
    fn download(&self, request: &Request) -> Answer {
        if request.bearer() != Some(super::TOKEN) {
            // Slack leads a browser to its login.
            return Answer::of(302, "text/html", "").header("location", "https://slack.com/");
        }
        let found = self.state().files.iter().find(|file| file.path == request.path).cloned();
        found.map_or_else(|| Answer::of(404, "text/html", ""), |file| Answer::of(200, &file.media_type, file.bytes))
    }
}

impl Service for Desk {
    fn takes(&self, _: &str) -> bool {
        !self.stage.faults.is_away()
    }

    async fn answer(self: Arc<Self>, request: Request) -> Answer {
        if let Some(method) = request.path.strip_prefix("/api/") {
            let method = method.to_owned();
            return self.call(&request, &method);
        }
        if request.path.starts_with("/actions/") {
            return methods::respond(&self, &request);
        }
        self.download(&request)
    }
}

impl Carrier for Desk {
    fn request(&self, parcel: &Parcel, failures: &[Failure], flaw: Flaw) -> Option<HttpRequest<Full<Bytes>>> {
        self.signed(parcel.body.clone(), parcel.kind, failures, flaw)
    }

    fn patience(&self) -> Duration {
        self.stage.patience()
    }

    /// An event comes again nearly at once, after a minute and after five. Interactions and commands do not: the person sees that it failed.
    fn pause(&self, parcel: &Parcel, failures: &[Failure]) -> Option<Duration> {
        let wants_none = matches!(failures.last(), Some(Failure::Status { retry: false, .. }));
        if parcel.kind != EVENT || wants_none {
            return None;
        }
        let seconds = *[0, 60, 300].get(failures.len() - 1)?;
        Some(self.stage.scaled(Duration::from_secs(seconds)))
    }

    fn taken(&self, parcel: &Parcel, body: &Bytes) {
        self.state().pending -= 1;
        if parcel.kind == COMMAND {
            methods::answered(self, parcel, body);
        }
        self.stage.change();
    }

    fn dropped(&self, _: &Parcel) {
        self.state().pending -= 1;
        self.stage.change();
    }
}

fn reason(failure: Failure) -> &'static str {
    match failure {
        Failure::TimedOut => "http_timeout",
        Failure::NotConnected => "connection_failed",
        Failure::Status { .. } => "http_error",
    }
}
