//! The page that plays Telegram for a developer: chats, buttons, files, faults, and all that goes to and fro.

mod playing;
mod telling;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hyper::Method;
use serde_json::json;
use tokio::{sync::mpsc, time::timeout};

use super::{
    super::http::{Answer, Request},
    desk::Desk,
    refusal::Refusal,
};

const PAGE: &str = include_str!("page.html");

/// What the page may do. It is one file, and speaks to this server alone; pictures come from where the bot says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                      img-src 'self' data: https: http:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// How often a page that looks is told of changes at most.
const PAUSE: Duration = Duration::from_millis(50);

/// How long nothing may be said to one that looks, after which it would not be known that it has gone.
const SILENCE: Duration = Duration::from_secs(15);

/// Answers what is no call of the Bot API.
pub(super) fn answer(desk: &Arc<Desk>, request: &Request) -> Answer {
    if !is_from_here(request) {
        return Answer::json(403, &json!({ "error": "this page is for the machine on which the stub runs" }));
    }
    match (&request.method, &*request.path) {
        (&Method::GET, "/") => {
            Answer::of(200, "text/html; charset=utf-8", PAGE).header("content-security-policy", POLICY)
        }
        (&Method::GET, "/page/state") => Answer::json(200, &telling::state(desk, request)),
        (&Method::GET, "/page/changes") => changes(desk),
        (&Method::GET, "/page/file") => telling::file(desk, request),
        // No other site can make a browser send a header of its own.
        (&Method::POST, "/page/act" | "/page/file" | "/page/fault") if request.header("x-page").is_none() => {
            Answer::json(403, &json!({ "error": "this is for the page alone" }))
        }
        (&Method::POST, "/page/act") => playing::act(desk, request),
        (&Method::POST, "/page/file") => playing::file(desk, request),
        (&Method::POST, "/page/fault") => playing::fault(desk, request),
        _ => Refusal::of(404, "Not Found").answer(),
    }
}

/// Whether it was asked for by an address of this machine, and not by a name that somebody made lead here.
fn is_from_here(request: &Request) -> bool {
    let host = request.header("host").unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost")
}

/// A line each time something has changed.
fn changes(desk: &Desk) -> Answer {
    let (sender, lines) = mpsc::unbounded_channel();
    let mut changes = desk.stage.changes();
    changes.mark_changed();
    tokio::spawn(async move {
        loop {
            let line = match timeout(SILENCE, changes.changed()).await {
                Ok(Ok(())) => "data: changed\n\n",
                Ok(Err(_)) => return,
                Err(_) => ":\n\n",
            };
            if sender.send(Bytes::from_static(line.as_bytes())).is_err() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
    Answer::stream(lines).header("cache-control", "no-store")
}
