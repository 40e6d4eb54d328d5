//! The cases, by subject.

mod accepted;
mod answer;
mod coming_in;
mod derives;
mod edges;
mod forms;
mod graph;
mod handlers;
mod names;
mod prompts;
mod shapes;

use crate::case::Case;

/// What some cases are about.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    cases: fn() -> Vec<Case>,
}

pub(crate) const SUBJECTS: &[Subject] = &[
    Subject { name: "forms", cases: forms::cases },
    Subject { name: "shapes", cases: shapes::cases },
    Subject { name: "names", cases: names::cases },
    Subject { name: "graph", cases: graph::cases },
    Subject { name: "prompts", cases: prompts::cases },
    Subject { name: "answer", cases: answer::cases },
    Subject { name: "derives", cases: derives::cases },
    Subject { name: "handlers", cases: handlers::cases },
    Subject { name: "edges", cases: edges::cases },
    Subject { name: "coming in", cases: coming_in::cases },
    Subject { name: "accepted", cases: accepted::cases },
];

/// The subjects of whose cases rustc has nothing of its own to say.
pub(crate) const TOLD_BY_THE_DERIVE: &[&str] = &["forms", "graph"];

/// All cases, or those with these words in their subjects and names.
pub(crate) fn all(only: Option<&str>) -> Vec<Case> {
    let cases = SUBJECTS.iter().flat_map(|subject| (subject.cases)().into_iter().map(|case| case.about(subject.name)));
    cases.filter(|case| only.is_none_or(|words| format!("{}: {}", case.subject, case.name).contains(words))).collect()
}
