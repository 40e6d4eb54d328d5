//! Mermaid: a start is round at the ends, an end has a double ring, a checkpoint double sides. A flow that a state runs is drawn in a
//! frame of its own, with that state as its title.

use std::fmt::Write as _;

use super::{drawn_corrections, label};
use crate::graph::{Graph, Node, Role};

pub(super) fn draw(graph: &Graph) -> String {
    let mut picture = String::from("flowchart TD\n");
    draw_flow(graph, "", "    ", &mut picture);
    picture
}

/// Draws a flow whose states are known by their names behind this `path`.
fn draw_flow(graph: &Graph, path: &str, margin: &str, picture: &mut String) {
    for node in graph.states {
        let id = format!("{path}{}", node.name);
        let Some(inner) = node.runs else {
            let _ = writeln!(picture, "{margin}{}", shape(node, &id));
            continue;
        };
        let _ = writeln!(picture, "{margin}subgraph {id} [\"{}: {}\"]", node.name, escaped(inner.name));
        draw_flow(inner, &format!("{id}__"), &format!("{margin}    "), picture);
        let _ = writeln!(picture, "{margin}end");
    }
    let id = |node: &Node| format!("{path}{}", node.name);
    for edge in graph.drawn_edges() {
        let (from, to) = (id(&graph.states[edge.from]), id(&graph.states[edge.to]));
        let label = escaped(&label(edge.by));
        let arrow = if label.is_empty() { "-->".to_owned() } else { format!("-. \"{label}\" .->") };
        let _ = writeln!(picture, "{margin}{from} {arrow} {to}");
    }
    for (from, to, label) in drawn_corrections(graph) {
        let _ = writeln!(picture, "{margin}{} <-. \"{}\" .-> {}", id(from), escaped(label), id(to));
    }
    for (word, target) in graph.drawn_shortcuts() {
        let (word, to) = (escaped(&word), id(&graph.states[target]));
        let _ = writeln!(picture, "{margin}{path}anywhere((anywhere)) -. \"{word}\" .-> {to}");
    }
}

fn shape(node: &Node, id: &str) -> String {
    let name = node.name;
    match (node.role, node.checkpoint) {
        (Role::Start, _) => format!("{id}([{name}])"),
        (Role::End, _) => format!("{id}((({name})))"),
        (Role::Middle, true) => format!("{id}[[{name}]]"),
        (Role::Middle, false) => format!("{id}[{name}]"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('"', "#quot;").replace('\n', " ")
}
