//! Meta's side of the Cloud API: the [`Desk`] at which a bot calls.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
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
        signing::{hash, tag},
        stage::{Stage, bad_gateway},
    },
    refusal::Refusal,
    sending,
    state::State,
};

/// Meta does not say how long a webhook may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Meta does not say how many deliveries it makes at once.
const CONNECTIONS: usize = 1_000;

/// The documentation of webhooks: deliveries are tried again for up to 7 days.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub(super) struct Desk {
    pub(super) address: std::sync::OnceLock<String>,
    pub(super) stage: Stage,
    state: Mutex<State>,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self { address: std::sync::OnceLock::new(), stage: Stage::new(PATIENCE, CONNECTIONS), state: Mutex::default() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers a value of the field `messages`, after all that was posted in its lane.
    pub(super) fn deliver(self: &Arc<Self>, chat: &str, lane: String, mut value: Value, trip: Option<u64>) {
        value["messaging_product"] = "whatsapp".into();
        value["metadata"] =
            json!({ "display_phone_number": super::DISPLAY_NUMBER, "phone_number_id": super::NUMBER_ID });
        let entry = json!({ "id": super::ACCOUNT_ID, "changes": [{ "value": value, "field": "messages" }] });
        let body = json!({ "object": "whatsapp_business_account", "entry": [entry] }).to_string();
        let id = {
            let mut state = self.state();
            if state.webhook.is_none() {
                return;
            }
            state.pending += 1;
            state.number()
        };
        let parcel = Parcel { id, chat: chat.to_owned(), lane, body: body.into(), kind: "messages", trip };
        self.stage.postman.post(Arc::clone(self) as Arc<dyn Carrier>, parcel);
        self.stage.change();
    }

    /// Delivers these bytes once, signed as all is.
    pub(super) async fn deliver_raw(&self, body: Bytes) -> Option<u16> {
        let request = self.signed(body, self.stage.faults.flaw())?;
        match self.stage.postman.ask(request, self.stage.patience()).await {
            Ok((status, _)) | Err(Failure::Status { status, .. }) => Some(status),
            Err(_) => None,
        }
    }

    /// With `X-Hub-Signature-256`: the HMAC of the raw bytes under the app's secret, in hexadecimal digits.
    fn signed(&self, body: Bytes, flaw: Flaw) -> Option<HttpRequest<Full<Bytes>>> {
        let webhook = self.state().webhook.clone()?;
        let secret = if flaw == Flaw::None { &*webhook.app_secret } else { "somebody-elses-secret" };
        let tag = tag(secret, &[&body]);
        let request = HttpRequest::builder().method(Method::POST).uri(&webhook.url);
        let request =
            request.header(CONTENT_TYPE, "application/json").header("x-hub-signature-256", format!("sha256={tag}"));
        request.body(Full::new(body)).ok()
    }

    fn call(self: &Arc<Self>, request: &Request) -> Answer {
        let path = request.path.trim_matches('/').to_owned();
        let mut parts = path.split('/');
        // The version: any.
        let object = match parts.next() {
            Some(version) if version.starts_with('v') => parts.next().unwrap_or_default().to_owned(),
            other => other.unwrap_or_default().to_owned(),
        };
        let edge = parts.next().unwrap_or_default().to_owned();
        let is_sending = edge == "messages";
        let method = format!("{} {}", request.method, if edge.is_empty() { "{media}" } else { &edge });
        let said = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let outcome = match self.stage.faults.hinders(is_sending) {
            Some(Hindered::Broken) => {
                self.note(&method, said, 502, Value::Null, Some("502 Bad Gateway".to_owned()));
                return bad_gateway();
            }
            Some(Hindered::Rests(_)) => Err(Refusal::throughput()),
            None => self.run(request, &object, &edge, &said),
        };
        let unheard = if is_sending && outcome.is_ok() { self.stage.faults.unheard() } else { None };
        let (status, wire, why) = match &outcome {
            Ok(wire) => (200, wire.clone(), None),
            Err(refusal) => (refusal.status, refusal.wire(), Some(refusal.words())),
        };
        let (noted, why) = unheard.as_ref().map_or((status, why), |unheard| (0, Some(unheard.why().to_owned())));
        self.note(&method, said, noted, wire.clone(), why);
        match unheard {
            Some(unheard) => unheard.answer(),
            None => Answer::json(status, &wire),
        }
    }

    fn note(&self, method: &str, said: Value, status: u16, answer: Value, why: Option<String>) {
        self.stage.calls.note(method, said, status, answer, why);
        self.stage.change();
    }

    fn run(self: &Arc<Self>, request: &Request, object: &str, edge: &str, said: &Value) -> Result<Value, Refusal> {
        if request.bearer() != Some(super::TOKEN) {
            return Err(Refusal::token());
        }
        match (request.method.as_str(), edge) {
            ("POST", "messages" | "media") if object != super::NUMBER_ID => Err(Refusal::number(object)),
            ("POST", "messages") => sending::run(self, said),
            ("POST", "media") => self.upload(request),
            ("GET", "") => self.media(object),
            _ => Err(Refusal::number(object)),
        }
    }

    fn upload(&self, request: &Request) -> Result<Value, Refusal> {
        let (_, mut uploads) = request.arguments().ok_or_else(|| Refusal::missing("file"))?;
        let upload = uploads.pop().ok_or_else(|| Refusal::missing("file"))?;
        let media = self.state().keep_media(&upload.media_type, upload.bytes);
        Ok(json!({ "id": media.id }))
    }

    fn media(&self, id: &str) -> Result<Value, Refusal> {
        let media = self.state().media(id).ok_or_else(|| Refusal::number(id))?;
        let address = self.address.get().map(String::as_str).unwrap_or_default();
        Ok(json!({
            "messaging_product": "whatsapp", "url": format!("{address}/whatsapp_business/attachments/{id}"),
            "mime_type": media.media_type, "sha256": hash(&media.bytes), "file_size": media.bytes.len(), "id": id,
        }))
    }

    /// A file, for who has the token.
    fn download(&self, request: &Request, id: &str) -> Answer {
        if request.bearer() != Some(super::TOKEN) {
            return Refusal::token().answer();
        }
        match self.state().media(id) {
            Some(media) => Answer::of(200, &media.media_type, media.bytes),
            None => Answer::of(404, "text/plain", "Not Found"),
        }
    }
}

