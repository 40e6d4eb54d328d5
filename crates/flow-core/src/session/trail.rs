//! The way back: [`Trail`], the states that "back" leads through.
//!
//! It is names, and back projects from the present state, so that what was corrected since stays corrected. In a loop a name is
//! not enough: there it is noted as well what the answer changed, so that going back takes it off again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Session;
use crate::{
    Flow, Transition,
    declare::{
        AnyState,
        graph::{EdgeKind, Graph},
    },
};

/// How many states are remembered. The oldest are forgotten.
const LONGEST: usize = 64;

/// How many bytes may be noted of what one answer changed: beyond that, nothing before it can be gone back to.
const LARGEST: usize = 4 * 1024;

/// The states that "back" leads through, the nearest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Trail(Vec<Left>);

/// A state that was left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
struct Left {
    state: String,
    undo: Undo,
}

/// What the step changed of what the state held, to be undone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Undo {
    /// Lists that grew, and how long they were.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    cut: BTreeMap<String, usize>,
    /// Fields that had another value.
    #[serde(skip_serializing_if = "Map::is_empty")]
    was: Map<String, Value>,
}

/// A state that was left, as records have it: most have nothing but a name.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Name(String),
    Changed {
        state: String,
        #[serde(flatten)]
        undo: Undo,
    },
}

impl From<Left> for Written {
    fn from(Left { state, undo }: Left) -> Self {
        if undo.is_nothing() { Self::Name(state) } else { Self::Changed { state, undo } }
    }
}

impl From<Written> for Left {
    fn from(written: Written) -> Self {
        match written {
            Written::Name(state) => Self { state, undo: Undo::default() },
            Written::Changed { state, undo } => Self { state, undo },
        }
    }
}

impl Undo {
    fn is_nothing(&self) -> bool {
        self.cut.is_empty() && self.was.is_empty()
    }

    /// What it takes to have of `after` what `before` held, in the fields that both have. Of a state that leads to itself it is all that
    /// it held: what counts its rounds may be dropped with the last.
    fn of(before: &Value, after: &Value, is_round: bool) -> Self {
        let mut undo = Self::default();
        let (Value::Object(before), Value::Object(after)) = (before, after) else { return undo };
        for (field, was) in before {
            match (was, after.get(field)) {
                (was, None) if is_round => {
                    undo.was.insert(field.clone(), was.clone());
                }
                (_, None) => {}
                (was, Some(is)) if was == is => {}
                (Value::Array(was), Some(Value::Array(is))) if is.starts_with(was) => {
                    undo.cut.insert(field.clone(), was.len());
                }
                (was, Some(_)) => {
                    undo.was.insert(field.clone(), was.clone());
                }
            }
        }
        undo
    }

    /// Undoes it in the fields that are there.
    fn apply(&self, data: &mut Value) {
        let Value::Object(fields) = data else { return };
        for (field, length) in &self.cut {
            if let Some(Value::Array(list)) = fields.get_mut(field) {
                list.truncate(*length);
            }
        }
        for (field, was) in &self.was {
            if let Some(value) = fields.get_mut(field) {
                value.clone_from(was);
            }
        }
    }

    /// Puts back what was dropped.
    fn restore(&self, data: &mut Value) {
        let Value::Object(fields) = data else { return };
        for (field, was) in &self.was {
            if !fields.contains_key(field) {
                fields.insert(field.clone(), was.clone());
            }
        }
    }

    fn size(&self) -> usize {
        self.was.values().map(|value| value.to_string().len()).sum()
    }
}

