//! The edges of a flow by name: [`Declared`]. Here alone a step of a history is matched with what is declared.

use std::fmt;

use flow_core::{
    Cause, Transition,
    graph::{EdgeKind, Graph},
};

/// A declared edge. Words that count anywhere and lead the same way are one edge, because a history does not tell them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) by: Vec<EdgeKind>,
}

impl Declared {
    /// The edges of this flow, in the order of the source.
    pub(super) fn all(graph: &'static Graph) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for edge in graph.edges {
            let (from, to) = (graph.states[edge.from].name, graph.states[edge.to].name);
            let same = all.iter_mut().find(|known| (known.from, known.to) == (from, to) && known.is_of_words());
            match same {
                Some(known) if is_word(edge.by) => known.by.push(edge.by),
                _ => all.push(Self { from, to, by: vec![edge.by] }),
            }
        }
        all
    }

    /// The edge that this step took; none for one that takes no declared edge, such as "back" or what an operator does.
    pub(super) fn taken_by(graph: &'static Graph, step: &Transition) -> Option<Self> {
        let name = |state: &str| graph.find(state).map(|place| graph.states[place].name);
        let (from, to) = (name(step.from.as_deref()?)?, name(&step.to)?);
        Self::all(graph).into_iter().find(|edge| (edge.from, edge.to) == (from, to) && fits(edge.by[0], step.by))
    }

    /// Whether it is taken by a word that counts anywhere.
    pub(super) fn is_of_words(&self) -> bool {
        self.by.iter().copied().all(is_word)
    }

    /// What takes it; empty for a handler.
    pub(super) fn label(&self) -> String {
        let by = self.by.iter().filter(|by| **by != EdgeKind::Handler);
        by.map(ToString::to_string).collect::<Vec<_>>().join(" or ")
    }
}

/// As a report has it: `PAY -> CANCELLED (3 tries)`.
impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.from, self.to)?;
        let label = self.label();
        if label.is_empty() { Ok(()) } else { write!(f, " ({label})") }
    }
}

fn is_word(by: EdgeKind) -> bool {
    matches!(by, EdgeKind::Shortcut(_))
}

/// Whether an edge of this kind is taken by a step with this cause.
fn fits(by: EdgeKind, cause: Cause) -> bool {
    match by {
        EdgeKind::Handler => matches!(cause, Cause::Message | Cause::Button | Cause::Signal | Cause::Timer),
        EdgeKind::Shortcut(_) => cause == Cause::Shortcut,
        EdgeKind::After(_) => cause == Cause::After,
        EdgeKind::Tries(_) => cause == Cause::Tries,
        // A kind that is newer than this kit is taken by no step that it knows, and so is reported.
        _ => false,
    }
}