impl Service for Desk {
    fn takes(&self, _: &str) -> bool {
        !self.stage.faults.is_away()
    }

    async fn answer(self: Arc<Self>, request: Request) -> Answer {
        if let Some(id) = request.path.strip_prefix("/whatsapp_business/attachments/") {
            return self.download(&request, id);
        }
        self.call(&request)
    }
}

impl Carrier for Desk {
    fn request(&self, parcel: &Parcel, _: &[Failure], flaw: Flaw) -> Option<HttpRequest<Full<Bytes>>> {
        self.signed(parcel.body.clone(), flaw)
    }

    fn patience(&self) -> Duration {
        self.stage.patience()
    }

    /// The documentation says "with decreasing frequency", for up to 7 days: here at once, then after 10 s, 20 s, … up to an hour.
    fn pause(&self, _: &Parcel, failures: &[Failure]) -> Option<Duration> {
        let pause = |failures: usize| match u32::try_from(failures).unwrap_or(u32::MAX) {
            0 | 1 => Duration::ZERO,
            failures => Duration::from_secs((10 << (failures - 2).min(9)).min(3600)),
        };
        let waited: Duration = (0..failures.len()).map(pause).sum();
        let pause = pause(failures.len());
        (waited + pause <= KEPT).then(|| self.stage.scaled(pause))
    }

    fn taken(&self, _: &Parcel, _: &Bytes) {
        self.state().pending -= 1;
        self.stage.change();
    }

    fn dropped(&self, _: &Parcel) {
        self.state().pending -= 1;
    }
}