impl Trail {
    /// What older releases wrote no trail for, as the steps of the history have it.
    pub(super) fn of_history(history: &[Transition], graph: &Graph) -> Self {
        let mut trail = Self::default();
        for transition in history {
            if transition.by.begins() || transition.by.is_operators() {
                trail.0.clear();
            } else if let Some(from) = transition.from.as_deref().and_then(|name| graph.find(name)) {
                trail.0.push(Left { state: graph.states[from].name.to_owned(), undo: Undo::default() });
            }
            let entered = graph.find(&transition.to);
            let is_entered = |left: &Left| graph.find(&left.state) == entered;
            if let Some(place) = trail.0.iter().position(is_entered) {
                trail.0.truncate(place);
            }
        }
        trail
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Notes that the step from one state to the other leaves the first.
    ///
    /// Coming to a state again as it was forgets what lay between, as a visitor would. In a loop it is not as it was: there the way back
    /// leads through each of its rounds.
    pub(super) fn leave(&mut self, from: &dyn AnyState, to: &dyn AnyState) {
        let graph = from.kind().graph;
        let undo = if loops(graph, from.index()) { undo_of(from, to) } else { Some(Undo::default()) };
        let Some(undo) = undo else { return self.0.clear() };
        if from.index() != to.index() || !undo.is_nothing() {
            self.0.push(Left { state: from.name().to_owned(), undo });
        }
        let place = self.0.iter().position(|left| graph.find(&left.state) == Some(to.index()));
        if let Some(place) = place
            && self.is_as_it_was(place, to)
        {
            self.0.truncate(place);
        }
        let surplus = self.0.len().saturating_sub(LONGEST);
        self.0.drain(..surplus);
    }

    /// Whether going back to this place would change nothing.
    fn is_as_it_was(&self, place: usize, state: &dyn AnyState) -> bool {
        if self.0[place..].iter().all(|left| left.undo.is_nothing()) {
            return true;
        }
        let Ok(is) = state.value() else { return true };
        let mut was = is.clone();
        self.0[place..].iter().rev().for_each(|left| left.undo.apply(&mut was));
        is == was
    }

    /// The state that going back leads to from `present`, and how much of the trail is left then; none if nothing lies behind, or if
    /// what does is no longer known.
    pub(super) fn back(&self, present: &dyn AnyState) -> Option<(Box<dyn AnyState>, usize)> {
        let last = self.0.len().checked_sub(1)?;
        let behind = self.state_left(last, present).map(|state| (state, last));
        // In a loop of several states what lies between its rounds may be gone.
        behind.or_else(|| {
            let is_same = |left: &Left| present.kind().graph.find(&left.state) == Some(present.index());
            let place = self.0.iter().rposition(is_same)?;
            Some((self.state_left(place, present)?, place))
        })
    }

    /// The state at this place of the trail, as it was left but for what is known otherwise since.
    fn state_left(&self, place: usize, present: &dyn AnyState) -> Option<Box<dyn AnyState>> {
        let (kind, left) = (present.kind(), &self.0[place]);
        let target = kind.graph.find(&left.state)?;
        let since = || self.0[place..].iter().rev().map(|left| &left.undo);
        let same = || (target == present.index()).then(|| present.copy());
        match present.project(target).or_else(same) {
            Some(state) if since().all(Undo::is_nothing) => Some(state),
            Some(state) => {
                let mut data = state.value().ok()?;
                since().for_each(|undo| undo.apply(&mut data));
                (kind.read_value)(target, &data).ok()
            }
            None if left.undo.was.is_empty() => None,
            None => {
                let mut data = present.value().ok()?;
                since().for_each(|undo| undo.apply(&mut data));
                left.undo.restore(&mut data);
                (kind.read_value)(target, &data).ok()
            }
        }
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }
}

/// What the step changed; none if it is too much to be noted, or cannot be told.
fn undo_of(from: &dyn AnyState, to: &dyn AnyState) -> Option<Undo> {
    let edges = from.kind().graph.edges;
    let is_round = edges.iter().any(|edge| edge.from == from.index() && edge.to == from.index());
    let undo = Undo::of(&from.value().ok()?, &to.value().ok()?, is_round);
    (undo.size() <= LARGEST).then_some(undo)
}

/// Whether handlers can lead from the state back to it.
fn loops(graph: &Graph, state: usize) -> bool {
    let (mut reached, mut next) = (vec![false; graph.states.len()], vec![state]);
    while let Some(from) = next.pop() {
        for edge in graph.edges.iter().filter(|edge| edge.from == from && edge.by == EdgeKind::Handler) {
            if edge.to == state {
                return true;
            }
            if !std::mem::replace(&mut reached[edge.to], true) {
                next.push(edge.to);
            }
        }
    }
    false
}

impl<F: Flow> Session<F> {
    /// Where "back" leads at this depth; none if nothing lies behind there.
    pub(crate) fn state_before(&self, depth: usize) -> Option<Box<dyn AnyState>> {
        self.trail_at(depth).back(self.state_at(depth)).map(|(state, _)| state)
    }
}
