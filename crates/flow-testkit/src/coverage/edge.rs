//! The edges of a flow, and of the flows in it, by name: [`Declared`]. Here alone a step of a history is matched with what is declared.

use std::fmt;

use flow_core::{
    Cause, Transition,
    graph::{EdgeKind, Graph},
};

use super::place::{Place, Why, places};

/// A declared edge. Words that count anywhere and lead the same way are one edge, and so are the corrections that one state asks for,
/// because a history does not tell them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    /// The states whose flows it is in, each with a `/` behind it; empty in the flow that is reported.
    pub(super) path: String,
    /// None for a correction of the whole flow, which may be made from many states.
    pub(super) from: Option<&'static str>,
    pub(super) to: &'static str,
    pub(super) by: By,
}

/// What takes a declared edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum By {
    Edge(Vec<EdgeKind>),
    /// One of these fields is corrected.
    Correction(Vec<&'static str>),
}

impl Declared {
    /// The edges of this flow, then those of the flows that its states run, in the order of the source.
    pub(super) fn all(graph: &'static Graph) -> Vec<Self> {
        let mut all = Vec::new();
        Self::add(graph, "", &mut all);
        all
    }

    fn add(graph: &'static Graph, path: &str, all: &mut Vec<Self>) {
        all.extend(Self::of_flow(graph, path));
        for node in graph.states {
            if let Some(inner) = node.runs {
                Self::add(inner, &format!("{path}{}/", node.name), all);
            }
        }
    }

    /// The edges of the flow behind this path alone.
    fn of_flow(graph: &'static Graph, path: &str) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for edge in graph.edges {
            let (from, to) = (Some(graph.states[edge.from].name), graph.states[edge.to].name);
            let same = all.iter_mut().find(|known| (known.from, known.to) == (from, to) && known.is_of_words());
            match same {
                Some(Self { by: By::Edge(known), .. }) if is_word(edge.by) => known.push(edge.by),
                _ => all.push(Self { path: path.to_owned(), from, to, by: By::Edge(vec![edge.by]) }),
            }
        }
        for node in graph.states {
            for correction in node.corrects {
                let from = correction.is_offered.then_some(node.name);
                let to = graph.states[correction.asked_in].name;
                let same = all.iter_mut().find_map(|known| match &mut known.by {
                    By::Correction(fields) if (known.from, known.to) == (from, to) => Some(fields),
                    _ => None,
                });
                match same {
                    Some(fields) if fields.contains(&correction.field) => {}
                    Some(fields) => fields.push(correction.field),
                    None => {
                        let by = By::Correction(vec![correction.field]);
                        all.push(Self { path: path.to_owned(), from, to, by });
                    }
                }
            }
        }
        all
    }

    /// The edge that this step took; none for one that takes no declared edge, such as "back" or what an operator does.
    pub(super) fn taken_by(graph: &'static Graph, step: &Transition) -> Option<Self> {
        let (from, to) = (places(graph, step.from.as_deref()?)?, places(graph, &step.to)?);
        let (entered, below) = to.split_last()?;
        match step.by {
            Cause::Correction => below.last()?.correction_to(entered),
            Cause::Aside => {
                let left = from.iter().rfind(|place| place.path == entered.path)?;
                left.edge_to(entered, Cause::Shortcut)
            }
            by => {
                let (same, left) = from.split_at_checked(below.len())?;
                if same != below {
                    return None;
                }
                if !is_decision(by) {
                    return left.iter().rev().find_map(|place| place.edge_to(entered, by));
                }
                // What the question of a correction leads to is put where the correction began: the history does not tell whose
                // decision it was.
                let (own, above) = left.split_first()?;
                let is_corrected =
                    [Some(own), above.first()].into_iter().flatten().any(|place| place.why == Why::Correction);
                let is_back = by == Cause::Done && above.first().is_none_or(|place| place.why != Why::Run);
                if is_corrected || is_back { None } else { own.edge_to(entered, by) }
            }
        }
    }

    /// Whether it is taken by a word that counts anywhere.
    pub(super) fn is_of_words(&self) -> bool {
        matches!(&self.by, By::Edge(by) if by.iter().copied().all(is_word))
    }

    /// What takes it; empty for a handler.
    pub(super) fn label(&self) -> String {
        match &self.by {
            By::Edge(by) => {
                let by = by.iter().filter(|by| **by != EdgeKind::Handler);
                by.map(ToString::to_string).collect::<Vec<_>>().join(" or ")
            }
            By::Correction(fields) => format!("correction of {}", fields.join(" or ")),
        }
    }

    /// The path of the state that it leaves; `anywhere` for a correction of the whole flow.
    pub(super) fn from(&self) -> String {
        format!("{}{}", self.path, self.from.unwrap_or(ANYWHERE))
    }

    /// The path of the state that it enters.
    pub(super) fn to(&self) -> String {
        format!("{}{}", self.path, self.to)
    }
}

/// Where what counts anywhere comes from.
pub(super) const ANYWHERE: &str = "anywhere";

impl Place {
    fn edge_to(&self, entered: &Self, cause: Cause) -> Option<Declared> {
        self.declared_to(entered, |edge| {
            edge.from == Some(self.name()) && matches!(&edge.by, By::Edge(by) if fits(by[0], cause))
        })
    }

    fn correction_to(&self, entered: &Self) -> Option<Declared> {
        let node = &self.flow.states[self.state];
        let correction = node.corrects.iter().find(|correction| correction.asked_in == entered.state)?;
        let from = correction.is_offered.then_some(node.name);
        self.declared_to(entered, |edge| edge.from == from && matches!(edge.by, By::Correction(_)))
    }

    /// The edge of this place's flow that enters the other one, and of which this holds.
    fn declared_to(&self, entered: &Self, holds: impl Fn(&Declared) -> bool) -> Option<Declared> {
        if self.path != entered.path {
            return None;
        }
        let mut all = Declared::of_flow(self.flow, &self.path).into_iter();
        all.find(|edge| edge.to == entered.name() && holds(edge))
    }
}

/// As a report has it: `PAY -> CANCELLED (3 tries)`, `VISIT/REVIEW -> VISIT/REVIEW/ASK_EMAIL (correction of email)`.
impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, label) = (self.from(), self.label());
        match self.by {
            By::Correction(_) if self.from.is_some() => write!(f, "{from} -> {from}/{} ({label})", self.to),
            _ if label.is_empty() => write!(f, "{from} -> {}", self.to()),
            _ => write!(f, "{from} -> {} ({label})", self.to()),
        }
    }
}

fn is_word(by: EdgeKind) -> bool {
    matches!(by, EdgeKind::Shortcut(_))
}

/// Whether a handler has decided a step with this cause.
fn is_decision(cause: Cause) -> bool {
    matches!(cause, Cause::Message | Cause::Button | Cause::Signal | Cause::Timer | Cause::Done)
}

/// Whether an edge of this kind is taken by a step with this cause.
fn fits(by: EdgeKind, cause: Cause) -> bool {
    match by {
        EdgeKind::Handler => is_decision(cause),
        EdgeKind::Shortcut(_) => cause == Cause::Shortcut,
        EdgeKind::After(_) => cause == Cause::After,
        EdgeKind::Tries(_) => cause == Cause::Tries,
        // A kind that is newer than this kit is taken by no step that it knows, and so is reported.
        _ => false,
    }
}
