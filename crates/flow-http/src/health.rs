//! What whoever runs the process asks: whether it lives, whether it is ready, and what it does in numbers.

use std::sync::atomic::Ordering;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use flow_core::{Flow, engine::Health};
use serde_json::{Map, Value, json};

use crate::{Refused, Site, problem::Problem};

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
    let text = metrics.text_with(Some(&site.engine.stats()), site.shares.streams());
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

async fn ready<F: Flow>(State(site): State<Site<F>>, request: Request) -> Response {
    let (asked, _) = request.into_parts();
    let health = site.engine.health().await;
    let is_closing = *site.closing.borrow() || site.is_to_end.load(Ordering::Relaxed) || health.is_shutting_down;
    let is_ready = health.is_well() && !is_closing;
    let mut told = json!({ "ready": is_ready });
    if (site.may_know)(&asked) {
        told["parts"] = parts(&health, is_closing).into();
    }
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut response = (status, Json(told)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Each part by its name, and whether it is well. Why it is not stands in the log: an error may name a server.
fn parts(health: &Health, is_closing: bool) -> Map<String, Value> {
    let word = |is_well: bool| Value::from(if is_well { "well" } else { "away" });
    let mut parts = Map::new();
    parts.insert("store".into(), word(health.store.is_ok()));
    if let Some(archive) = &health.archive {
        parts.insert("archive".into(), word(archive.is_ok()));
    }
    if let Some(worker) = health.worker {
        parts.insert("worker".into(), word(worker));
    }
    if is_closing {
        parts.insert("process".into(), "ending".into());
    }
    parts
}
