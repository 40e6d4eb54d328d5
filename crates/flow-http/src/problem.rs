//! What a client is told when something is wrong: a code, and a sentence with nothing of a visitor in it. [`Problem`].

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flow_core::EngineError;
use serde_json::json;

use crate::{Refused, limits::Limit};

/// Why a request is not answered as it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
    again_after: Option<Duration>,
    /// The limit that was met.
    limit: Option<Limit>,
}

impl Problem {
    const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message, again_after: None, limit: None }
    }

    pub(crate) const fn bad(message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub(crate) const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here");
    pub(crate) const NO_SESSION: Self =
        Self::new(StatusCode::NOT_FOUND, "not_found", "nothing was said in this conversation yet");
    pub(crate) const NOT_ALLOWED_METHOD: Self =
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this is not how to ask here");
    pub(crate) const ELSEWHERE: Self =
        Self::new(StatusCode::FORBIDDEN, "not_allowed", "a page of this origin may not speak here");
    pub(crate) const TOO_LARGE: Self =
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "this is more than is taken at once").met(Limit::Body);
    pub(crate) const TOO_SLOW: Self =
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the request took too long to arrive").met(Limit::BodyTime);

    pub(crate) const FORGED: Self =
        Self::new(StatusCode::UNAUTHORIZED, "forged", "this does not come from where it says");

    /// Too much of something: it may be tried again then.
    pub(crate) const fn too_many(limit: Limit, message: &'static str, again_after: Duration) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", message).met(limit);
        Self { again_after: Some(again_after), ..problem }
    }

    /// What is needed is not there: it may be tried again soon.
    pub(crate) const fn unavailable(message: &'static str) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message);
        Self { again_after: Some(Duration::from_secs(1)), ..problem }
    }

    const fn met(self, limit: Limit) -> Self {
        Self { limit: Some(limit), ..self }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unknown => {
                Self::new(StatusCode::UNAUTHORIZED, "unknown_token", "open a conversation, and come with its token")
            }
            Refused::Forbidden => Self::new(StatusCode::FORBIDDEN, "not_allowed", "this is not yours"),
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Busy(_) => Self::unavailable("too much is going on at the moment"),
            EngineError::ShuttingDown => Self::unavailable("the server is being restarted"),
            EngineError::InboxFull { .. } => {
                let message = "as many messages wait as may: wait for an answer";
                Self::too_many(Limit::Inbox, message, Duration::from_secs(2))
            }
            EngineError::InputTooLarge { .. } => Self::TOO_LARGE.met(Limit::Input),
            EngineError::OwnId => Self::bad("the id of a message has no control characters in it"),
            EngineError::Store(ref fault) | EngineError::Archive(ref fault) if fault.is_outage() => {
                tracing::warn!(%error, "a request is not answered: what keeps the conversation is away");
                Self::unavailable("the conversation cannot be reached at the moment")
            }
            error => {
                let causes = causes(&error);
                tracing::error!(%error, causes, "a request cannot be answered");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something is wrong here")
            }
        }
    }
}

/// What an error was caused by, in one line.
fn causes(error: &EngineError) -> String {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(one) = cause {
        causes.push(one.to_string());
        cause = one.source();
    }
    causes.join(": ")
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": { "code": self.code, "message": self.message } }));
        let mut response = (self.status, body).into_response();
        if let Some(again_after) = self.again_after {
            let seconds = again_after.as_millis().div_ceil(1000).max(1);
            if let Ok(seconds) = HeaderValue::from_str(&seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, seconds);
            }
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(limit) = self.limit {
            // Whoever counts the answer counts that too.
            response.extensions_mut().insert(limit);
        }
        response
    }
}
