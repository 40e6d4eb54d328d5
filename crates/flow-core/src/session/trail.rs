//! The way back: [`Trail`], the states that "back" leads through.
//!
//! It is names, and back projects from the present state, so that what was corrected since stays corrected. In a loop a name is
//! not enough: there it is noted as well what the answer changed, so that going back takes it off again.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Session,
    laid::{
        reading::{Broken, Read, Reader},
        writing,
    },
    names::Names,
};
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

/// How many bytes may be noted in all. The oldest are forgotten, so that no record becomes too large by its way back.
const WIDEST: usize = 32 * 1024;

/// By which name the trail has what a state holds that has no fields with names: `Listed(Vec<String>)`.
const WHOLE: &str = "=";

/// The states that "back" leads through, the nearest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Trail(Vec<Left>);

/// A state that was left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
struct Left {
    state: Cow<'static, str>,
    undo: Noted,
}

/// What a step changed, as it is stored: the JSON of an [`Undo`], or nothing. Few of them are ever looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Noted(Option<Arc<str>>);

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
    /// Fields that were not written, as serde may be told of an empty list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unwritten: Vec<String>,
}

/// A state that was left, as records have it: most have nothing but a name.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Name(Cow<'static, str>),
    Changed {
        state: Cow<'static, str>,
        #[serde(flatten)]
        undo: Undo,
    },
}

impl From<Left> for Written {
    fn from(Left { state, undo }: Left) -> Self {
        if undo.is_nothing() { Self::Name(state) } else { Self::Changed { state, undo: undo.unpack() } }
    }
}

impl From<Written> for Left {
    fn from(written: Written) -> Self {
        match written {
            Written::Name(state) => Self { state, undo: Noted::default() },
            Written::Changed { state, undo } => Self { state, undo: Noted::of(&undo) },
        }
    }
}

impl Noted {
    fn of(undo: &Undo) -> Self {
        // Texts and JSON are always written.
        let json = (!undo.is_nothing()).then(|| serde_json::to_string(undo).unwrap_or_default());
        Self(json.map(Arc::from))
    }

    fn is_nothing(&self) -> bool {
        self.0.is_none()
    }

    fn size(&self) -> usize {
        self.0.as_ref().map_or(0, |json| json.len())
    }

    fn unpack(&self) -> Undo {
        let undo = self.0.as_ref().map(|json| serde_json::from_str(json));
        undo.and_then(Result::ok).unwrap_or_default()
    }
}

impl Undo {
    fn is_nothing(&self) -> bool {
        self.cut.is_empty() && self.was.is_empty() && self.unwritten.is_empty()
    }

