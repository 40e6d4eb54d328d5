//! What clients ask and say: the routes of a chat.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::{get, post},
};
use flow_core::{
    Address, Bookmark, Collector, Engine, Flow, Input, Message, SessionId,
    engine::{Accepted, Heard},
    graph::Role,
};
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::{sync::watch, time::timeout};

use crate::{
    Access, Limits, Proxies,
    access::Way,
    problem::Problem,
    streams::{Place, Shares},
    wire::{Said, Told},
};

/// How often a stream says that it is still there.
const KEPT_ALIVE_EACH: Duration = Duration::from_secs(15);

/// The longest id of a message.
const LONGEST_ID: usize = 64;

/// One chat of a site.
pub(crate) struct Chat<F: Flow> {
    pub(crate) engine: Engine<F>,
    pub(crate) access: Access,
    /// The name of its channel.
    pub(crate) channel: String,
    pub(crate) limits: Limits,
    pub(crate) shares: Arc<Shares>,
    pub(crate) proxies: Proxies,
    pub(crate) closing: watch::Receiver<bool>,
}

type Shared<F> = State<Arc<Chat<F>>>;

pub(crate) fn routes<F: Flow>(chat: Chat<F>) -> Router {
    Router::new()
        .route("/sessions", post(open::<F>))
        .route("/messages", post(say::<F>))
        .route("/replies", get(replies::<F>))
        .route("/session", get(session::<F>))
        .with_state(Arc::new(chat))
}

/// Opens a conversation: the client gets the token with which it comes back. Nothing is stored before something is said.
async fn open<F: Flow>(State(chat): Shared<F>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    chat.shares.opening(chat.proxies.client(&parts))?;
    match &chat.access.0 {
        Way::Tokens(tokens) => {
            let (_, token) = tokens.issue();
            Ok(private((StatusCode::CREATED, Json(json!({ "token": token })))))
        }
        // An app's users come back as who they are.
        Way::Asked(_) => {
            chat.access.session_of(&parts)?;
            Ok(private((StatusCode::CREATED, Json(json!({})))))
        }
    }
}

/// Takes what was said, and answers once it is stored.
async fn say<F: Flow>(State(chat): Shared<F>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    chat.shares.message_from(chat.proxies.client(&parts))?;
    let id = chat.access.session_of(&parts)?;
    chat.shares.message(id)?;
    let body = read(body, &chat.limits).await?;
    let said: Said = serde_json::from_slice(&body).map_err(|_| Problem::bad("this is no message: see the protocol"))?;
    let message = chat.message(id, said, &parts.headers)?;
    let (status, outcome) = match chat.engine.accept(id, message).await? {
        Accepted::Handled(_) => (StatusCode::OK, "handled"),
        Accepted::Waiting => (StatusCode::ACCEPTED, "waiting"),
    };
    Ok(private((status, Json(json!({ "outcome": outcome })))))
}

impl<F: Flow> Chat<F> {
    fn message(&self, id: SessionId, said: Said, headers: &HeaderMap) -> Result<Message, Problem> {
        if said.id.is_empty() || said.id.len() > LONGEST_ID {
            return Err(Problem::bad("the id of a message has 1 to 64 bytes"));
        }
        let input = match (said.text, said.press) {
            (Some(text), None) if !text.is_empty() => Input::text(text),
            (None, Some(press)) if !press.is_empty() => Input::button(press),
            _ => return Err(Problem::bad("a message has either a text or a press")),
        };
        // The session names the place: whoever has its token is there.
        let mut message = input.with_id(said.id).with_address(Address::new(&*self.channel, id.to_string()));
        if let Some(language) = language(headers) {
            message = message.with_language(language);
        }
        if let Some(seen) = said.seen {
            message = message.with_collected(seen);
        }
        Ok(message)
    }
}

#[derive(Deserialize)]
struct After {
    after: Option<String>,
}

/// What was said: as a stream, or as a list.
async fn replies<F: Flow>(State(chat): Shared<F>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let id = chat.access.session_of(&parts)?;
    chat.shares.question_from(chat.proxies.client(&parts))?;
    let Query(After { after }) =
        Query::try_from_uri(&parts.uri).map_err(|_| Problem::bad("this is no question: see the protocol"))?;
    let last = parts.headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let after = last.or(after).filter(|after| !after.is_empty());
    let after = after.map(|after| after.parse::<Bookmark>()).transpose();
    let after = after.map_err(|_| Problem::bad("this is the id of no reply"))?;
    if wants_stream(&parts) {
        let place = chat.shares.stream(id, chat.proxies.client(&parts))?;
        let collector = chat.engine.collector(id, after);
        return Ok(stream_of(collector, place, chat.closing.clone()));
    }
    let collection = chat.engine.collect(id, after).await?;
    let replies: Vec<_> = collection.replies.iter().map(Told::from).collect();
    Ok(private(Json(json!({ "replies": replies, "missed": collection.missed }))))
}

