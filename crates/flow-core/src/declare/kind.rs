//! A flow and its states with their types forgotten: [`Kind`], [`AnyState`], [`AnyShared`]. So a session holds states of several
//! flows, and what takes its turns is compiled once.

use std::{any::Any, fmt};

use serde_json::{Error, Value, value::to_value};

use super::{
    Shared,
    flow::{Flow, Shown, StateData},
    graph::{Graph, Node},
};
use crate::{
    Reply,
    privacy::{self, Redaction},
    session::written_with_care,
};

/// A state that was read out of what it held.
type ReadState = Result<Box<dyn AnyState>, Error>;

/// What is known of a flow whose type is not.
#[derive(Clone, Copy)]
pub struct Kind {
    pub(crate) graph: &'static Graph,
    pub(crate) start: fn() -> Box<dyn AnyState>,
    pub(crate) read_text: fn(usize, &str) -> ReadState,
    pub(crate) read_value: fn(usize, &Value) -> ReadState,
    pub(crate) nothing_shared: fn() -> Box<dyn AnyShared>,
    pub(crate) read_shared: fn(&str) -> Result<Box<dyn AnyShared>, Error>,
    /// The flows that its states run.
    runs: &'static [(usize, &'static Self)],
}

impl Kind {
    pub(crate) const fn of<F: Flow>() -> Self {
        Self {
            graph: F::GRAPH,
            start: || Box::new(F::start()),
            read_text: |index, text| Ok(Box::new((F::KEEPING.read_text)(index, text)?)),
            read_value: |index, value| Ok(Box::new((F::KEEPING.read_value)(index, value)?)),
            nothing_shared: || Box::new(F::Shared::default()),
            read_shared: |text| Ok(Box::new(serde_json::from_str::<F::Shared>(text)?)),
            runs: F::RUNS,
        }
    }

    /// The flow that the state at this index runs; none if it asks by itself.
    pub(crate) fn run_by(&self, index: usize) -> Option<&'static Self> {
        self.runs.iter().find(|(state, _)| *state == index).map(|(_, kind)| *kind)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kind").field(&self.graph.name).finish()
    }
}

/// A state of some flow.
pub(crate) trait AnyState: Any + Send + Sync {
    fn kind(&self) -> &'static Kind;
    fn index(&self) -> usize;
    fn copy(&self) -> Box<dyn AnyState>;
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    /// What it holds, written so that it is read again.
    ///
    /// Fails if it cannot be written, or would not read back: a value that serde writes and does not read (NaN, a depth beyond its
    /// bound) would lock the visitor out.
    fn text(&self) -> Result<String, Error>;
    fn value(&self) -> Result<Value, Error>;
    /// What it holds, with what is private masked.
    fn masked(&self) -> Result<Value, Error>;
    /// Strikes out what it holds that is private, too.
    fn redact(&self, redaction: Redaction) -> Redaction;
    fn prompt(&self) -> Option<Reply>;
    fn project(&self, target: usize) -> Option<Box<dyn AnyState>>;
    fn corrected(&self, field: &str, by: &dyn AnyState) -> Option<Box<dyn AnyState>>;
}

impl<F: Flow> AnyState for F {
    fn kind(&self) -> &'static Kind {
        F::KIND
    }

    fn index(&self) -> usize {
        Flow::index(self)
    }

    fn copy(&self) -> Box<dyn AnyState> {
        Box::new(Flow::copy(self))
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Shown(self), f)
    }

    fn text(&self) -> Result<String, Error> {
        let index = Flow::index(self);
        (F::KEEPING.text)(self, index, &|text| (F::KEEPING.read_text)(index, text).map(drop))
    }

    fn value(&self) -> Result<Value, Error> {
        (F::KEEPING.value)(self)
    }

    fn masked(&self) -> Result<Value, Error> {
        privacy::masked(&StateData(self))
    }

    fn redact(&self, redaction: Redaction) -> Redaction {
        redaction.of(&StateData(self))
    }

    fn prompt(&self) -> Option<Reply> {
        Flow::prompt(self)
    }

    fn project(&self, target: usize) -> Option<Box<dyn AnyState>> {
        let projected = Flow::project(Flow::copy(self), target)?;
        Some(Box::new(projected))
    }

    fn corrected(&self, field: &str, by: &dyn AnyState) -> Option<Box<dyn AnyState>> {
        let by = by.as_flow::<F>()?;
        let corrected = Flow::with_field_of(Flow::copy(self), field, Flow::copy(by))?;
        Some(Box::new(corrected))
    }
}

impl dyn AnyState {
    /// The state as one of this flow; none if it is another flow's.
    pub(crate) fn as_flow<F: Flow>(&self) -> Option<&F> {
        (self as &dyn Any).downcast_ref()
    }

    /// The same, taken out.
    pub(crate) fn into_flow<F: Flow>(self: Box<Self>) -> Option<F> {
        (self as Box<dyn Any>).downcast().ok().map(|state| *state)
    }

    /// The state's place in its flow's graph.
    pub(crate) fn node(&self) -> &'static Node {
        &self.kind().graph.states[self.index()]
    }

    /// The state's wire name.
    pub(crate) fn name(&self) -> &'static str {
        self.node().name
    }
}

impl fmt::Debug for dyn AnyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f)
    }
}

/// What the states of some flow share.
pub(crate) trait AnyShared: Any + Send + Sync {
    fn copy(&self) -> Box<dyn AnyShared>;
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    /// What is written and would be read back.
    ///
    /// Fails if it cannot be written, or would not read back: that would lock the visitor out.
    fn text(&self) -> Result<String, Error>;
    fn value(&self) -> Result<Value, Error>;
    fn masked(&self) -> Result<Value, Error>;
    fn redact(&self, redaction: Redaction) -> Redaction;
}

impl<T: Shared> AnyShared for T {
    fn copy(&self) -> Box<dyn AnyShared> {
        Box::new(self.clone())
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }

    fn text(&self) -> Result<String, Error> {
        written_with_care(self, (std::any::type_name::<T>(), 0), |text| serde_json::from_str::<T>(text).map(drop))
    }

    fn value(&self) -> Result<Value, Error> {
        to_value(self)
    }

    fn masked(&self) -> Result<Value, Error> {
        privacy::masked(self)
    }

    fn redact(&self, redaction: Redaction) -> Redaction {
        redaction.of(self)
    }
}

impl dyn AnyShared {
    /// What is shared, as this type; none if it is another.
    pub(crate) fn as_shared<T: Shared>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }

    /// The same, taken out.
    pub(crate) fn into_shared<T: Shared>(self: Box<Self>) -> Option<T> {
        (self as Box<dyn Any>).downcast().ok().map(|shared| *shared)
    }
}

impl fmt::Debug for dyn AnyShared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f)
    }
}

/// What a flow can end in. Sealed: the derive of `Flow` makes the enum of its ends.
pub trait Ends<F>: Sized + 'static {
    /// The end that this state is; none if it is no end.
    fn of(state: F) -> Option<Self>;
}

/// The ends of a flow that has none.
#[derive(Clone, Copy, Debug)]
pub enum NoEnds {}

impl<F> Ends<F> for NoEnds {
    fn of(_: F) -> Option<Self> {
        None
    }
}
