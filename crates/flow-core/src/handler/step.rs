//! What a handler decides: a [`Step`].

use std::{fmt, time::Duration};

use serde_json::Value;

use crate::{
    Flow, Halt, Reply, State, Wire,
    declare::{AnyShared, AnyState, reminder::Set},
};

/// What a handler of state `S` returns: where to go next, or why there is no decision.
///
/// [`StepExt`] adds to it what else is to be said and done:
///
/// ```
/// use flow_core::{Flow, Key, Result, Step, StepExt, Turn};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
/// #[flow(effects(SendLink(String)))]
/// enum Signup {
///     #[state(start, ask = "Your e-mail?", to(Sent))]
///     Welcome,
///     #[state(end, say = "We have sent you a link.")]
///     Sent { address: String },
/// }
///
/// use signup::*;
///
/// struct Host;
///
/// impl SignupHandler for Host {
///     async fn welcome(&self, state: Welcome, address: String, turn: Turn<'_, Welcome>) -> Step<Welcome> {
///         turn.to(state.sent(address.clone())).say("Thank you.").effect(SignupEffect::SendLink(address))
///     }
///
///     /// Once the turn is stored, at least once, each time with the same key.
///     async fn deliver_send_link(&self, address: String, key: Key) -> Result<()> {
///         println!("{key}: a link to {address}");
///         Ok(())
///     }
/// }
/// ```
pub type Step<S> = Result<Next<S>, Halt>;

/// Where a turn goes from state `S`, and what goes with it. Made by [`Turn::to`](crate::Turn::to) and
/// [`Turn::stay`](crate::Turn::stay).
#[derive(Debug)]
pub struct Next<S: State> {
    pub(crate) decision: Decision<S::Flow>,
}

impl<S: State> Next<S> {
    pub(crate) fn new(
        destination: Destination<S::Flow>,
        shared: <S::Flow as Flow>::Shared,
        reminders: Vec<Set>,
    ) -> Self {
        Self { decision: Decision { destination, reminders, ..Decision::stay(shared) } }
    }
}

/// The decision of a handler, whatever state it was made in.
pub struct Decision<F: Flow> {
    pub(crate) destination: Destination<F>,
    pub(crate) shared: F::Shared,
    pub(crate) replies: Vec<Reply>,
    pub(crate) effects: Vec<F::Effect>,
    pub(crate) reminders: Vec<Set>,
}

impl<F: Flow> Decision<F> {
    /// Stays, and says nothing.
    pub(crate) fn stay(shared: F::Shared) -> Self {
        let (replies, effects, reminders) = Default::default();
        Self { destination: Destination::Stay, shared, replies, effects, reminders }
    }
}

/// The decision of a handler, whatever flow it is of.
pub(crate) struct Decided {
    pub(crate) destination: Destination<Box<dyn AnyState>>,
    pub(crate) shared: Box<dyn AnyShared>,
    pub(crate) replies: Vec<Reply>,
    /// By their kinds, as they are stored.
    pub(crate) effects: Vec<(&'static str, Value)>,
    pub(crate) reminders: Vec<Set>,
}

impl<F: Flow> Decision<F> {
    /// The same with its types forgotten.
    ///
    /// Fails if an effect cannot be written as JSON.
    pub(crate) fn forgotten(self) -> Result<Decided, Halt> {
        let effects = self.effects.iter().map(|effect| Ok((effect.name(), effect.payload()?)));
        let effects = effects.collect::<Result<_, serde_json::Error>>().map_err(Halt::failed)?;
        let Self { destination, shared, replies, reminders, .. } = self;
        Ok(Decided { destination: destination.forgotten(), shared: Box::new(shared), replies, effects, reminders })
    }
}

impl<F: Flow> Destination<F> {
    fn forgotten(self) -> Destination<Box<dyn AnyState>> {
        match self {
            Self::To(state) => Destination::To(Box::new(state)),
            Self::Stay => Destination::Stay,
            Self::HandOver(reason) => Destination::HandOver(reason),
            Self::Keep(state) => Destination::Keep(Box::new(state)),
            Self::Correct(state, field) => Destination::Correct(Box::new(state), field),
        }
    }
}

/// Without what is known, said and carried.
impl<F: Flow> fmt::Debug for Decision<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let destination = match &self.destination {
            Destination::To(state) => state.name(),
            Destination::Stay => "stay",
            Destination::HandOver(_) => "hand over",
            Destination::Keep(_) => "keep",
            Destination::Correct(..) => "correct",
        };
        f.debug_struct("Decision").field("destination", &destination).finish_non_exhaustive()
    }
}

/// Where a [`Decision`] goes.
pub(crate) enum Destination<F> {
    To(F),
    Stay,
    /// Stays, and has a person take over, for this reason.
    HandOver(&'static str),
    /// Stays, with this data, and asks again.
    Keep(F),
    /// Has this field of the state corrected.
    Correct(F, &'static str),
}

/// What can be added to a [`Step`]. Sealed: nothing else is a step.
pub trait StepExt: sealed::Sealed + Sized {
    /// The flow that it is a step of.
    type Flow: Flow;

    /// Says this before anything that the next state says.
    #[must_use]
    fn say(self, reply: impl Into<Reply>) -> Self;

    /// Has the handler's method for this effect called once the turn is stored, at least once: a transactional outbox.
    #[must_use]
    fn effect(self, effect: <Self::Flow as Flow>::Effect) -> Self;

    // What is entered is reminded. Who writes it behind the step is told so.
    #[doc(hidden)]
    #[must_use]
    fn remind_in<R>(self, time: Duration, reminder: R) -> Self
    where
        Self: sealed::IsEntered,
    {
        let _ = (time, reminder);
        self
    }
}

mod sealed {
    pub trait Sealed {}

    impl<S: super::State> Sealed for super::Step<S> {}

    /// Of nothing.
    #[diagnostic::on_unimplemented(
        message = "a state is reminded, and not the step that leads to it",
        label = "this is behind the step",
        note = "write it on the state, as in `turn.to(state.next().remind_in(…))`"
    )]
    pub trait IsEntered {}
}

impl<S: State> StepExt for Step<S> {
    type Flow = S::Flow;

    fn say(mut self, reply: impl Into<Reply>) -> Self {
        if let Ok(next) = &mut self {
            next.decision.replies.push(reply.into());
        }
        self
    }

    fn effect(mut self, effect: <S::Flow as Flow>::Effect) -> Self {
        if let Ok(next) = &mut self {
            next.decision.effects.push(effect);
        }
        self
    }
}
