//! A user's handler with its type forgotten: [`Handler`] of the flow that an engine runs, and a [`Driver`] of each flow in it.

use std::{marker::PhantomData, sync::Arc};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    Flow, Halt, Input, Key, Reply, SessionId, Signal, Wire,
    declare::{AnyShared, AnyState},
    handler::{
        arriving::{Arriving, Verdict},
        ask::Asked,
        opening::Opening,
        step::Decided,
        turn::{Call, Circumstances},
    },
    wiring::{Asking, Beginning, BoxFuture, Deciding, Drive, Ended},
};

/// What an engine asks of a handler.
pub(crate) trait Handler<F: Flow>: Driver {
    fn open<'t>(&'t self, opening: &'t mut Opening<'_, F>) -> BoxFuture<'t, Result<(), Halt>>;
}

/// A decision under way, of whichever flow.
pub(crate) type Settling<'t> = BoxFuture<'t, Result<Decided, Halt>>;

/// What a handler does for one of the flows that an engine runs: the engine's own, or one that a state of another runs.
pub(crate) trait Driver: Send + Sync {
    /// The driver of the flow that the state at this index runs; none if it runs none.
    fn child(&self, index: usize) -> Option<&dyn Driver>;

    /// The driver of the flow of this name, this one or one inside it.
    fn of_flow(&self, name: &str) -> Option<&dyn Driver>;

    fn said<'t>(&'t self, at: Moment<'t>) -> Settling<'t>;
    fn signalled<'t>(&'t self, signal: &Signal, at: Moment<'t>) -> Signalled<'t>;
    fn reminded<'t>(&'t self, name: &str, at: Moment<'t>) -> Option<Settling<'t>>;
    fn done<'t>(&'t self, ended: Box<dyn AnyState>, at: Moment<'t>) -> Option<Settling<'t>>;
    fn corrected<'t>(&'t self, field: &str, at: Moment<'t>) -> Option<Settling<'t>>;
    fn ask<'t>(&'t self, occasion: Occasion<'t>) -> Asking<'t>;
    fn begin<'t>(&'t self, occasion: Occasion<'t>) -> Option<Beginning<'t>>;
    fn help<'t>(&'t self, state: &'t dyn AnyState) -> BoxFuture<'t, Result<Reply, Halt>>;

    /// What is to become of what came in, as the hook that sees it first has it.
    fn arrive<'t>(
        &'t self,
        input: &'t Input,
        standing: &'t str,
        occasion: Occasion<'t>,
    ) -> BoxFuture<'t, Result<Verdict, Halt>>;

    /// Has an effect delivered.
    ///
    /// Fails too if the flow does not declare it: a later release may, or an earlier one did.
    fn deliver<'t>(&'t self, kind: &str, payload: &Value, key: Key) -> BoxFuture<'t, Result<(), Halt>>;
}

/// The state that a handler's method is called for, with what is known there.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'t> {
    pub(crate) state: &'t dyn AnyState,
    pub(crate) shared: &'t dyn AnyShared,
    pub(crate) circumstances: Circumstances<'t>,
}

/// The state that is to ask, with what is known then.
#[derive(Clone, Copy)]
pub(crate) struct Occasion<'t> {
    pub(crate) state: &'t dyn AnyState,
    pub(crate) shared: &'t dyn AnyShared,
    pub(crate) session: SessionId,
    pub(crate) now: DateTime<Utc>,
    pub(crate) language: Option<&'t str>,
}

/// What a state makes of a signal.
pub(crate) enum Signalled<'t> {
    /// Its flow declares no such signal.
    Unknown,
    /// It cannot be read as the flow declares it.
    Unreadable,
    /// The state does not take it.
    Untaken,
    Taken(Settling<'t>),
}

/// A handler that the flow `F` knows how to drive.
pub(crate) struct Driven<F, H> {
    handler: Arc<H>,
    children: Vec<(usize, Box<dyn Driver>)>,
    flow: PhantomData<fn(F)>,
}

impl<F: Flow + Drive<H>, H: Send + Sync + 'static> Driven<F, H> {
    pub(crate) fn new(handler: Arc<H>) -> Self {
        let children = F::runners().into_iter().map(|(index, runner)| (index, (runner.with)(&handler))).collect();
        Self { handler, children, flow: PhantomData }
    }

    /// The decision of a method, whose types are forgotten; a failure where the state is not of this flow.
    fn settled<'t>(at: Moment<'t>, decide: impl FnOnce(F, Call<'t, F>) -> Deciding<'t, F>) -> Settling<'t> {
        Self::settled_if(at, |state, call| Some(decide(state, call))).unwrap_or_else(mistaken)
    }

    /// The same of a method that may not be there.
    fn settled_if<'t>(
        at: Moment<'t>,
        decide: impl FnOnce(F, Call<'t, F>) -> Option<Deciding<'t, F>>,
    ) -> Option<Settling<'t>> {
        let (Some(state), Some(shared)) = (at.state.as_flow::<F>(), at.shared.as_shared::<F::Shared>()) else {
            return Some(mistaken());
        };
        let call = Call { circumstances: at.circumstances, shared: shared.clone() };
        let deciding = decide(state.copy(), call)?;
        Some(Box::pin(async move { deciding.await?.forgotten() }))
    }

    fn asked(occasion: Occasion<'_>) -> Option<(F, Asked<'_, F>)> {
        let Occasion { state, shared, session, now, language } = occasion;
        Some((state.as_flow::<F>()?.copy(), Asked { session, now, language, shared: shared.as_shared()? }))
    }
}