fn wants_stream(parts: &Parts) -> bool {
    let accepted = parts.headers.get_all(header::ACCEPT).iter().filter_map(|accepted| accepted.to_str().ok());
    accepted.flat_map(|accepted| accepted.split(',')).any(|kind| kind.trim().starts_with("text/event-stream"))
}

/// Replies as they are said, until the client is gone, the site ends, or the record cannot be asked: then the client comes again.
fn stream_of<F: Flow>(collector: Collector<F>, place: Place, closing: watch::Receiver<bool>) -> Response {
    let events = stream::unfold((collector, place, closing), |(mut collector, place, mut closing)| async move {
        let heard = tokio::select! {
            heard = collector.next() => heard,
            // An app may have dropped the site, and goes on with its routes.
            Ok(_) = closing.wait_for(|is_closing| *is_closing) => return None,
        };
        match heard {
            Ok(heard) => Some((Ok::<_, Infallible>(event(&heard)), (collector, place, closing))),
            Err(error) => {
                tracing::warn!(%error, "a stream of replies ends: what was said cannot be asked");
                None
            }
        }
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEPT_ALIVE_EACH)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // For proxies that would keep it until it ends.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

fn event(heard: &Heard) -> Event {
    let event = Event::default();
    match heard {
        Heard::Reply(said) => {
            let told = Told::from(said);
            event.event("reply").id(said.bookmark.to_string()).data(serde_json::to_string(&told).unwrap_or_default())
        }
        Heard::Missed(count) => event.event("missed").data(json!({ "count": count }).to_string()),
        Heard::Ready => event.event("ready").data("{}"),
        Heard::Typing => event.event("typing").data("{}"),
        _ => event.comment(""),
    }
}

/// Where the conversation stands, as far as an app may show it.
async fn session<F: Flow>(State(chat): Shared<F>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let id = chat.access.session_of(&parts)?;
    chat.shares.question_from(chat.proxies.client(&parts))?;
    let session = chat.engine.peek(id).await?.ok_or(Problem::NO_SESSION)?;
    let state = session.state();
    let view = json!({
        "state": state.name(),
        "ended": state.node().role == Role::End,
        "paused": session.pause().is_some(),
        "updatedAt": session.updated_at(),
    });
    Ok(private(Json(view)))
}

/// The language that comes first in what the client accepts.
fn language(headers: &HeaderMap) -> Option<&str> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let first = accepted.split([',', ';']).next()?.trim();
    let is_tag = |tag: &&str| {
        (2..=35).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    Some(first).filter(is_tag)
}

/// The body of a request, within its bounds.
pub(crate) async fn read(body: Body, limits: &Limits) -> Result<Vec<u8>, Problem> {
    read_within(body, limits, |_| Ok(())).await
}

/// The same, as long as there is room for so many bytes as it has so far.
pub(crate) async fn read_within(
    body: Body,
    limits: &Limits,
    mut room: impl FnMut(usize) -> Result<(), Problem>,
) -> Result<Vec<u8>, Problem> {
    let arrives = async {
        let (mut chunks, mut read) = (body.into_data_stream(), Vec::new());
        while let Some(chunk) = chunks.next().await {
            // It is no body, or its client is gone.
            let chunk = chunk.map_err(|_| Problem::bad("the body of the request is broken"))?;
            if read.len() + chunk.len() > limits.body {
                return Err(Problem::TOO_LARGE);
            }
            room(read.len() + chunk.len())?;
            read.extend_from_slice(&chunk);
        }
        Ok(read)
    };
    timeout(limits.body_time, arrives).await.map_err(|_| Problem::TOO_SLOW)?
}

/// An answer that no proxy keeps.
fn private(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_may_say_is_what_the_document_tells() {
        let document: serde_json::Value = serde_json::from_str(include_str!("../openapi.json")).expect("JSON");
        let told = document["components"]["schemas"]["Message"]["properties"].as_object().expect("properties");
        // The reader names all that it takes, beside what it does not.
        let error = serde_json::from_str::<Said>(r#"{"nonsense":1}"#).err().expect("no message").to_string();
        let taken = error.split('`').skip(3).step_by(2);
        let mut told: Vec<_> = told.keys().map(String::as_str).collect();
        told.sort_unstable();
        let mut taken: Vec<_> = taken.collect();
        taken.sort_unstable();
        assert_eq!(taken, told, "{error}");
    }
}
