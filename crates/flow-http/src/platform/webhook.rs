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
use flow_core::{Engine, EngineError, Flow, SessionId, engine::Noted};
use futures_util::future::join_all;

use super::{Arrivals, Arrived, Hook, Line, Platform, Receipt, Room};
use crate::{Limits, Metrics, api::read_within, problem::Problem};

/// Where messages of one line arrive.
pub(crate) struct Webhook<F: Flow, P> {
    pub(crate) engine: Engine<F>,
    pub(crate) line: Line<P>,
    pub(crate) limits: Limits,
    pub(crate) metrics: Option<Metrics>,
    pub(crate) room: Room,
}

pub(crate) fn routes<F: Flow, P: Platform>(path: &str, webhook: Webhook<F, P>) -> Router {
    webhook.line.share_pace(&webhook.engine);
    if let Some(metrics) = &webhook.metrics {
        webhook.line.count_waits(metrics);
    }
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
        let mut place = self.room.place();
        let limits = self.limits.clone().body(P::LARGEST_REQUEST);
        let body = match read_within(body, &limits, |length| place.grow(length)).await {
            Ok(body) => body,
            Err(problem) => return (problem.into_response(), "too_much"),
        };
        let (hook, platform) = (Hook::new(&parts, &body, Utc::now()), self.line.platform());
        if let Err(forged) = platform.verify(&hook) {
            tracing::debug!(channel = self.line.name(), %forged, "a request that claims to come from a platform does not");
            return (Problem::FORGED.into_response(), "forged");
        }
        drop(place);
        let arrivals = match platform.read(&hook) {
            Ok(arrivals) => arrivals,
            Err(unreadable) => {
                tracing::warn!(channel = self.line.name(), %unreadable, "what a platform delivered cannot be read");
                return (Problem::bad("this cannot be read").into_response(), "unreadable");
            }
        };
        let Arrivals { messages, receipts, answer, afterwards } = arrivals;
        let has_messages = !messages.is_empty();
        // Each is tried, whatever becomes of the other: what is delivered again is known.
        let (accepted, noted) = (self.accept(messages).await, self.note(&receipts).await);
        if let (Ok(_), Some(work)) = (&accepted, afterwards) {
            tokio::spawn(work);
        }
        match (accepted, noted) {
            (Err(error), _) | (_, Err(error)) => (not_now(error), "not_now"),
            (_, Ok(Noted::Failed)) => {
                (Problem::unavailable("what is told cannot be taken at the moment").into_response(), "failed")
            }
            (Ok(refused), _) if refused > 0 => (answer, "refused"),
            _ if has_messages => (answer, "accepted"),
            (_, Ok(Noted::Nothing)) => (answer, "nothing"),
            _ => (answer, "noted"),
        }
    }

    /// Takes note of receipts: those of one place one after the other. Tells the worst that came of one; nothing if that came of all.
    ///
    /// Fails if one of them could not be noted now.
    async fn note(&self, receipts: &[Receipt]) -> Result<Noted, EngineError> {
        let mut by_place: BTreeMap<&str, Vec<&Receipt>> = BTreeMap::new();
        for receipt in receipts {
            by_place.entry(receipt.place()).or_default().push(receipt);
        }
        let noted = join_all(by_place.into_values().map(|receipts| self.note_in_order(receipts))).await;
        noted.into_iter().try_fold(Noted::Nothing, |worst, noted| Ok(worse_of(worst, noted?)))
    }

    async fn note_in_order(&self, receipts: Vec<&Receipt>) -> Result<Noted, EngineError> {
        let mut worst = Noted::Nothing;
        for receipt in receipts {
            let noted = self.line.take_receipt(&self.engine, receipt).await?;
            if let (Noted::Stored, Some(metrics)) = (noted, &self.metrics) {
                metrics.received(self.line.name(), receipt.became().name());
            }
            worst = worse_of(worst, noted);
        }
        Ok(worst)
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
                Err(error) if error.refuses_the_message() => {
                    tracing::warn!(channel = self.line.name(), %error, "a message of a platform is not taken, and would never be");
                    refused += 1;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(refused)
    }
}

fn worse_of(one: Noted, other: Noted) -> Noted {
    if one == Noted::Failed || other == Noted::Nothing { one } else { other }
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
