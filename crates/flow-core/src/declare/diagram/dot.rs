//! DOT: a start is an ellipse, an end has a double border, a checkpoint is bold. A flow that a state runs is a cluster, with that state
//! as its title; steps lead to its start, and out of it from its ends.

use std::fmt::Write as _;

use super::{drawn_corrections, label};
use crate::graph::{Graph, Node, Role};

pub(super) fn draw(graph: &Graph) -> String {
    let mut picture = format!("digraph {} {{\n    node [shape=box];\n", quoted(graph.name));
    draw_flow(graph, "", "    ", &mut picture);
    picture.push_str("}\n");
    picture
}

/// Draws a flow whose states are known by their names behind this `path`.
fn draw_flow(graph: &Graph, path: &str, margin: &str, picture: &mut String) {
    for node in graph.states {
        let id = quoted(&format!("{path}{}", node.name));
        let label = if path.is_empty() { String::new() } else { format!(", label={}", quoted(node.name)) };
        let _ = writeln!(picture, "{margin}{id} [{}{label}];", attributes(node));
        if let Some(inner) = node.runs {
            let (cluster, title) = (format!("cluster_{path}{}", node.name), format!("{}: {}", node.name, inner.name));
            let _ = writeln!(picture, "{margin}subgraph {} {{", quoted(&cluster));
            let _ = writeln!(picture, "{margin}    label={};", quoted(&title));
            draw_flow(inner, &format!("{path}{}/", node.name), &format!("{margin}    "), picture);
            let _ = writeln!(picture, "{margin}}}");
            for state in inner.states {
                let place = quoted(&format!("{path}{}/{}", node.name, state.name));
                match state.role {
                    Role::Start => drop(writeln!(picture, "{margin}{id} -> {place} [style=dotted];")),
                    Role::End => drop(writeln!(picture, "{margin}{place} -> {id} [style=dotted];")),
                    Role::Middle => {}
                }
            }
        }
    }
    let id = |node: &Node| quoted(&format!("{path}{}", node.name));
    for edge in graph.drawn_edges() {
        let (from, to, label) = (id(&graph.states[edge.from]), id(&graph.states[edge.to]), label(edge.by));
        let style = if label.is_empty() { String::new() } else { format!(" [style=dashed, label={}]", quoted(&label)) };
        let _ = writeln!(picture, "{margin}{from} -> {to}{style};");
    }
    for (from, to, label) in drawn_corrections(graph) {
        let (from, to, label) = (id(from), id(to), quoted(label));
        let _ = writeln!(picture, "{margin}{from} -> {to} [style=dashed, dir=both, label={label}];");
    }
    for (word, target) in graph.drawn_shortcuts() {
        let (word, to) = (quoted(&word), id(&graph.states[target]));
        let anywhere = if path.is_empty() { "anywhere".to_owned() } else { quoted(&format!("{path}anywhere")) };
        let _ = writeln!(picture, "{margin}{anywhere} -> {to} [style=dashed, label={word}];");
    }
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
