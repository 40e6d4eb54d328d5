//! What a handler decides: a [`Step`].

use serde::Serialize;
use serde_json::Value;

use crate::{Flow, Halt, Reply, State};

/// What a handler of state `S` returns: where to go next, or why there is no decision.
pub type Step<S> = Result<Next<S>, Halt>;

/// Where a turn goes from state `S`, and what goes with it. Made by [`Turn::to`](crate::Turn::to) and
/// [`Turn::stay`](crate::Turn::stay).
#[derive(Debug)]
pub struct Next<S: State> {
    pub(crate) decision: Decision<S::Flow>,
}

impl<S: State> Next<S> {
    pub(crate) fn new(destination: Destination<S::Flow>, shared: <S::Flow as Flow>::Shared) -> Self {
        Self { decision: Decision { destination, shared, replies: Vec::new(), effects: Vec::new() } }
    }
}

/// The decision of a handler, whatever state it was made in.
#[derive(Debug)]
pub struct Decision<F: Flow> {
    pub(crate) destination: Destination<F>,
    pub(crate) shared: F::Shared,
    pub(crate) replies: Vec<Reply>,
    pub(crate) effects: Vec<Effect>,
}

/// Where a [`Decision`] goes.
#[derive(Debug)]
pub(crate) enum Destination<F> {
    To(F),
    Stay,
}

/// Something to be done outside once the turn is committed.
#[derive(Debug)]
pub(crate) struct Effect {
    pub(crate) kind: String,
    pub(crate) payload: Value,
}

/// What can be added to a [`Step`].
pub trait StepExt: Sized {
    /// Says this before anything that the next state says.
    #[must_use]
    fn say(self, reply: impl Into<Reply>) -> Self;

    /// Has the engine's effect hook called with this once the turn is committed, at least once.
    ///
    /// Makes the step a failure if the payload cannot be written as JSON.
    #[must_use]
    fn effect(self, kind: impl Into<String>, payload: impl Serialize) -> Self;
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
        next.decision.effects.push(Effect { kind: kind.into(), payload });
        Ok(next)
    }
}
