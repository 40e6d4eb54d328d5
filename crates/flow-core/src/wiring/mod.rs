//! The seam between generated code and the engine: what the derives implement and call. No other code may name it.

mod driving;
mod needs;

use std::{
    fmt::Display,
    future::{Future, ready},
    marker::PhantomData,
    pin::Pin,
};

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

use crate::{Halt, answers::chosen, handler::step::Decision};

pub use self::{driving::*, needs::*};
pub use crate::{
    Armed, Arriving, Ask, Choice, Corrects, EngineBuilder, Flow, Follows, Graph, Key, Offer, Opening, Reask, RemindExt,
    Reminds, Reply, Result, Speak, State, Step, StepExt, Turn,
    answers::{Answer, Choices, Words, offered},
    declare::Keeping,
    declare::kind::{Ends, Kind, NoEnds},
    declare::written::*,
    handler::{ask::Asked, offer::Prompt, turn::Call},
    session::keeping,
    talk::wire::{NoEffects, NoSignals, Wire},
};
pub use serde;
pub use serde_json;
pub use std::{
    boxed::Box,
    clone::Clone,
    convert::From,
    fmt,
    option::Option::{self, None, Some},
    result::Result as Or,
    result::Result::{Err, Ok},
    string::String,
    vec::Vec,
};

/// What only the derive has, so that what asks for it is implemented by nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Derived;

/// Where a state stands in its flow's graph. Only the derive has one, so that nothing else makes a state.
#[derive(Clone, Copy, Debug)]
pub struct Place(pub usize);

/// What the derive writes of a state. That it makes a [`State`] is said by one impl for all of them: a flow that falls short is
/// told at the flow then, and not once more at each of its states.
pub trait Member {
    /// The flow.
    type Of;

    /// Where the state stands in the flow's graph.
    const PLACE: usize;
}

/// The index of a state in its flow's graph.
pub const fn at<S: State>() -> usize {
    S::PLACE.0
}

/// Marks a state that another leads to: asked for by a method that leads there, for the words of the error.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot follow `{Self}`",
    label = "no such transition is declared",
    note = "declare it: name `{T}` in the `to(…)` of `{Self}`"
)]
pub trait LeadsTo<T> {}

#[diagnostic::do_not_recommend]
impl<S: State, T: Follows<S>> LeadsTo<T> for S {}

/// A future on the heap.
pub type BoxFuture<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// A handler's decision under way.
pub type Deciding<'t, F> = BoxFuture<'t, Result<Decision<F>, Halt>>;

/// A prompt under way.
pub type Asking<'t> = BoxFuture<'t, Result<Prompt, Halt>>;

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
pub fn answered<'t, S: State, T, D: Future<Output = Step<S>> + Send + 't>(
    call: Call<'t, S::Flow>,
    reading: &Reading<T>,
    method: impl FnOnce(T, Turn<'t, S>) -> D,
) -> Deciding<'t, S::Flow> {
    match call.said().read(reading.read) {
        Ok(answer) => decided(method(answer, Turn::new(call))),
        Err(reask) => Box::pin(ready(Err(reask.into()))),
    }
}

/// Has a method decide on what was picked of an offer.
pub fn picked<'t, S: State, T, D: Future<Output = Step<S>> + Send + 't>(
    call: Call<'t, S::Flow>,
    offering: &Offering<T>,
    method: impl FnOnce(T, Turn<'t, S>) -> D,
) -> Deciding<'t, S::Flow> {
    match (offering.pick)(call.said()) {
        Ok(picked) => decided(method(picked, Turn::new(call))),
        Err(reask) => Box::pin(ready(Err(reask.into()))),
    }
}

/// A decision that needs no wait. It is made when it is awaited: what it goes to need not be sent to another thread then.
pub async fn at_once<T>(decide: impl FnOnce() -> T + Send) -> T {
    let decide = ready(decide).await;
    decide()
}

/// Puts a method's future on the heap, and forgets which state its step is from.
fn decided<'t, S: State>(step: impl Future<Output = Step<S>> + Send + 't) -> Deciding<'t, S::Flow> {
    Box::pin(async move { step.await.map(|next| next.decision) })
}

/// A question, with the choices of what its answer is read as.
pub fn asking<T>(question: impl Into<String>, reading: &Reading<T>) -> Option<Reply> {
    Some(reading.numbered(Reply::new(question).with_choices((reading.choices)()), true))
}

/// What is said.
pub fn saying(text: impl Into<String>) -> Option<Reply> {
    Some(Reply::new(text))
}

/// An end takes nothing that is said.
pub fn over<F: Flow>(call: Call<'_, F>) -> Deciding<'_, F> {
    Box::pin(ready(Ok(Decision::stay(call.shared))))
}

/// The prompt that a handler gives.
pub fn asked<'t>(asking: impl Future<Output = Result<Reply, Halt>> + Send + 't) -> Asking<'t> {
    Box::pin(async move { asking.await.map(Into::into) })
}

/// The prompt that a handler gives, with the choices of what its answer is read as unless the handler gives others.
pub fn asked_with<'t, T: 't>(
    reading: &Reading<T>,
    asking: impl Future<Output = Result<Reply, Halt>> + Send + 't,
) -> Asking<'t> {
    let reading = Reading { ..*reading };
    let choices = reading.choices;
    Box::pin(async move {
        let reply = asking.await?;
        let is_own = reply.choices().is_empty();
        let choices = if is_own { choices() } else { Vec::new() };
        Ok(reading.numbered(reply.with_choices(choices), is_own).into())
    })
}

/// The offer that a handler makes.
pub fn offered_by<'t, T: 't>(
    offering: &Offering<T>,
    asking: impl Future<Output = Result<Offer<T>, Halt>> + Send + 't,
) -> Asking<'t> {
    let write = offering.write;
    Box::pin(async move { asking.await.map(write) })
}

/// A state whose handler gives no prompt says nothing of its own.
pub fn silent<'t>() -> Asking<'t> {
    Box::pin(ready(Ok(Prompt::default())))
}

/// Reads one of a closed set by its index among the choices.
///
/// Fails with a request to take one of them.
pub fn pick<T: Choices>(said: &str, variants: impl FnOnce(usize) -> T) -> Result<T, Reask> {
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
