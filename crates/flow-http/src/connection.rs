//! One connection of a served site: how it is answered, and which limit ended it. [`Door`].

use std::{
    error::Error as _,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{Router, extract::ConnectInfo};
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::Watcher,
    service::TowerToHyperService,
};
use tokio::net::TcpStream;

use crate::{
    Limits, Metrics,
    limits::{LONGEST, Limit},
    patient::Patient,
};

/// The least that hyper takes for the head of a request.
const LEAST_HEAD: usize = 8 * 1024;

/// Where connections come in.
#[derive(Clone)]
pub(crate) struct Door {
    http: http1::Builder,
    limits: Limits,
    routes: Router,
    metrics: Option<Metrics>,
}

impl Door {
    pub(crate) fn new(routes: Router, limits: Limits, metrics: Option<Metrics>) -> Self {
        let mut http = http1::Builder::new();
        let header_time = limits.header_time.min(LONGEST);
        http.timer(TokioTimer::new()).header_read_timeout(header_time).max_headers(limits.headers);
        http.max_buf_size(limits.head.max(LEAST_HEAD));
        Self { http, limits, routes, metrics }
    }

    /// Counts a limit that was met.
    pub(crate) fn met(&self, limit: Limit) {
        if let Some(metrics) = &self.metrics {
            metrics.limit_met(limit);
        }
    }

    /// Answers what is asked over this connection, until it ends.
    pub(crate) async fn serve(&self, stream: TcpStream, peer: SocketAddr, ends: Watcher) {
        let has_asked = Arc::new(AtomicBool::new(false));
        let routes = TowerToHyperService::new(self.routes.clone());
        let service = {
            let has_asked = Arc::clone(&has_asked);
            service_fn(move |mut request: Request<Incoming>| {
                has_asked.store(true, Ordering::Relaxed);
                request.extensions_mut().insert(ConnectInfo(peer));
                routes.call(request)
            })
        };
        let stream = TokioIo::new(Patient::new(stream, self.limits.unread_time));
        let Err(error) = ends.watch(self.http.serve_connection(stream, service)).await else { return };
        if let Some(limit) = limit(&error, has_asked.load(Ordering::Relaxed)) {
            self.met(limit);
        }
        // Mostly its client is gone.
        tracing::debug!(%error, "a connection has ended");
    }
}

/// The limit that has ended a connection; none if it was something else.
fn limit(error: &hyper::Error, has_asked: bool) -> Option<Limit> {
    if is_unread(error) {
        return Some(Limit::Unread);
    }
    if error.is_timeout() {
        // A connection that was used, and then rested, has met nothing.
        return (!has_asked).then_some(Limit::HeadTime);
    }
    if error.is_parse_too_large() {
        return Some(Limit::Head);
    }
    error.is_parse().then_some(Limit::Malformed)
}

/// Whether the client has left what was sent to it unread.
fn is_unread(error: &hyper::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.downcast_ref().is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::TimedOut) {
            return true;
        }
        cause = error.source();
    }
    false
}
