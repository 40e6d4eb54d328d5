//! What is served: [`Site`].

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{Method, request::Parts},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
};
use flow_core::{Engine, Flow};
use thiserror::Error;
use tokio::{sync::watch, time::Instant};
use tracing::{Instrument, field, info_span};

use crate::{
    Access, Limits, Metrics, Origins, Proxies, Readiness,
    api::{self, Chat},
    health,
    limits::Limit,
    origins, page,
    platform::{self, Line, Platform, Room, Webhook},
    probe::Probe,
    problem::Problem,
    streams::Shares,
};

/// A bot on the web: chats, and what whoever runs it asks for. It is served on its own, or as routes of an app.
pub struct Site<F: Flow> {
    pub(crate) engine: Engine<F>,
    pub(crate) limits: Limits,
    chats: Vec<(String, String, Access)>,
    /// Where platforms deliver.
    webhooks: Vec<Arc<Webhooks>>,
    /// Routes of the app's own.
    beside: Router,
    pub(crate) metrics: Option<Metrics>,
    pub(crate) shares: Arc<Shares>,
    pub(crate) proxies: Proxies,
    origins: Origins,
    pub(crate) probe: Arc<Probe<F>>,
    /// Who may know how the bot is.
    pub(crate) may_know: Arc<MayKnow>,
    /// Whether it is being ended.
    pub(crate) closing: Arc<watch::Sender<bool>>,
    /// How long it takes requests when it is to end already.
    pub(crate) unready: Duration,
    /// Whether it is to end.
    pub(crate) is_to_end: Arc<AtomicBool>,
}

/// The routes of a webhook, once it is known what the site takes and counts.
type Webhooks = dyn Fn(Limits, Option<Metrics>) -> Router + Send + Sync;

type MayKnow = dyn Fn(&Parts) -> bool + Send + Sync;

/// Counts a request by its route.
async fn counted(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let answer = next.run(request).await;
    if let Some(limit) = answer.extensions().get::<Limit>() {
        metrics.limit_met(*limit);
    }
    metrics.answered(route.as_deref().unwrap_or("other"), answer.status().as_u16(), began.elapsed());
    answer
}

/// Has what a request asks for stand below it in logs and traces: by its route, since a path may say more.
async fn spanned(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str);
    let method = known(request.method());
    let span = info_span!(
        "request",
        otel.kind = "server",
        http.route = route,
        http.request.method = method,
        http.response.status_code = field::Empty
    );
    let answer = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", answer.status().as_u16());
    answer
}

/// A method by its name, unless a client has invented it.
fn known(method: &Method) -> &'static str {
    let known = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"];
    known.into_iter().find(|known| method == known).unwrap_or("_OTHER")
}

async fn not_so() -> Problem {
    Problem::NOT_ALLOWED_METHOD
}

/// The engine does not let replies to this channel wait to be collected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "what is said by the channel {channel:?} is not collected: give the engine's builder `.collected({channel:?}, Shelf::default())`"
)]
pub struct NotCollected {
    channel: String,
}

/// The engine does not send replies by this channel.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the engine has no channel of the name {channel:?}: give its builder `.channel(line.name(), line.clone())`")]
pub struct NoChannel {
    channel: String,
}

impl<F: Flow> Site<F> {
    /// Serves the flow that this engine runs.
    pub fn new(engine: Engine<F>) -> Self {
        Self {
            probe: Arc::new(Probe::new(engine.clone(), Readiness::default())),
            engine,
            limits: Limits::default(),
            chats: Vec::new(),
            webhooks: Vec::new(),
            beside: Router::new(),
            metrics: None,
            shares: Arc::new(Shares::new(Limits::default())),
            proxies: Proxies::default(),
            origins: Origins::default(),
            may_know: Arc::new(|_| false),
            closing: Arc::new(watch::Sender::new(false)),
            unready: Duration::ZERO,
            is_to_end: Arc::default(),
        }
    }

