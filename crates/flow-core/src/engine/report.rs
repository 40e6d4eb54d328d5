//! A failure in the log: with its text, and with everything private in it struck out.

use super::{Inner, decide::Request};
use crate::{Flow, Input, Session, Unreadable, codec::StateData, handler::halt::Failure, privacy::Redaction};

impl<F: Flow> Inner<F> {
    /// Logs what went wrong in the handler.
    pub(super) fn report(session: Option<&Session<F>>, request: &Request<'_, F>, failure: &Failure) {
        let redaction = redaction_of(session, request);
        let state = session.map_or("none", |session| session.state.name());
        let error = redaction.clean(&failure.chain());
        tracing::error!(state, kind = failure.kind(), error, "the handler failed");
    }
}

/// Something that was read off a record, or was not.
pub(super) trait Unread {
    /// The same, and logged if it was not.
    fn unread(self) -> Self;
}

impl<T> Unread for Result<T, Unreadable> {
    fn unread(self) -> Self {
        self.inspect_err(|unreadable| {
            tracing::error!(%unreadable, "a stored session cannot be read, and stays as it is");
        })
    }
}

/// Everything that a failure's text may quote and a log must not hold.
fn redaction_of<F: Flow>(session: Option<&Session<F>>, request: &Request<'_, F>) -> Redaction {
    let mut redaction = Redaction::default();
    if let Some(session) = session {
        redaction = redaction.of(&StateData(&session.state)).of(&session.shared);
    }
    match request {
        Request::Force(state) => redaction.of(&StateData(*state)),
        Request::Message(message) => match message.input() {
            Input::Text(text) => redaction.and(text),
            Input::Button(button) => redaction.and(&button.payload).and(button.label.as_deref().unwrap_or_default()),
            Input::Signal(signal) => redaction.and(&signal.payload.to_string()),
            Input::Timer(_) => redaction,
        },
        Request::Timer(_) | Request::Lapse => redaction,
    }
}