/// What comes of a state of another flow, which is never handed to a driver.
fn mistaken<'t, T: Send + 't>() -> BoxFuture<'t, Result<T, Halt>> {
    Box::pin(async { Err(Halt::failed("this state is of another flow")) })
}

impl<F: Flow + Drive<H>, H: Send + Sync + 'static> Driver for Driven<F, H> {
    fn child(&self, index: usize) -> Option<&dyn Driver> {
        self.children.iter().find(|(state, _)| *state == index).map(|(_, child)| &**child)
    }

    fn of_flow(&self, name: &str) -> Option<&dyn Driver> {
        if F::GRAPH.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|(_, child)| child.of_flow(name))
    }

    fn said<'t>(&'t self, at: Moment<'t>) -> Settling<'t> {
        Self::settled(at, |state, call| F::said(&self.handler, state, call))
    }

    fn signalled<'t>(&'t self, signal: &Signal, at: Moment<'t>) -> Signalled<'t> {
        match F::Signal::read(&signal.name, signal.payload.clone()) {
            None => Signalled::Unknown,
            Some(Err(_)) => Signalled::Unreadable,
            Some(Ok(signal)) => {
                let taken = Self::settled_if(at, |state, call| F::signalled(&self.handler, state, signal, call));
                taken.map_or(Signalled::Untaken, Signalled::Taken)
            }
        }
    }

    fn reminded<'t>(&'t self, name: &str, at: Moment<'t>) -> Option<Settling<'t>> {
        Self::settled_if(at, |state, call| F::reminded(&self.handler, state, name, call))
    }

    fn done<'t>(&'t self, ended: Box<dyn AnyState>, at: Moment<'t>) -> Option<Settling<'t>> {
        Self::settled_if(at, |state, call| F::hear_end(&self.handler, state, Ended(ended), call))
    }

    fn corrected<'t>(&'t self, field: &str, at: Moment<'t>) -> Option<Settling<'t>> {
        Self::settled_if(at, |state, call| F::hear_correction(&self.handler, state, field, call))
    }

    fn ask<'t>(&'t self, occasion: Occasion<'t>) -> Asking<'t> {
        match Self::asked(occasion) {
            Some((state, asked)) => F::ask(&self.handler, state, asked),
            None => mistaken(),
        }
    }

    fn begin<'t>(&'t self, occasion: Occasion<'t>) -> Option<Beginning<'t>> {
        let (state, asked) = Self::asked(occasion)?;
        F::first_state(&self.handler, state, asked)
    }

    fn help<'t>(&'t self, state: &'t dyn AnyState) -> BoxFuture<'t, Result<Reply, Halt>> {
        match state.as_flow::<F>() {
            Some(state) => F::help(&self.handler, state),
            None => mistaken(),
        }
    }

    fn arrive<'t>(
        &'t self,
        input: &'t Input,
        standing: &'t str,
        occasion: Occasion<'t>,
    ) -> BoxFuture<'t, Result<Verdict, Halt>> {
        let Occasion { session, now, language, .. } = occasion;
        let Some(state) = occasion.state.as_flow::<F>() else { return mistaken() };
        Box::pin(async move {
            let verdict = Verdict::default();
            let mut arriving = Arriving { session, input, now, language, state, standing, verdict };
            F::show_input(&self.handler, &mut arriving).await?;
            Ok(arriving.verdict)
        })
    }

    fn deliver<'t>(&'t self, kind: &str, payload: &Value, key: Key) -> BoxFuture<'t, Result<(), Halt>> {
        match F::Effect::read(kind, payload.clone()) {
            Some(Ok(effect)) => F::deliver(&self.handler, effect, key),
            Some(Err(error)) => Box::pin(async move { Err(error.into()) }),
            None => {
                let error = format!("this release declares no effect `{kind}`");
                Box::pin(async move { Err(Halt::failed(error)) })
            }
        }
    }
}

impl<F: Flow + Drive<H>, H: Send + Sync + 'static> Handler<F> for Driven<F, H> {
    fn open<'t>(&'t self, opening: &'t mut Opening<'_, F>) -> BoxFuture<'t, Result<(), Halt>> {
        F::open(&self.handler, opening)
    }
}
