//! What the log says of a turn: what it has come to, by names of states alone; a failure with its text, and with everything
//! private in it struck out.

use super::{order::Ordered, request::TurnRequest};
use crate::{
    Cause, Failure, Flow, Input, Message, Session, Wire,
    declare::StateData,
    engine::{
        Durability,
        observer::{TurnEnded, TurnKind},
    },
    privacy::Redaction,
};

/// Logs what a turn has come to. At debug: there is a turn for each message, and a log of them is for a look at one conversation.
pub(super) fn log_turn(turn: &TurnEnded<'_>) {
    let session = turn.session;
    for step in turn.transitions {
        let (from, to) = (step.from.as_deref().unwrap_or("none"), &*step.to);
        match step.by {
            Cause::Lapsed => tracing::debug!(%session, state = to, "a session has expired"),
            Cause::Resumed => tracing::debug!(%session, state = to, "a session is taken up again"),
            by if by.stays() => tracing::debug!(%session, state = to, %by, "a session stays where it stands"),
            by if by.begins() => tracing::debug!(%session, state = to, %by, "a conversation begins"),
            by => tracing::debug!(%session, from, to, %by, "a session moves"),
        }
    }
    if turn.ended {
        tracing::debug!(%session, state = turn.state.unwrap_or("none"), "a conversation has come to its end");
    }
    let (kind, rounds) = (turn.kind.as_str(), turn.rounds);
    match turn.kind {
        TurnKind::Taken | TurnKind::Over | TurnKind::Paused => {
            let stored = turn.durability.is_some_and(|durability| matches!(durability, Durability::Stored));
            let state = turn.state.unwrap_or("none");
            tracing::debug!(%session, state, kind, rounds, stored, "a turn was taken");
        }
        _ => tracing::debug!(%session, kind, rounds, "a turn has changed nothing"),
    }
}

/// Logs what went wrong in the handler.
pub(super) fn log_failure<F: Flow>(session: Option<&Session<F>>, request: &TurnRequest<'_, F>, failure: &Failure) {
    let redaction = redaction_of(session, request);
    let state = session.map_or_else(|| "none".into(), Session::standing);
    let error = redaction.clean(&failure.chain());
    tracing::error!(state, kind = failure.kind(), error, "the handler failed");
}

/// Everything that a failure's text may quote and a log must not hold.
fn redaction_of<F: Flow>(session: Option<&Session<F>>, request: &TurnRequest<'_, F>) -> Redaction {
    let mut redaction = Redaction::default();
    if let Some(session) = session {
        redaction = session.redact(redaction);
        // What kind of thing was offered, private or not, the record does not tell.
        redaction = session.payloads().iter().fold(redaction, |redaction, payload| redaction.and(payload));
        redaction = session.labels().fold(redaction, Redaction::and);
        redaction = session.offered().unwrap_or_default().iter().fold(redaction, Redaction::and_all_of);
    }
    match request {
        TurnRequest::Operator(order) => match &order.what {
            Ordered::Move(state) => redaction.of(&StateData(state)),
            Ordered::Say(reply) => redaction.and(reply.text()),
            Ordered::Pause(_) | Ordered::Resume { .. } => redaction,
        },
        TurnRequest::Undeliverable(undelivered) => {
            let payload = undelivered.signal.payload().unwrap_or_default();
            redaction.and(undelivered.address.place()).and_all_of(&payload)
        }
        TurnRequest::Receipt(received) => redaction.and_all_of(&received.signal.payload().unwrap_or_default()),
        request => match request.message().map(Message::input) {
            Some(Input::Text(text)) => redaction.and(text),
            Some(Input::Button(button)) => {
                redaction.and(&button.payload).and(button.label.as_deref().unwrap_or_default())
            }
            Some(Input::Signal(signal)) => redaction.and_all_of(&signal.payload),
            Some(input @ (Input::Media(_) | Input::Place(_) | Input::Contact(_) | Input::Command(_))) => {
                redaction.of(input)
            }
            None => redaction,
        },
    }
}
