//! Where a platform delivers: verified, read, accepted, and only then answered.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::any,
};
use chrono::Utc;
use flow_core::{Engine, EngineError, Flow, SessionId};
use futures_util::future::join_all;

use super::{Arrived, Hook, Line, Platform};
use crate::{Limits, Metrics, api::read, problem::Problem};

/// Where messages of one line arrive.
pub(crate) struct Webhook<F: Flow, P> {
    pub(crate) engine: Engine<F>,
    pub(crate) line: Line<P>,
    pub(crate) limits: Limits,
    pub(crate) metrics: Option<Metrics>,
}

pub(crate) fn routes<F: Flow, P: Platform>(path: &str, webhook: Webhook<F, P>) -> Router {
    Router::new().route(path, any(deliver::<F, P>)).with_state(Arc::new(webhook))
}

async fn deliver<F: Flow, P: Platform>(State(webhook): State<Arc<Webhook<F, P>>>, request: Request) -> Response {
    let (answer, came_of_it) = webhook.take(request).await;
    if let Some(metrics) = &webhook.metrics {
        metrics.delivered(webhook.line.name(), came_of_it);
    }
    answer
}

impl<F: Flow, P: Platform> Webhook<F, P> {
    /// Takes what a platform delivers. Tells how that is answered, and what came of it, in a word.
    async fn take(&self, request: Request) -> (Response, &'static str) {
        let (parts, body) = request.into_parts();
        let body = match read(body, &self.limits.clone().body(P::LARGEST_REQUEST)).await {
            Ok(body) => body,
            Err(problem) => return (problem.into_response(), "too_much"),
        };
        let (hook, platform) = (Hook::new(&parts, &body, Utc::now()), self.line.platform());
        if let Err(forged) = platform.verify(&hook) {
            tracing::debug!(channel = self.line.name(), %forged, "a request that claims to come from a platform does not");
            return (Problem::FORGED.into_response(), "forged");
        }
        let arrivals = match platform.read(&hook) {
            Ok(arrivals) => arrivals,
            Err(unreadable) => {
                tracing::warn!(channel = self.line.name(), %unreadable, "what a platform delivered cannot be read");
                return (Problem::bad("this cannot be read").into_response(), "unreadable");
            }
        };
        if arrivals.messages.is_empty() {
            return (arrivals.answer, "nothing");
        }
        match self.accept(arrivals.messages).await {
            Ok(refused) if refused > 0 => (arrivals.answer, "refused"),
            Ok(_) => (arrivals.answer, "accepted"),
            Err(error) => (not_now(error), "not_now"),
        }
    }

    /// Accepts messages: those of one session one after the other, so that none overtakes another. Tells how many of them can never
    /// be.
    ///
    /// Fails if one of them could not be accepted now. The platform delivers them again, and those that were accepted are known.
    async fn accept(&self, messages: Vec<Arrived>) -> Result<usize, EngineError> {
        let mut by_session: BTreeMap<SessionId, Vec<Arrived>> = BTreeMap::new();
        for arrived in messages {
            by_session.entry(self.line.session_of(&arrived)).or_default().push(arrived);
        }
        let accepted = join_all(by_session.into_values().map(|messages| self.accept_in_order(messages))).await;
        accepted.into_iter().sum()
    }

    async fn accept_in_order(&self, messages: Vec<Arrived>) -> Result<usize, EngineError> {
        let mut refused = 0;
        for arrived in messages {
            match self.line.accept(&self.engine, arrived).await {
                Ok(_) => {}
                Err(error) if is_for_good(&error) => {
                    tracing::warn!(channel = self.line.name(), %error, "a message of a platform is not taken, and would never be");
                    refused += 1;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(refused)
    }
}

/// Whether a message will never be accepted, however often it is delivered: the platform is told that it has arrived, so that it does
/// not deliver it for days, before all that comes after it.
fn is_for_good(error: &EngineError) -> bool {
    matches!(error, EngineError::InputTooLarge { .. } | EngineError::OwnId | EngineError::UnwritableMessage)
}

/// What tells a platform to deliver again later.
fn not_now(error: EngineError) -> Response {
    let full = matches!(error, EngineError::InboxFull { .. });
    let mut response = Problem::from(error).into_response();
    // Some platforms take what is no failure of the server for an answer that will not change.
    if full {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}
