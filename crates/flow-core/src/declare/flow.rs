//! The conversation as written: [`Flow`], one enum, and [`State`], one variant of it as a struct of its own.

use std::fmt::{self, Debug};

use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned, ser::Error as _};
use serde_json::{Error, Value};

use super::{
    graph::{Graph, Node},
    kind::{Ends, Kind},
};
use crate::{
    Enters, Reply, Wire,
    wiring::{Derived, Member, Place},
};

/// A conversation: an enum whose variants are its states. Sealed: it is derived, never written by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no flow",
    label = "a flow belongs here",
    note = "a flow is an enum with `#[derive(Flow, Clone, Debug, Serialize, Deserialize)]` on it"
)]
pub trait Flow: Send + Sync + Sized + 'static {
    /// What belongs to the whole conversation, whatever its state; [`NothingShared`] unless declared.
    type Shared: Shared;

    /// What is told to it from outside: `signals(...)`.
    type Signal: Wire;

    /// What it wants done outside: `effects(...)`.
    type Effect: Wire;

    /// What it ends in, as a flow that runs it hears of that: one variant for each end.
    type End: Ends<Self>;

    #[doc(hidden)]
    const A_FLOW_MUST_NOT_RUN_ITSELF: () = ();

    #[doc(hidden)]
    const KEEPING: Keeping<Self>;

    #[doc(hidden)]
    const RUNS: &'static [(usize, &'static Kind)] = &[];

    #[doc(hidden)]
    const KIND: &'static Kind = &Kind::of::<Self>();

    /// The flow as a constant.
    const GRAPH: &'static Graph;

    /// Where this state stands in [`Flow::GRAPH`].
    fn index(&self) -> usize;

    /// The state in which every session begins.
    fn start() -> Self;

    /// This state's data as the data of the state at `target`, for the steps that are taken without a handler; none if there
    /// is no such step, or if a field of the target is missing here.
    fn project(self, target: usize) -> Option<Self>;

    /// This state with the field of this name as `other` has it; none if either of them lacks it.
    fn with_field_of(self, field: &str, other: Self) -> Option<Self> {
        let _ = (field, other);
        None
    }

    /// What the declaration says on entering this state; none if a handler asks.
    fn prompt(&self) -> Option<Reply>;

    /// This state once more: what `clone` is on a flow of which nothing is known but that it is one.
    #[must_use]
    fn copy(&self) -> Self {
        (Self::KEEPING.copy)(self)
    }

    /// This state's place in the graph.
    fn node(&self) -> &'static Node {
        &Self::GRAPH.states[self.index()]
    }

    /// This state's wire name: `BOOK_NAME`.
    fn name(&self) -> &'static str {
        self.node().name
    }
}

/// What can be kept from one turn to the next: copied, shown, written into a record, and read again.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored",
    label = "a conversation is written down after each turn, and read again before the next",
    note = "write `#[derive(Flow, Clone, Debug, Serialize, Deserialize)]` on it, with `use serde::{{Deserialize, Serialize}};`"
)]
pub trait Stored: Clone + Debug + Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Debug + Serialize + DeserializeOwned> Stored for T {}

/// How the states of a flow are copied, shown, written and read.
///
/// That a flow is [`Stored`] is asked for in one place, where this is made, so that a forgotten derive is one error. Were it
/// asked of each flow by its trait, it would be an error for each state.
#[derive(Clone, Copy)]
pub struct Keeping<F> {
    pub(crate) copy: fn(&F) -> F,
    pub(crate) show: fn(&F, &mut fmt::Formatter<'_>) -> fmt::Result,
    /// Writes what the state at this index holds, without its name; with what reads it again.
    pub(crate) text: fn(&F, usize, &Reread<'_>) -> Result<String, Error>,
    pub(crate) value: fn(&F) -> Result<Value, Error>,
    /// Reads the state at this index out of what it held.
    pub(crate) read_text: fn(usize, &str) -> Result<F, Error>,
    pub(crate) read_value: fn(usize, &Value) -> Result<F, Error>,
}

/// Reads what was written, to see that it can be.
pub(crate) type Reread<'r> = dyn Fn(&str) -> Result<(), Error> + 'r;

impl<F> Debug for Keeping<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keeping")
    }
}

/// A state for `Debug`.
pub(crate) struct Shown<'s, F>(pub(crate) &'s F);

impl<F: Flow> Debug for Shown<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (F::KEEPING.show)(self.0, f)
    }
}

/// Writes what a state holds, without its name; `{}` if it holds nothing.
pub(crate) struct StateData<'s, F>(pub(crate) &'s F);

impl<F: Flow> Serialize for StateData<'_, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (F::KEEPING.value)(self.0).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// One state of a flow, as a struct that holds what is known there. Sealed: the derive of `Flow` makes it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no state",
    label = "the struct of a state belongs here",
    note = "a state is a struct in the flow's module, called as the variant of the enum"
)]
pub trait State: Into<Self::Flow> + 'static {
    /// The flow it is a state of.
    type Flow: Flow;

    #[doc(hidden)]
    const PLACE: Place;
}

#[diagnostic::do_not_recommend]
impl<S: Member + Into<S::Of> + 'static> State for S
where
    S::Of: Flow,
{
    type Flow = S::Of;
    const PLACE: Place = Place(S::PLACE);
}

/// Marks a state that the declaration lets follow `S`: one impl for each `to(...)`. Sealed: the derive of `Flow` writes it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot follow `{S}`",
    label = "no such transition is declared",
    note = "declare it: name `{Self}` in the `to(…)` of `{S}`",
    note = "what a step goes to is the state's struct, as `{S}` is one, and no variant of the enum"
)]
pub trait Follows<S: State>: Enters<S::Flow> {
    #[doc(hidden)]
    const DECLARED: Derived;
}

/// What may be shared by all states of a conversation.
pub trait Shared: Clone + Debug + Default + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Clone + Debug + Default + Serialize + DeserializeOwned + Send + Sync + 'static> Shared for T {}

/// What the states share in a flow that declares nothing to share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NothingShared {}
