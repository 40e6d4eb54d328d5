//! What whoever runs the process asks: whether it lives, whether it is ready, and what it does in numbers.

use std::{sync::atomic::Ordering, time::Duration};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use flow_core::Flow;
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use crate::{Refused, Site, metrics::Moment, problem::Problem, readiness::Parts};

/// How long the store may take to say whether a worker is there, so that figures are told also while it is away.
const PATIENCE: Duration = Duration::from_secs(1);

/// `/livez`: the process answers. `/readyz`: what it needs answers, too.
pub(crate) fn routes<F: Flow>(site: &Site<F>) -> Router {
    let routes = Router::new().route("/livez", get(|| async { "alive\n" })).route("/readyz", get(ready::<F>));
    let routes = if site.metrics.is_some() { routes.route("/metrics", get(metrics::<F>)) } else { routes };
    routes.with_state(site.clone())
}

async fn metrics<F: Flow>(State(site): State<Site<F>>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let Some(metrics) = site.metrics.as_ref().filter(|_| (site.may_know)(&parts)) else {
        return Err(Refused::Forbidden.into());
    };
    let is_attended = timeout(PATIENCE, site.engine.is_attended()).await.unwrap_or_default();
    let (flow, stats, streams) = (F::GRAPH.name, site.engine.stats(), site.shares.streams());
    let text = metrics.text_at(&Moment { flow, stats, is_attended, streams });
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

async fn ready<F: Flow>(State(site): State<Site<F>>, request: Request) -> Response {
    let (asked, _) = request.into_parts();
    let (parts, is_met) = site.probe.ask().await;
    let is_closing = *site.closing.borrow() || site.is_to_end.load(Ordering::Relaxed) || parts.is_shutting_down;
    let is_ready = is_met && !is_closing;
    let mut told = json!({ "ready": is_ready });
    if (site.may_know)(&asked) {
        told["parts"] = by_name(parts, is_closing).into();
    }
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut response = (status, Json(told)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Each part by its name, and whether it is well. Why it is not stands in the log: an error may name a server.
fn by_name(parts: Parts, is_closing: bool) -> Map<String, Value> {
    let mut told = Map::new();
    let all = [("store", Some(parts.store)), ("archive", parts.archive), ("worker", parts.worker)];
    for (name, is_well) in all {
        if let Some(is_well) = is_well {
            told.insert(name.into(), if is_well { "well" } else { "away" }.into());
        }
    }
    if is_closing {
        told.insert("process".into(), "ending".into());
    }
    told
}
