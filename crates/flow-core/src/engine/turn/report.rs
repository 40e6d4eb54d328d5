//! A failure in the log: with its text, and with everything private in it struck out.

use super::request::TurnRequest;
use crate::{Failure, Flow, Input, Session, privacy::Redaction, session::StateData};

/// Logs what went wrong in the handler.
pub(super) fn log_failure<F: Flow>(session: Option<&Session<F>>, request: &TurnRequest<'_, F>, failure: &Failure) {
    let redaction = redaction_of(session, request);
    let state = session.map_or("none", |session| session.state().name());
    let error = redaction.clean(&failure.chain());
    tracing::error!(state, kind = failure.kind(), error, "the handler failed");
}

/// Everything that a failure's text may quote and a log must not hold.
fn redaction_of<F: Flow>(session: Option<&Session<F>>, request: &TurnRequest<'_, F>) -> Redaction {
    let mut redaction = Redaction::default();
    if let Some(session) = session {
        redaction = redaction.of(&StateData(session.state())).of(session.shared());
        // What kind of thing was offered, private or not, the record does not tell.
        redaction = session.offered().unwrap_or_default().iter().fold(redaction, Redaction::and_all_of);
    }
    match request {
        TurnRequest::Force(state) => redaction.of(&StateData(*state)),
        TurnRequest::Message(message) => match message.input() {
            Input::Text(text) => redaction.and(text),
            Input::Button(button) => redaction.and(&button.payload).and(button.label.as_deref().unwrap_or_default()),
            Input::Signal(signal) => redaction.and_all_of(&signal.payload),
        },
        TurnRequest::Timer(_) | TurnRequest::Lapse => redaction,
    }
}
