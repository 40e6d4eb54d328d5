//! The seam between generated code and the engine: what the derives implement and call. No other code may name it.

use std::{
    fmt::Display,
    future::{Future, ready},
    marker::PhantomData,
    pin::Pin,
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::Value;

use crate::{
    Flow, Halt, Key, Reply, State, Step, Turn,
    answers::{Answer, Choices, chosen},
    handler::{offer::Picked, opening::Opening, step::Decision},
};

pub use crate::{
    Choice,
    answers::{Words, offered},
    handler::{ask::Asked, offer::Prompt, turn::Call},
    talk::wire::{Nothing, Wire},
};
pub use serde;
pub use serde_json;

/// What only the derive has, so that what asks for it is implemented by nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Derived;

/// A future on the heap.
pub type BoxFuture<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// A handler's decision under way.
pub type Deciding<'t, F> = BoxFuture<'t, Result<Decision<F>, Halt>>;

/// A prompt under way.
pub type Asking<'t> = BoxFuture<'t, Result<Prompt, Halt>>;

/// A flow that a handler of type `H` can drive: for each thing that comes in it knows which of the handler's methods to
/// call.
///
/// It is the flow that implements it, and for every handler at once, since coherence does not let a macro
/// implement a trait of this crate for every type that implements a trait of the user's.
pub trait Drive<H>: Flow {
    /// Runs the state's method for what the visitor said.
    fn said<'t>(handler: &'t H, state: Self, call: Call<'t, Self>) -> Deciding<'t, Self>;

    /// Runs the state's method for a signal; none if the state takes no such signal.
    fn signalled<'t>(
        handler: &'t H,
        state: Self,
        signal: Self::Signal,
        call: Call<'t, Self>,
    ) -> Option<Deciding<'t, Self>> {
        let _ = (handler, state, signal, call);
        None
    }

    /// Runs the state's method for the reminder of this name; none if the state has no such reminder.
    fn reminded<'t>(handler: &'t H, state: Self, name: &str, call: Call<'t, Self>) -> Option<Deciding<'t, Self>> {
        let _ = (handler, state, name, call);
        None
    }

    /// What the state says on being entered.
    fn ask<'t>(handler: &'t H, state: &'t Self, asked: Asked<'t, Self>) -> Asking<'t>;

    /// Runs the method for an effect.
    fn deliver(handler: &H, effect: Self::Effect, key: Key) -> BoxFuture<'_, Result<(), Halt>>;

    /// Runs the opening hook.
    fn open<'t>(handler: &'t H, opening: &'t mut Opening<'_, Self>) -> BoxFuture<'t, Result<(), Halt>>;

    /// Runs the help hook.
    fn help<'t>(handler: &'t H, state: &'t Self) -> BoxFuture<'t, Result<Reply, Halt>>;
}

/// What a signal or an effect may carry.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be carried by a signal or an effect",
    label = "it is written down, and read again",
    note = "write `#[derive(Serialize, Deserialize)]` on `{Self}`"
)]
pub trait Payload: Serialize + DeserializeOwned + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Payload for T {}

/// How a payload is written. Asked for where the payload is declared, so that a type that cannot be carried is one error.
#[derive(Debug)]
pub struct Carried<T> {
    /// Writes it.
    pub write: fn(&T) -> Result<Value, serde_json::Error>,
    /// Reads it.
    pub read: fn(Value) -> Result<T, serde_json::Error>,
}

/// How a payload of this type is written and read.
pub const fn carried<T: Payload>() -> Carried<T> {
    Carried { write: |payload| serde_json::to_value(payload), read: |payload| serde_json::from_value(payload) }
}

/// The types of a flow's fields. The generated module names each by its number, since what the user's names mean is known
/// only beside the enum.
pub trait Known<const NUMBER: usize> {
    /// The type.
    type Type;
}

/// Has a method decide on what the visitor said.
pub fn said<'t, S: State, D: Future<Output = Step<S>> + Send + 't>(
    call: Call<'t, S::Flow>,
    method: impl FnOnce(Turn<'t, S>) -> D,
) -> Deciding<'t, S::Flow> {
    decided(method(Turn::new(call)))
}

/// Has a method decide on an answer.
pub fn answered<'t, S: State, T: Answer, D: Future<Output = Step<S>> + Send + 't>(
    call: Call<'t, S::Flow>,
    method: impl FnOnce(T, Turn<'t, S>) -> D,
) -> Deciding<'t, S::Flow> {
    match call.read() {
        Ok(answer) => decided(method(answer, Turn::new(call))),
        Err(reask) => Box::pin(ready(Err(reask.into()))),
    }
}

/// Has a method decide on what was picked of an offer.
pub fn picked<'t, S: State, T: Picked, D: Future<Output = Step<S>> + Send + 't>(
    call: Call<'t, S::Flow>,
    method: impl FnOnce(T, Turn<'t, S>) -> D,
) -> Deciding<'t, S::Flow> {
    match call.picked() {
        Ok(picked) => decided(method(picked, Turn::new(call))),
        Err(reask) => Box::pin(ready(Err(reask.into()))),
    }
}

/// Puts a method's future on the heap, and forgets which state its step is from.
fn decided<'t, S: State>(step: impl Future<Output = Step<S>> + Send + 't) -> Deciding<'t, S::Flow> {
    Box::pin(async move { step.await.map(|next| next.decision) })
}

/// The prompt that the declaration gives.
pub fn prompted<'t, F: Flow>(state: &F) -> Asking<'t> {
    Box::pin(ready(Ok(state.prompt().unwrap_or_default().into())))
}

/// An end takes nothing that is said.
#[allow(clippy::needless_pass_by_value, reason = "generated code gives away the state in every arm")]
pub fn over<F: Flow>(state: F, call: Call<'_, F>) -> Deciding<'_, F> {
    let _ = state;
    Box::pin(ready(Ok(Decision::stay(call.shared))))
}

/// The prompt that a handler gives, with the choices of `T` unless the handler gives others.
pub fn asked_with<'t, T: Answer>(asking: impl Future<Output = Result<Reply, Halt>> + Send + 't) -> Asking<'t> {
    Box::pin(async move {
        let reply = asking.await?;
        let choices = if reply.choices().is_empty() { T::choices() } else { Vec::new() };
        Ok(reply.with_choices(choices).into())
    })
}

/// The prompt that a handler gives.
pub fn asked<'t, P: Into<Prompt>>(asking: impl Future<Output = Result<P, Halt>> + Send + 't) -> Asking<'t> {
    Box::pin(async move { asking.await.map(Into::into) })
}

/// Reads one of a closed set by its index among the choices.
///
/// Fails with a request to take one of them.
pub fn pick<T: Choices>(said: &str, variants: impl FnOnce(usize) -> T) -> Result<T, crate::Reask> {
    chosen::<T>(said).map(variants)
}

/// Writes the choice with this index by its name.
pub fn write_choice<T: Choices, S: Serializer>(index: usize, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(T::CHOICES.get(index).map_or("", |choice| choice.name))
}

/// Reads the choice by its name, or by a word, as a choice that was called otherwise once may be stored.
pub fn read_choice<'de, T: Choices + Copy, D: Deserializer<'de>>(
    variants: &[T],
    deserializer: D,
) -> Result<T, D::Error> {
    let name = String::deserialize(deserializer)?;
    let named = T::CHOICES.iter().position(|choice| choice.name == name);
    let index = named.or_else(|| T::CHOICES.iter().position(|choice| choice.is_called(&name)));
    index.and_then(|index| variants.get(index)).copied().ok_or_else(|| D::Error::custom("no such choice"))
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
