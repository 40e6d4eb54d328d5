//! A flow as a picture: Mermaid, DOT or JSON, drawn from the constant [`Graph`].

mod dot;
mod json;
mod mermaid;

use std::{fmt, time::Duration};

use crate::graph::{Edge, EdgeKind, Graph, Node, ShortcutAction};

impl Graph {
    /// The graph as a Mermaid flowchart.
    pub fn to_mermaid(&self) -> String {
        mermaid::draw(self)
    }

    /// The graph in Graphviz' DOT language.
    pub fn to_dot(&self) -> String {
        dot::draw(self)
    }

    /// The graph as JSON, by names: for analytics, and for pictures of other kinds.
    pub fn to_json(&self) -> serde_json::Value {
        json::write(self)
    }

    /// The edges that a picture shows one by one. A word that counts anywhere is drawn once, from a place called so.
    fn drawn_edges(&self) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(|edge| !matches!(edge.by, EdgeKind::Shortcut(_)))
    }

    /// The words that lead from anywhere to a state, each with the index of that state and how it is written. What is put aside is come
    /// back to.
    fn drawn_shortcuts(&self) -> impl Iterator<Item = (String, usize)> {
        self.shortcuts.iter().filter_map(|shortcut| match shortcut.action {
            ShortcutAction::To(target) => Some((shortcut.word.to_owned(), target)),
            ShortcutAction::Aside(target) => Some((format!("{} (aside)", shortcut.word), target)),
            ShortcutAction::Back | ShortcutAction::Help => None,
        })
    }
}

/// The corrections that a picture shows, each from the state that is corrected to the one that asks. Those that are taken by their words
/// alone lead from wherever the field is known, and would hide all else.
fn drawn_corrections(graph: &Graph) -> impl Iterator<Item = (&Node, &Node, &'static str)> {
    graph.states.iter().flat_map(move |node| {
        let offered = node.corrects.iter().filter(|correction| correction.is_offered);
        offered.map(move |correction| (node, &graph.states[correction.asked_in], correction.words.label()))
    })
}

/// What is written on an edge; nothing on a handler's.
fn label(by: EdgeKind) -> String {
    if by == EdgeKind::Handler { String::new() } else { by.to_string() }
}

/// As a picture has it: `handler`, `"cancel"`, `after 1d`, `3 tries`.
impl fmt::Display for EdgeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Handler => f.write_str("handler"),
            Self::Shortcut(word) => write!(f, "\"{word}\""),
            Self::After(time) => write!(f, "after {}", spoken(time)),
            Self::Tries(tries) => write!(f, "{tries} tries"),
        }
    }
}

/// The time in its largest whole unit: `24h`, `90s`.
fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [(86_400, "d"), (3600, "h"), (60, "m")];
    let whole = units.into_iter().find(|(unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit));
    let (unit, letter) = whole.unwrap_or((1, "s"));
    format!("{}{letter}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_spoken_in_its_largest_whole_unit() {
        for (seconds, said) in [(86_400, "1d"), (90_000, "25h"), (5_400, "90m"), (90, "90s")] {
            assert_eq!(spoken(Duration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn what_takes_an_edge_is_written_on_it_unless_it_is_a_handler() {
        for (by, shown, written) in [
            (EdgeKind::Handler, "handler", ""),
            (EdgeKind::Shortcut("cancel"), "\"cancel\"", "\"cancel\""),
            (EdgeKind::After(Duration::from_secs(86_400)), "after 1d", "after 1d"),
            (EdgeKind::Tries(3), "3 tries", "3 tries"),
        ] {
            assert_eq!((by.to_string().as_str(), label(by).as_str()), (shown, written));
        }
    }
}
