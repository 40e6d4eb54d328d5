//! A bot on the web, served as its operator chooses: [`Settings::site`] and [`Settings::serve`].

use std::{future::Future, io};

use tokio::net::TcpListener;

use crate::{
    Engine, Flow, Secret,
    http::{
        Ended, Limits, Metrics, Origins, Proxies, Readiness, Site, Tokens,
        axum::http::{HeaderName, header::AUTHORIZATION, request::Parts},
    },
};

use super::Settings;

/// What tokens of requests are compared for.
const PURPOSE: &str = "flow-chat: monitoring";

/// With a server, of the feature `http`.
impl Settings {
    /// A site for the bot with the limits of these settings. It tells the metrics, and which part is away, to requests with the
    /// `server.monitoring_token`.
    ///
    /// What it is told afterwards counts over the settings.
    ///
    /// ```no_run
    /// # use flow_chat::{EngineBuilder, Flow, engine::Shelf, http::{Access, Metrics}, service::Sources};
    /// # async fn run<F: Flow>(
    /// #     builder: EngineBuilder<F>, told_to_end: impl Future<Output = ()>,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let settings = Sources::new().channel("telegram").environment().read()?;
    /// let storage = settings.connect().await?;
    /// let metrics = Metrics::new();
    /// let builder = builder.collected("web", Shelf::default()).observer(metrics.clone()); // of `Booking::engine(Salon::new())`
    /// let engine = storage.engine(settings.configure(builder));
    /// settings.worker(&engine).start();
    /// let tokens = settings.tokens().ok_or("set FLOW_SECRET")?;
    /// let site = settings.site(engine, metrics).chat("/chat", "web", Access::by_token(tokens))?;
    /// let ended = settings.serve(site, told_to_end).await?; // by SIGTERM, say
    /// println!("{ended}"); // "everything was done", or what was left to the next process
    /// # Ok(())
    /// # }
    /// ```
    pub fn site<F: Flow>(&self, engine: Engine<F>, metrics: Metrics) -> Site<F> {
        let server = self.server();
        let limits = Limits::default()
            .body(server.body)
            .body_time(server.body_time)
            .header_time(server.header_time)
            .head(server.head)
            .headers(server.headers)
            .unread_time(server.unread_time)
            .connections(server.connections)
            .streams(server.streams)
            .streams_each(server.streams_each)
            .burst(server.burst)
            .pause(server.pause)
            .address_connections(server.address_connections)
            .address_streams(server.address_streams)
            .address_burst(server.address_burst)
            .address_pause(server.address_pause)
            .openings(server.openings)
            .opening_pause(server.opening_pause);
        let site = Site::new(engine).limits(limits).metrics(metrics).proxies(self.proxies()).origins(self.origins());
        let site =
            if server.is_ready_without_archive { site.readiness(Readiness::default().without_archive()) } else { site };
        match server.monitoring_token.clone() {
            Some(token) => site.tells(move |request| shows(request, &token)),
            None => site,
        }
    }

    fn proxies(&self) -> Proxies {
        let server = self.server();
        let Some(count) = server.proxies else { return Proxies::default() };
        let header = server.proxy_header.as_ref().and_then(|header| HeaderName::from_bytes(header.as_bytes()).ok());
        match header {
            Some(header) => Proxies::count(count).in_header(header),
            None => Proxies::count(count),
        }
    }

    /// They were looked at when they were read.
    fn origins(&self) -> Origins {
        Origins::new(self.server().origins.clone()).unwrap_or_default()
    }

    /// Signs the tokens by which browsers come back, with `secret`, and knows those of `previous_secret`; none unless `secret` is
    /// set.
    pub fn tokens(&self) -> Option<Tokens> {
        let tokens = Tokens::signed_with(self.secret()?.clone());
        Some(match self.previous_secret() {
            Some(before) => tokens.known_by(before.clone()),
            None => tokens,
        })
    }

    /// Serves the site at `server.listen` until `end` is there. Then it is not ready any more, takes no more connections once
    /// `server.unready` has passed, and ends within `server.patience`: it answers what it has begun to, and shuts the engine down.
    ///
    /// Fails if the address cannot be listened at.
    pub async fn serve<F: Flow>(&self, site: Site<F>, end: impl Future<Output = ()>) -> io::Result<Ended> {
        let listener = TcpListener::bind(self.listen()).await?;
        Ok(self.serve_at(site, listener, end).await)
    }

    /// The same, where this listens: for a bot that tells its address first.
    pub async fn serve_at<F: Flow>(
        &self,
        site: Site<F>,
        listener: TcpListener,
        end: impl Future<Output = ()>,
    ) -> Ended {
        let server = self.server();
        site.unready(server.unready).serve_at(listener, end, server.patience).await
    }
}

/// Whether a request has this as its bearer token.
fn shows(request: &Parts, token: &Secret) -> bool {
    let given = request.headers.get(AUTHORIZATION).and_then(|given| given.to_str().ok());
    let given =
        given.and_then(|given| given.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let given = given.and_then(|(_, given)| Secret::new(given.trim()).ok());
    // By tags of both, so that how long it takes tells nothing of the token.
    given.is_some_and(|given| token.knows(PURPOSE, b"", &given.tag(PURPOSE, b"")))
}
