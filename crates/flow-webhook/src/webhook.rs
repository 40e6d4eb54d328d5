//! Any other platform, by two requests: a [`Webhook`].

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{Fate, SessionId};
use flow_http::{
    axum::http::{HeaderName, Uri},
    client::{Call, Client},
    platform::{Arrivals, Forged, Hook, Part, Platform, Screen, Unreadable},
};
use thiserror::Error;

use crate::{Format, Messages, Said, SigningSecret, answers, base64};

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// How old a request may be, as the standard's libraries have it.
const WINDOW: TimeDelta = TimeDelta::minutes(5);

/// How many signatures of a request are looked at: a sender who changes its secret gives two.
const SIGNATURES: usize = 8;

/// A platform that delivers what was said by a signed request, and is sent replies by another: signed as
/// [Standard Webhooks](https://www.standardwebhooks.com) says, in JSON of a [`Format`].
///
/// ```no_run
/// # use flow_core::{EngineBuilder, Flow, Secret};
/// # use flow_http::{Site, platform::Line};
/// # use flow_memory::MemoryStore;
/// # fn example<F: Flow>(builder: EngineBuilder<F>, secret: Secret) -> Result<(), Box<dyn std::error::Error>> {
/// use flow_webhook::Webhook;
///
/// let webhook = Webhook::new("https://chat.example/hooks/bot", std::env::var("WEBHOOK_SECRET")?.parse()?)?;
/// let line = Line::new("shop", webhook, secret);
/// let engine = builder.channel(line.name(), line.clone()).store(MemoryStore::new());
/// engine.worker().start();
/// let site = Site::new(engine).webhook("/hooks/shop", &line)?;
/// # let _ = site;
/// # Ok(())
/// # }
/// ```
pub struct Webhook<F = Messages> {
    url: String,
    /// The one of now, and the one of before.
    secrets: Vec<SigningSecret>,
    bearer: Option<String>,
    client: Client,
    format: F,
}

/// Replies cannot be sent to this address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a webhook's address begins with https:// (or http://, on this machine) and has a host")]
#[non_exhaustive]
pub struct BadUrl;

impl Webhook {
    /// Sends replies to this address, and signs with this secret; what arrives is to be signed with it, too.
    ///
    /// Fails if the address is none.
    pub fn new(url: impl Into<String>, secret: SigningSecret) -> Result<Self, BadUrl> {
        let url = url.into();
        let address: Uri = url.parse().map_err(|_| BadUrl)?;
        let is_web = matches!(address.scheme_str(), Some("https" | "http"));
        if !is_web || address.host().is_none_or(str::is_empty) {
            return Err(BadUrl);
        }
        let client = Client::new();
        Ok(Self { url, secrets: vec![secret], bearer: None, client, format: Messages })
    }
}

impl<F> Webhook<F> {
    /// Knows this secret, too, and signs with both, until the platform has the new one.
    #[must_use]
    pub fn previous_secret(mut self, secret: SigningSecret) -> Self {
        self.secrets.truncate(1);
        self.secrets.push(secret);
        self
    }

    /// Shows this token when it sends, as `Authorization: Bearer`: for a gateway before the platform that wants one.
    #[must_use]
    pub fn bearer(self, token: impl Into<String>) -> Self {
        Self { bearer: Some(token.into()), ..self }
    }

    /// Sends by this client: one that calls a host of one's own network in the clear, say.
    #[must_use]
    pub fn client(self, client: Client) -> Self {
        Self { client, ..self }
    }

    /// Reads and writes JSON of this form.
    pub fn format<G: Format>(self, format: G) -> Webhook<G> {
        let Self { url, secrets, bearer, client, format: _ } = self;
        Webhook { url, secrets, bearer, client, format }
    }
}

#[async_trait]
impl<F: Format> Platform for Webhook<F> {
    const SCREEN: Screen = F::SCREEN;
    type Wire = Said;

    fn verify(&self, hook: &Hook<'_>) -> Result<(), Forged> {
        let [id, at, signatures] = [ID, TIMESTAMP, SIGNATURE].map(|name| hook.header(name.as_str()));
        let (id, at, signatures) = (id.ok_or(Forged::Unsigned)?, at.ok_or(Forged::Unsigned)?, signatures);
        let signatures: Vec<_> = signatures
            .ok_or(Forged::Unsigned)?
            .split(' ')
            .filter_map(|signature| base64::read(signature.strip_prefix("v1,")?))
            .take(SIGNATURES)
            .collect();
        let known = self.secrets.iter().filter(|secret| secret.knows(id, at, hook.body(), &signatures)).count();
        // One's own request, sent back, has the right signature.
        if known == 0 || is_own(id) {
            return Err(Forged::Wrong);
        }
        let signed_at = at.parse().ok().and_then(|at| DateTime::from_timestamp(at, 0)).ok_or(Forged::Wrong)?;
        hook.is_within(WINDOW, signed_at)
    }

    fn read(&self, hook: &Hook<'_>) -> Result<Arrivals, Unreadable> {
        let id = hook.header(ID.as_str()).unwrap_or_default();
        // Behind a full stop the signature has the time: an id with one could lend it to another request.
        if id.is_empty() || id.contains('.') {
            return Err(Unreadable::because("the header webhook-id is empty, or has a full stop in it"));
        }
        self.format.read(hook, id)
    }

    fn render(&self, part: &Part<'_>) -> Said {
        Said::of(part)
    }

    async fn send(&self, place: &str, said: &Said, key: &str) -> Result<(), Fate> {
        let body = self.format.write(place, said).to_string();
        let at = Utc::now().timestamp();
        let signatures: Vec<_> = self.secrets.iter().map(|secret| secret.sign(key, at, body.as_bytes())).collect();
        let call = Call::post(&self.url)
            .body("application/json", body)
            .header(ID, key)
            .header(TIMESTAMP, &at.to_string())
            .header(SIGNATURE, &signatures.join(" "));
        let call = match &self.bearer {
            Some(token) => call.bearer(token),
            None => call,
        };
        answers::fate(&self.client.call(call).await?)
    }
}

/// Whether this is the id of a request that a bot has sent: a key, which begins with its session.
fn is_own(id: &str) -> bool {
    id.split_once('/').is_some_and(|(session, _)| session.parse::<SessionId>().is_ok())
}

/// Without its address, which may hold a token.
impl<F> fmt::Debug for Webhook<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("secrets", &self.secrets).finish_non_exhaustive()
    }
}
