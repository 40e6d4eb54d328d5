//! The seam between generated code and the engine: what the derives implement and call. No other code may name it.

use std::{fmt::Display, future::Future, marker::PhantomData, pin::Pin};

use crate::{Flow, Halt, Reply, State, Step, Turn, handler::opening::Opening, handler::step::Decision};

pub use crate::{handler::turn::Call, talk::choice::pick};

/// What only the derive has, so that what asks for it is implemented by nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Derived;

/// A future on the heap.
pub type BoxFuture<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// A handler's decision under way.
pub type Deciding<'t, F> = BoxFuture<'t, Result<Decision<F>, Halt>>;

/// A prompt under way.
pub type Asking<'t> = BoxFuture<'t, Result<Reply, Halt>>;

/// A flow that a handler of type `H` can drive: for each state it knows which of the handler's methods to call.
///
/// It is the flow that implements it, and for every handler at once, since coherence does not let a macro
/// implement a trait of this crate for every type that implements a trait of the user's.
pub trait Drive<H>: Flow {
    /// Runs the method of the state.
    fn decide<'t>(handler: &'t H, state: Self, call: Call<'t, Self>) -> Deciding<'t, Self>;

    /// What the state says on being entered.
    fn ask<'t>(handler: &'t H, state: &'t Self) -> Asking<'t>;

    /// Runs the opening hook.
    fn open<'t>(handler: &'t H, opening: &'t mut Opening<'_, Self>) -> BoxFuture<'t, Result<(), Halt>>;

    /// Runs the help hook.
    fn help<'t>(handler: &'t H, state: &'t Self) -> Asking<'t>;
}

/// The call as a turn in state `S`.
pub fn turn<S: State>(call: Call<'_, S::Flow>) -> Turn<'_, S> {
    Turn::new(call)
}

/// Puts a method's future on the heap, and forgets which state its step is from.
pub fn boxed<'t, S: State>(step: impl Future<Output = Step<S>> + Send + 't) -> Deciding<'t, S::Flow> {
    Box::pin(async move { step.await.map(|next| next.decision) })
}

/// Tells at compile time whether a type has a `Display`: `Probe::<T>::HAS_DISPLAY`, with [`NoDisplay`] in scope.
///
/// An associated constant of the type itself is found before one of a trait.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

impl<T: Display> Probe<T> {
    /// It has.
    pub const HAS_DISPLAY: bool = true;
}

/// What [`Probe`] says of a type without a `Display`.
pub trait NoDisplay {
    /// It has none.
    const HAS_DISPLAY: bool = false;
}

impl<T> NoDisplay for Probe<T> {}
