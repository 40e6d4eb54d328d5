//! What a handler decides: a [`Step`].

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::{Flow, Halt, Reply, State};

/// What a handler of state `S` returns: where to go next, or why there is no decision.
///
/// [`StepExt`] adds to it what else is to be said and done:
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::{Flow, Step, StepExt, Turn};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
/// enum Signup {
///     #[state(start, ask = "Your e-mail?", handled, to(Sent))]
///     Welcome,
///     #[state(ask = "We have sent you a link.", handled, to(Done))]
///     Sent { address: String },
///     #[state(end, say = "All set.")]
///     Done,
/// }
///
/// use signup::*;
///
/// struct Host;
///
/// impl SignupHandler for Host {
///     async fn welcome(&self, state: Welcome, turn: Turn<'_, Welcome>) -> Step<Welcome> {
///         let address = turn.text().to_owned();
///         turn.to(state.sent(address.clone()))
///             .say("Thank you.")
///             .effect("send-link", address)
///             .remind_in(Duration::from_secs(3600), "link")
///     }
///
///     async fn sent(&self, _: Sent, turn: Turn<'_, Sent>) -> Step<Sent> {
///         turn.to(Done)
///     }
/// }
/// # fn main() {}
/// ```
pub type Step<S> = Result<Next<S>, Halt>;

/// Where a turn goes from state `S`, and what goes with it. Made by [`Turn::to`](crate::Turn::to) and
/// [`Turn::stay`](crate::Turn::stay).
#[derive(Debug)]
pub struct Next<S: State> {
    pub(crate) decision: Decision<S::Flow>,
}

impl<S: State> Next<S> {
    pub(crate) fn new(destination: Destination<S::Flow>, shared: <S::Flow as Flow>::Shared) -> Self {
        Self {
            decision: Decision { destination, shared, replies: Vec::new(), effects: Vec::new(), reminders: Vec::new() },
        }
    }
}

/// The decision of a handler, whatever state it was made in.
#[derive(Debug)]
pub struct Decision<F: Flow> {
    pub(crate) destination: Destination<F>,
    pub(crate) shared: F::Shared,
    pub(crate) replies: Vec<Reply>,
    pub(crate) effects: Vec<WantedEffect>,
    pub(crate) reminders: Vec<Reminder>,
}

/// Where a [`Decision`] goes.
#[derive(Debug)]
pub(crate) enum Destination<F> {
    To(F),
    Stay,
}

/// Something to be done outside once the turn is committed.
#[derive(Debug)]
pub(crate) struct WantedEffect {
    pub(crate) kind: String,
    pub(crate) payload: Value,
}

/// A reminder to be set, or to be forgotten.
#[derive(Debug)]
pub(crate) struct Reminder {
    pub(crate) name: String,
    pub(crate) after: Option<Duration>,
}

/// What can be added to a [`Step`]. Sealed: nothing else is a step.
pub trait StepExt: sealed::Sealed + Sized {
    /// Says this before anything that the next state says.
    #[must_use]
    fn say(self, reply: impl Into<Reply>) -> Self;

    /// Has the engine's effect hook called with this once the turn is committed, at least once.
    ///
    /// Makes the step a failure if the payload cannot be written as JSON.
    #[must_use]
    fn effect(self, kind: impl Into<String>, payload: impl Serialize) -> Self;

    /// Has the handler called with [`Input::Timer`](crate::Input::Timer) of this name once the time has passed, if the
    /// session still stands in the state that the step ends in.
    ///
    /// Setting it again puts it off. It takes a worker to call the handler, and it is no word of the visitor's: it does
    /// not renew the session's idle expiry, and is not heard after it.
    #[must_use]
    fn remind_in(self, time: Duration, name: impl Into<String>) -> Self;

    /// Forgets the reminder of this name.
    #[must_use]
    fn forget_reminder(self, name: impl Into<String>) -> Self;
}

mod sealed {
    pub trait Sealed {}

    impl<S: super::State> Sealed for super::Step<S> {}
}

impl<S: State> StepExt for Step<S> {
    fn say(mut self, reply: impl Into<Reply>) -> Self {
        if let Ok(next) = &mut self {
            next.decision.replies.push(reply.into());
        }
        self
    }

    fn effect(self, kind: impl Into<String>, payload: impl Serialize) -> Self {
        let mut next = self?;
        let payload = serde_json::to_value(payload)?;
        next.decision.effects.push(WantedEffect { kind: kind.into(), payload });
        Ok(next)
    }

    fn remind_in(self, time: Duration, name: impl Into<String>) -> Self {
        let mut next = self?;
        next.decision.reminders.push(Reminder { name: name.into(), after: Some(time) });
        Ok(next)
    }

    fn forget_reminder(self, name: impl Into<String>) -> Self {
        let mut next = self?;
        next.decision.reminders.push(Reminder { name: name.into(), after: None });
        Ok(next)
    }
}
