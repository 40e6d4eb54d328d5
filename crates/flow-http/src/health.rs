//! What whoever runs the process asks: whether it lives, and whether it is ready.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use flow_core::{Flow, engine::Health};
use serde_json::{Map, Value, json};

use crate::Site;

/// `/livez`: the process answers. `/readyz`: what it needs answers, too.
pub(crate) fn routes<F: Flow>(site: &Site<F>) -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready::<F>))
        .with_state(site.clone())
}

async fn ready<F: Flow>(State(site): State<Site<F>>) -> Response {
    let health = site.engine.health().await;
    let is_closing = *site.closing.borrow() || health.is_shutting_down;
    let is_ready = health.is_well() && !is_closing;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut response =
        (status, Json(json!({ "ready": is_ready, "parts": parts(&health, is_closing) }))).into_response();
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
