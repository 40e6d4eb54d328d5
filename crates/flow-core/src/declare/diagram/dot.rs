//! DOT: a start is an ellipse, an end has a double border, a checkpoint is bold.

use std::fmt::Write as _;

use super::label;
use crate::graph::{Graph, Node, Role};

pub(super) fn draw(graph: &Graph) -> String {
    let mut picture = format!("digraph {} {{\n    node [shape=box];\n", quoted(graph.name));
    for node in graph.states {
        let _ = writeln!(picture, "    {} [{}];", quoted(node.name), attributes(node));
    }
    for edge in graph.drawn_edges() {
        let (from, to, label) = (graph.states[edge.from].name, graph.states[edge.to].name, label(edge.by));
        let style = if label.is_empty() { String::new() } else { format!(" [style=dashed, label={}]", quoted(&label)) };
        let _ = writeln!(picture, "    {} -> {}{style};", quoted(from), quoted(to));
    }
    for (shortcut, target) in graph.drawn_shortcuts() {
        let (word, to) = (quoted(shortcut.word), quoted(graph.states[target].name));
        let _ = writeln!(picture, "    anywhere -> {to} [style=dashed, label={word}];");
    }
    picture.push_str("}\n");
    picture
}

fn attributes(node: &Node) -> String {
    let shape = match node.role {
        Role::Start => "shape=ellipse",
        Role::Middle => "shape=box",
        Role::End => "shape=box, peripheries=2",
    };
    let style = if node.checkpoint { ", style=bold" } else { "" };
    format!("{shape}{style}, tooltip={}", quoted(node.doc))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
