//! `setWebhook` and what belongs to it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::{
    arguments::Arguments,
    desk::{CONNECTIONS, Desk, Outcome},
    refusal::Refusal,
    state::Webhook,
};

/// The documentation of `setWebhook`: 1-256 characters, `A-Z`, `a-z`, `0-9`, `_` and `-`.
const LONGEST_SECRET: usize = 256;

pub(super) fn set(desk: &Arc<Desk>, arguments: &Arguments) -> Outcome {
    let url = arguments.text("url");
    if url.is_empty() {
        return Ok(delete(desk, arguments));
    }
    if !url.starts_with("http://") {
        // Telegram itself wants https; a Bot API server of one's own takes both. This one has no certificates.
        return Err(Refusal::bad("bad webhook: this stub delivers to http:// addresses alone"));
    }
    if url.parse::<hyper::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).is_none() {
        return Err(Refusal::bad("invalid webhook URL specified"));
    }
    let secret = arguments.text("secret_token");
    if secret.len() > LONGEST_SECRET {
        return Err(Refusal::bad("secret token is too long"));
    }
    if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) {
        return Err(Refusal::bad("secret token contains unallowed characters"));
    }
    let connections = arguments.integer("max_connections").unwrap_or(0);
    let connections = if connections > 0 { connections.min(100).unsigned_abs() } else { CONNECTIONS as u64 };
    let connections = usize::try_from(connections).expect("at most 100");
    begin(desk, arguments, Some(Webhook { url, secret, connections }));
    Ok((json!(true), Some("Webhook was set")))
}

pub(super) fn delete(desk: &Arc<Desk>, arguments: &Arguments) -> (Value, Option<&'static str>) {
    let had_one = desk.state().webhook.is_some();
    begin(desk, arguments, None);
    (json!(true), Some(if had_one { "Webhook was deleted" } else { "Webhook is already deleted" }))
}

pub(super) fn info(desk: &Desk) -> Value {
    let state = desk.state();
    let mut info = json!({
        "url": state.webhook.as_ref().map_or("", |webhook| &*webhook.url),
        "has_custom_certificate": false,
        "pending_update_count": state.updates.count(),
    });
    if let Some(webhook) = &state.webhook {
        info["max_connections"] = webhook.connections.into();
        info["ip_address"] = "127.0.0.1".into();
    }
    if let Some((time, why)) = &state.last_error {
        info["last_error_date"] = (*time).into();
        info["last_error_message"] = why.clone().into();
    }
    if let Some(allowed) = state.updates.allowed() {
        info["allowed_updates"] = json!(allowed);
    }
    info
}

/// The kinds of `allowed_updates`, if it is named.
pub(super) fn kinds(arguments: &Arguments) -> Option<Vec<String>> {
    let kinds = arguments.json("allowed_updates").ok()??;
    Some(kinds.as_array()?.iter().filter_map(|kind| kind.as_str().map(str::to_owned)).collect())
}

/// What waits goes by the new way, and whoever polls is told.
fn begin(desk: &Arc<Desk>, arguments: &Arguments, webhook: Option<Webhook>) {
    let mut state = desk.state();
    if arguments.is_true("drop_pending_updates") {
        state.updates.clear();
    }
    desk.stage.postman.begin_anew(webhook.as_ref().map_or(CONNECTIONS, |webhook| webhook.connections));
    if webhook.is_some() {
        state.updates.allow(kinds(arguments));
        state.last_error = None;
    }
    state.webhook = webhook;
    let pending = if state.webhook.is_some() { state.updates.pending() } else { Vec::new() };
    for update in pending {
        desk.post(update);
    }
    drop(state);
    desk.news.notify_waiters();
}
