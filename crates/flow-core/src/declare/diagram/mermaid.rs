//! Mermaid: a start is round at the ends, an end has a double ring, a checkpoint double sides.

use std::fmt::Write as _;

use super::label;
use crate::graph::{Graph, Node, Role};

pub(super) fn draw(graph: &Graph) -> String {
    let mut picture = String::from("flowchart TD\n");
    for node in graph.states {
        let _ = writeln!(picture, "    {}", shape(node));
    }
    for edge in graph.drawn_edges() {
        let (from, to, label) = (graph.states[edge.from].name, graph.states[edge.to].name, escaped(&label(edge.by)));
        let arrow = if label.is_empty() { "-->".to_owned() } else { format!("-. \"{label}\" .->") };
        let _ = writeln!(picture, "    {from} {arrow} {to}");
    }
    for (shortcut, target) in graph.drawn_shortcuts() {
        let (word, to) = (escaped(shortcut.word), graph.states[target].name);
        let _ = writeln!(picture, "    anywhere((anywhere)) -. \"{word}\" .-> {to}");
    }
    picture
}

fn shape(node: &Node) -> String {
    let name = node.name;
    match (node.role, node.checkpoint) {
        (Role::Start, _) => format!("{name}([{name}])"),
        (Role::End, _) => format!("{name}((({name})))"),
        (Role::Middle, true) => format!("{name}[[{name}]]"),
        (Role::Middle, false) => format!("{name}[{name}]"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('"', "#quot;").replace('\n', " ")
}