    /// What it takes to have of `after` what `before` held. Of the fields that only one of them writes it is those that are
    /// `gone` or `new` in what is meant to be the same.
    fn of(before: &Value, after: &Value, gone: impl Fn(&str) -> bool, new: impl Fn(&str) -> bool) -> Self {
        let mut undo = Self::default();
        let (Value::Object(before), Value::Object(after)) = (before, after) else { return undo };
        for (field, was) in before {
            match (was, after.get(field)) {
                (was, None) if gone(field) => {
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
        undo.unwritten = after.keys().filter(|field| !before.contains_key(*field) && new(field)).cloned().collect();
        undo
    }

    /// Undoes it in the fields that are there, and in those of which `is_known` tells that they could be.
    fn apply(&self, data: &mut Value, is_known: impl Fn(&str) -> bool) {
        let Value::Object(fields) = data else { return };
        for (field, length) in &self.cut {
            if let Some(Value::Array(list)) = fields.get_mut(field) {
                list.truncate(*length);
            }
        }
        for (field, was) in &self.was {
            if fields.contains_key(field) || is_known(field) {
                fields.insert(field.clone(), was.clone());
            }
        }
        for field in &self.unwritten {
            fields.remove(field);
        }
    }

    /// Whether a state that holds this does not hold what undoing would leave, by the fields that are noted here.
    fn changes(&self, is: &Value) -> bool {
        let Value::Object(fields) = is else { return false };
        let is_longer = |(field, length): (&String, &usize)| match fields.get(field) {
            Some(Value::Array(list)) => list.len() > *length,
            _ => false,
        };
        self.cut.iter().any(is_longer)
            || self.was.iter().any(|(field, was)| fields.get(field) != Some(was))
            || self.unwritten.iter().any(|field| fields.contains_key(field))
    }

    fn forget(&mut self, field: &str) {
        self.cut.remove(field);
        self.was.remove(field);
        self.unwritten.retain(|unwritten| unwritten != field);
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
                trail.0.push(Left { state: graph.states[from].name.into(), undo: Noted::default() });
            }
            let entered = graph.find(&transition.to);
            let is_entered = |left: &Left| graph.find(&left.state) == entered;
            if let Some(place) = trail.0.iter().position(is_entered) {
                trail.0.truncate(place);
            }
        }
        trail
    }

    /// Lays each state by its place among these names, with what was changed behind it as JSON.
    pub(super) fn lay(&self, out: &mut Vec<u8>, names: &mut Names) {
        writing::size(out, self.0.len());
        // In a loop the same state follows itself.
        let mut last: Option<(&str, usize)> = None;
        for Left { state, undo: Noted(undo) } in &self.0 {
            let place = match last {
                Some((name, place)) if name == state => place,
                _ => names.place_of(state),
            };
            last = Some((state, place));
            writing::size(out, place << 1 | usize::from(undo.is_some()));
            if let Some(undo) = undo {
                writing::bytes(out, undo.as_bytes());
            }
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>, names: &[Cow<'static, str>]) -> Read<Self> {
        let left = |reader: &mut Reader<'_>| {
            let place = reader.size()?;
            let undo = match place & 1 {
                0 => Noted::default(),
                _ => Noted(Some(reader.text()?.into())),
            };
            Ok(Left { state: names.get(place >> 1).cloned().ok_or(Broken)?, undo })
        };
        reader.list(left).map(Self)
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
        let undo = Noted::of(&undo);
        if from.index() != to.index() || !undo.is_nothing() {
            self.0.push(Left { state: from.name().into(), undo });
        }
        let place = self.0.iter().position(|left| graph.find(&left.state) == Some(to.index()));
        if let Some(place) = place
            && self.is_as_it_was(place, to)
        {
            self.0.truncate(place);
        }
        let mut bytes = 0;
        let fits = |left: &&Left| {
            bytes += left.undo.size();
            bytes <= WIDEST
        };
        let kept = self.0.iter().rev().take(LONGEST).take_while(fits).count();
        self.0.drain(..self.0.len() - kept);
    }

    /// Notes that the present state, which was as the one, is kept as the other: what differs is put right, and no longer undone.
    pub(super) fn keep(&mut self, was: &dyn AnyState, present: &dyn AnyState) {
        if self.0.iter().all(|left| left.undo.is_nothing()) {
            return;
        }
        let (Some(Value::Object(was)), Some(Value::Object(is))) = (fields_of(was), fields_of(present)) else { return };
        let put_right: Vec<_> = was.keys().chain(is.keys()).filter(|field| was.get(*field) != is.get(*field)).collect();
        self.0.retain_mut(|left| {
            let was_nothing = left.undo.is_nothing();
            if !was_nothing {
                let mut undo = left.undo.unpack();
                for field in &put_right {
                    undo.forget(field);
                }
                left.undo = Noted::of(&undo);
            }
            // A round that changed nothing else is none.
            was_nothing || !left.undo.is_nothing() || left.state != present.name()
        });
    }

    /// What answers have changed, as it was.
    pub(super) fn values(&self) -> impl Iterator<Item = Value> {
        self.0.iter().flat_map(|left| left.undo.unpack().was.into_iter().map(|(_, value)| value))
    }

    /// Whether going back to this place would change nothing.
    fn is_as_it_was(&self, place: usize, state: &dyn AnyState) -> bool {
        if self.0[place..].iter().all(|left| left.undo.is_nothing()) {
            return true;
        }
        let Some(is) = fields_of(state) else { return true };
        // The first of them is undone last, so that what it says stands: where that differs, no other one has to be looked at.
        if self.0[place].undo.unpack().changes(&is) {
            return false;
        }
        let mut was = is.clone();
        self.undo_into(place, state.kind().graph, state.index(), &mut was);
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
        let same = || (target == present.index()).then(|| present.copy());
        let projected = present.project(target).or_else(same);
        let is_unchanged = self.0[place..].iter().all(|left| left.undo.is_nothing());
        let known = match projected {
            Some(state) if is_unchanged => return Some(state),
            Some(state) => state,
            // It held what the present does not.
            None if left.undo.unpack().was.is_empty() => return None,
            None => present.copy(),
        };
        let mut fields = fields_of(&*known)?;
        self.undo_into(place, kind.graph, target, &mut fields);
        let data = fields.get_mut(WHOLE).map(Value::take).unwrap_or(fields);
        (kind.read_value)(target, &data).ok()
    }

    /// Undoes, in the data of the state at this index, what was changed since the state at this place of the trail was left.
    fn undo_into(&self, place: usize, graph: &Graph, target: usize, data: &mut Value) {
        for left in self.0[place..].iter().rev() {
            let is_own = graph.find(&left.state) == Some(target);
            left.undo.unpack().apply(data, |field| is_own || declares(graph, target, field));
        }
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }
}

/// What the step changed; none if it is too much to be noted, or cannot be told.
fn undo_of(from: &dyn AnyState, to: &dyn AnyState) -> Option<Undo> {
    let (graph, index) = (from.kind().graph, from.index());
    let is_round = graph.edges.iter().any(|edge| edge.from == index && edge.to == index);
    let before = fields_of(from)?;
    let any = |_: &str| true;
    // Written as the first is, they differ by what has changed alone.
    let undo = if to.index() == index {
        Undo::of(&before, &fields_of(to)?, any, any)
    } else if let Some(after) = to.project(index) {
        Undo::of(&before, &fields_of(&*after)?, any, any)
    } else {
        let was_there = |field: &str| declares(graph, index, field);
        // Of a state that leads to itself it is all that it held: what counts its rounds may be dropped with the last.
        let gone = |field: &str| is_round || was_there(field) && declares(graph, to.index(), field);
        Undo::of(&before, &fields_of(to)?, gone, was_there)
    };
    (undo.size() <= LARGEST).then_some(undo)
}

/// What the state holds, by the names under which it is written.
fn fields_of(state: &dyn AnyState) -> Option<Value> {
    let data = state.value().ok()?;
    Some(if data.is_object() { data } else { Value::Object(Map::from_iter([(WHOLE.to_owned(), data)])) })
}

/// Whether the state at this index has a field of this name.
fn declares(graph: &Graph, state: usize, field: &str) -> bool {
    graph.states[state].fields.iter().any(|declared| declared.name == field)
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
