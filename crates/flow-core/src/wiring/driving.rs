//! How generated code calls the handler's methods: [`Drive`].

use std::{
    fmt,
    future::{Future, ready},
    sync::Arc,
};

use super::{Asking, BoxFuture, Deciding, decided, silent};
use crate::{
    Arriving, Flow, Halt, Key, Opening, Reply, State, Step, Turn,
    declare::{AnyState, kind::Ends},
    engine::handler::{Driven, Driver},
    handler::{ask::Asked, turn::Call},
    talk::wire::Wire,
};

/// A flow that a handler of type `H` can drive: for each thing that comes in it knows which of the handler's methods to
/// call.
///
/// It is the flow that implements it, and for every handler at once, since coherence does not let a macro
/// implement a trait of this crate for every type that implements a trait of the user's. That it is a flow each method asks for
/// itself: a type that falls short of one would be told once more here.
#[diagnostic::on_unimplemented(message = "`{Self}` is no flow", label = "a flow belongs here")]
pub trait Drive<H>: Sized {
    /// Runs the state's method for what the visitor said.
    fn said<'t>(handler: &'t H, state: Self, call: Call<'t, Self>) -> Deciding<'t, Self>
    where
        Self: Flow;

    /// Runs the state's method for a signal; none if the state takes no such signal.
    fn signalled<'t>(
        handler: &'t H,
        state: Self,
        signal: <Self as Flow>::Signal,
        call: Call<'t, Self>,
    ) -> Option<Deciding<'t, Self>>
    where
        Self: Flow,
    {
        let _ = (handler, state, signal, call);
        None
    }

    /// Runs the state's method for the reminder of this name; none if the state has no such reminder.
    fn reminded<'t>(handler: &'t H, state: Self, name: &str, call: Call<'t, Self>) -> Option<Deciding<'t, Self>>
    where
        Self: Flow,
    {
        let _ = (handler, state, name, call);
        None
    }

    /// What the handler has the state say on being entered, where the declaration gives no prompt.
    fn ask<'t>(handler: &'t H, state: Self, asked: Asked<'t, Self>) -> Asking<'t>
    where
        Self: Flow,
    {
        let _ = (handler, state, asked);
        silent()
    }

    /// How the handler drives this flow where another runs it.
    fn runner() -> Runner<H>
    where
        Self: Flow,
        H: Send + Sync + 'static,
    {
        Runner { with: |handler| Box::new(Driven::<Self, H>::new(Arc::clone(handler))) }
    }

    /// The flows that its states run, with the states' indices.
    fn runners() -> Vec<(usize, Runner<H>)>
    where
        Self: Flow,
    {
        Vec::new()
    }

    /// The state in which the flow begins that this state runs; none if that is its start.
    fn first_state<'t>(handler: &'t H, state: Self, asked: Asked<'t, Self>) -> Option<Beginning<'t>>
    where
        Self: Flow,
    {
        let _ = (handler, state, asked);
        None
    }

    /// Runs the state's method for the end of the flow that it runs; none if it runs none, or another.
    fn hear_end<'t>(handler: &'t H, state: Self, ended: Ended, call: Call<'t, Self>) -> Option<Deciding<'t, Self>>
    where
        Self: Flow,
    {
        let _ = (handler, state, ended, call);
        None
    }

    /// Runs the state's method for a correction that was made; none if it declares none of this field.
    fn hear_correction<'t>(handler: &'t H, state: Self, field: &str, call: Call<'t, Self>) -> Option<Deciding<'t, Self>>
    where
        Self: Flow,
    {
        let _ = (handler, state, field, call);
        None
    }

    /// Runs the hook that sees first what came in.
    fn show_input<'t>(handler: &'t H, arriving: &'t mut Arriving<'_, Self>) -> BoxFuture<'t, Result<(), Halt>>
    where
        Self: Flow,
    {
        let _ = (handler, arriving);
        Box::pin(ready(Ok(())))
    }

    /// Runs the method for an effect. A flow that declares none has none to deliver.
    fn deliver(handler: &H, effect: <Self as Flow>::Effect, key: Key) -> BoxFuture<'_, Result<(), Halt>>
    where
        Self: Flow,
    {
        let _ = (handler, key);
        let error = format!("the flow declares no effect `{}`", effect.name());
        Box::pin(ready(Err(Halt::failed(error))))
    }

    /// Runs the opening hook.
    fn open<'t>(handler: &'t H, opening: &'t mut Opening<'_, Self>) -> BoxFuture<'t, Result<(), Halt>>
    where
        Self: Flow;

    /// Runs the help hook.
    fn help<'t>(handler: &'t H, state: &'t Self) -> BoxFuture<'t, Result<Reply, Halt>>
    where
        Self: Flow;
}

/// A flow that a handler of type `H` can drive, for the flow that runs it.
pub trait Inner<H>: Flow + Drive<H> {}

impl<H, F: Flow + Drive<H>> Inner<H> for F {}

/// How a handler drives a flow that another runs.
pub struct Runner<H> {
    pub(crate) with: fn(&Arc<H>) -> Box<dyn Driver>,
}

impl<H> fmt::Debug for Runner<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Runner")
    }
}

/// The state that a flow has ended in.
pub struct Ended(pub(crate) Box<dyn AnyState>);

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ended")
    }
}

/// The state that a flow begins in.
pub struct Begun(pub(crate) Box<dyn AnyState>);

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Begun")
    }
}

/// A beginning under way.
pub type Beginning<'t> = BoxFuture<'t, Result<Begun, Halt>>;

/// The state that a method has a flow begin in.
pub fn begun<'t, F: Flow>(beginning: impl Future<Output = Result<F, Halt>> + Send + 't) -> Option<Beginning<'t>> {
    Some(Box::pin(async move { Ok(Begun(Box::new(beginning.await?))) }))
}

/// Has a method decide on the end of the flow `C`, which the state runs.
pub fn done<'t, C: Flow, S: State, D: Future<Output = Step<S>> + Send + 't>(
    ended: Ended,
    call: Call<'t, S::Flow>,
    method: impl FnOnce(C::End, Turn<'t, S>) -> D,
) -> Option<Deciding<'t, S::Flow>> {
    let end = C::End::of(ended.0.into_flow::<C>()?)?;
    Some(decided(method(end, Turn::new(call))))
}