    /// How much is taken.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { shares: Arc::new(Shares::new(limits.clone())), limits, ..self }
    }

    /// Which proxies stand before it, so that it knows the addresses by which its clients are [bounded](Limits::address_burst).
    ///
    /// In an app of your own, the app says who has connected: serve it by axum's `into_make_service_with_connect_info::<SocketAddr>()`.
    #[must_use]
    pub fn proxies(self, proxies: Proxies) -> Self {
        Self { proxies, ..self }
    }

    /// Lets pages of these origins have its chats in them. A page of any other origin than the site's own and these may not: what it
    /// says is refused.
    #[must_use]
    pub fn origins(self, origins: Origins) -> Self {
        Self { origins, ..self }
    }

    /// What has to be there so that it is ready.
    #[must_use]
    pub fn readiness(self, readiness: Readiness) -> Self {
        Self { probe: Arc::new(Probe::new(self.engine.clone(), readiness)), ..self }
    }

    /// Serves routes of your own beside these: a page with the chat in it, say.
    #[must_use]
    pub fn beside(mut self, routes: Router) -> Self {
        self.beside = self.beside.merge(routes);
        self
    }

    /// Tells these at `/metrics`, with what the site itself counts, to those who [may know](Self::tells).
    #[must_use]
    pub fn metrics(self, metrics: Metrics) -> Self {
        metrics.expect(F::GRAPH.name);
        Self { metrics: Some(metrics), ..self }
    }

    /// Tells how the bot is to requests that this lets pass: `/metrics`, and which part is away at `/readyz`. To nobody unless set;
    /// whether the site is ready is told to everybody.
    ///
    /// ```
    /// # use flow_core::Flow;
    /// # fn example<F: Flow>(site: flow_http::Site<F>, key: String) -> flow_http::Site<F> {
    /// site.tells(move |request| request.headers.get("x-monitoring-key").is_some_and(|given| given.as_bytes() == key.as_bytes()))
    /// # }
    /// ```
    #[must_use]
    pub fn tells(self, may_know: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        Self { may_know: Arc::new(may_know), ..self }
    }

    /// Has people chat at this path, by the channel of this name; who speaks for which session says `access`.
    ///
    /// Fails unless the engine was [built](flow_core::EngineBuilder::collected) so that what is said by that channel waits to be
    /// collected.
    pub fn chat(
        mut self,
        path: impl Into<String>,
        channel: impl Into<String>,
        access: Access,
    ) -> Result<Self, NotCollected> {
        let channel = channel.into();
        if !self.engine.collects(&channel) {
            return Err(NotCollected { channel });
        }
        self.chats.push((path.into(), channel, access));
        Ok(self)
    }

    /// Takes requests for so long when it is to end, while `/readyz` says already that it is not ready, so that what stands before
    /// it has the time to send them elsewhere. Not at all unless set.
    #[must_use]
    pub fn unready(self, unready: Duration) -> Self {
        Self { unready, ..self }
    }

    /// Has a platform deliver at this path what people write on it. The path must not be a secret: each request is verified.
    ///
    /// The platform is answered once a message is stored. What cannot be stored now is answered with 503, and the platform keeps it.
    ///
    /// Fails unless the engine [sends](flow_core::EngineBuilder::channel) replies by a channel of the line's name.
    pub fn webhook<P: Platform>(mut self, path: impl Into<String>, line: &Line<P>) -> Result<Self, NoChannel> {
        if !self.engine.sends_by(line.name()) {
            return Err(NoChannel { channel: line.name().to_owned() });
        }
        let (path, line, engine, room) = (path.into(), line.clone(), self.engine.clone(), Room::new());
        self.webhooks.push(Arc::new(move |limits, metrics| {
            let webhook = Webhook { engine: engine.clone(), line: line.clone(), limits, metrics, room: room.clone() };
            platform::routes(&path, webhook)
        }));
        Ok(self)
    }

    /// The routes, to be nested into an app.
    ///
    /// The app calls [`close`](Self::close) before it shuts down, so that streams end.
    pub fn routes(&self) -> Router {
        let mut routes = health::routes(self).merge(self.beside.clone());
        for (path, channel, access) in &self.chats {
            let chat = Chat {
                engine: self.engine.clone(),
                access: access.clone(),
                channel: channel.clone(),
                limits: self.limits.clone(),
                shares: Arc::clone(&self.shares),
                proxies: self.proxies.clone(),
                closing: self.closing.subscribe(),
            };
            let path = path.trim_end_matches('/');
            let asked = api::routes(chat);
            let asked = if path.is_empty() { asked } else { Router::new().nest(path, asked) };
            let asked = page::routes(path).merge(asked).method_not_allowed_fallback(not_so);
            routes = routes.merge(asked.layer(from_fn_with_state(self.origins.clone(), origins::across)));
        }
        for webhook in &self.webhooks {
            routes = routes.merge(webhook(self.limits.clone(), self.metrics.clone()));
        }
        let routes = routes
            .fallback(|| async { Problem::NOT_FOUND })
            .method_not_allowed_fallback(not_so)
            .layer(from_fn(spanned));
        match &self.metrics {
            Some(metrics) => routes.layer(from_fn_with_state(metrics.clone(), counted)),
            None => routes,
        }
    }

    /// Says that it ends: it is not ready any more, and streams of replies end, to go on at another process.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }
}

impl<F: Flow> Clone for Site<F> {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            limits: self.limits.clone(),
            chats: self.chats.clone(),
            webhooks: self.webhooks.clone(),
            beside: self.beside.clone(),
            metrics: self.metrics.clone(),
            shares: Arc::clone(&self.shares),
            proxies: self.proxies.clone(),
            origins: self.origins.clone(),
            probe: Arc::clone(&self.probe),
            may_know: Arc::clone(&self.may_know),
            closing: Arc::clone(&self.closing),
            unready: self.unready,
            is_to_end: Arc::clone(&self.is_to_end),
        }
    }
}

impl<F: Flow> fmt::Debug for Site<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("engine", &self.engine).field("limits", &self.limits).finish_non_exhaustive()
    }
}
