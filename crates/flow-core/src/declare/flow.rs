//! The conversation as written: [`Flow`], one enum, and [`State`], one variant of it as a struct of its own.

use std::fmt::Debug;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::graph::{Graph, Node};
use crate::{
    Enters, Reply, Wire,
    wiring::{Derived, Place},
};

/// A conversation: an enum whose variants are its states. Sealed: it is derived, never written by hand.
pub trait Flow: Stored {
    /// What belongs to the whole conversation, whatever its state; [`NothingShared`] unless declared.
    type Shared: Shared;

    /// What is told to it from outside: `signals(...)`.
    type Signal: Wire;

    /// What it wants done outside: `effects(...)`.
    type Effect: Wire;

    #[doc(hidden)]
    const SEAL: Derived;

    /// The flow as a constant.
    const GRAPH: &'static Graph;

    /// Where this state stands in [`Flow::GRAPH`].
    fn index(&self) -> usize;

    /// The state in which every session begins.
    fn start() -> Self;

    /// This state's data as the data of the state at `target`, for the steps that are taken without a handler; none if there
    /// is no such step, or if a field of the target is missing here.
    fn project(&self, target: usize) -> Option<Self>;

    /// What the declaration says on entering this state; none if a handler asks.
    fn prompt(&self) -> Option<Reply>;

    /// This state's place in the graph.
    fn node(&self) -> &'static Node {
        &Self::GRAPH.states[self.index()]
    }

    /// This state's wire name: `BOOK_NAME`.
    fn name(&self) -> &'static str {
        self.node().name
    }
}

/// What is written into a record, and read again.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored",
    label = "a conversation is written down after each turn, and read again before the next",
    note = "write `#[derive(Flow, Clone, Debug, Serialize, Deserialize)]` on it, with `use serde::{{Deserialize, Serialize}};`",
    note = "each of its fields is stored with it, and goes from thread to thread: `Rc` and `RefCell` do not, `Arc` and `Mutex` do"
)]
pub trait Stored: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static> Stored for T {}

/// One state of a flow, as a struct that holds what is known there. Sealed: the derive of `Flow` makes it.
pub trait State: Into<Self::Flow> + 'static {
    /// The flow it is a state of.
    type Flow: Flow;

    #[doc(hidden)]
    const PLACE: Place;
}

/// Marks a state that the declaration lets follow `S`: one impl for each `to(...)`. Sealed: the derive of `Flow` writes it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot follow `{S}`",
    label = "no such transition is declared",
    note = "declare it: name it in the `to(…)` of that state",
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
