//! A flow as Mermaid, with what no test takes: dashed, and called "never".

use std::{collections::BTreeMap, fmt::Write as _};

use flow_core::graph::Graph;

use super::{
    Seen,
    edge::{ANYWHERE, Declared},
};

pub(super) fn draw(graph: &Graph, edges: &[Seen]) -> String {
    let mut picture = String::new();
    // The states are drawn as in every picture of the flow.
    for line in graph.to_mermaid().lines().filter(|line| !line.contains("-->") && !line.contains(".->")) {
        let _ = writeln!(picture, "{line}");
    }
    for Seen { edge, is_taken } in edges.iter().filter(|seen| !seen.edge.is_of_words()) {
        let never = if *is_taken { None } else { Some("never".to_owned()) };
        let from = if edge.from.is_none() { anywhere(edge) } else { id(&edge.from()) };
        arrow(&mut picture, &from, &id(&edge.to()), &edge.label(), never);
    }
    for ((to, label), seen) in words(edges) {
        let missing: Vec<_> = seen.iter().filter(|seen| !seen.is_taken).filter_map(|seen| seen.edge.from).collect();
        let never = match missing.len() {
            0 => None,
            count if count == seen.len() => Some("never".to_owned()),
            _ => Some(format!("never from {}", missing.join(", "))),
        };
        if let Some(first) = seen.first() {
            arrow(&mut picture, &anywhere(&first.edge), &id(&to), &label, never.clone());
        }
    }
    picture
}

/// The words that count anywhere, drawn once for each place to which they lead.
fn words(edges: &[Seen]) -> BTreeMap<(String, String), Vec<&Seen>> {
    let mut words: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for seen in edges.iter().filter(|seen| seen.edge.is_of_words()) {
        words.entry((seen.edge.to(), seen.edge.label())).or_default().push(seen);
    }
    words
}

/// What a state with this path is called in every picture of the flow.
fn id(path: &str) -> String {
    path.replace('/', "__")
}

fn anywhere(edge: &Declared) -> String {
    format!("{}{ANYWHERE}(({ANYWHERE}))", id(&edge.path))
}

fn arrow(picture: &mut String, from: &str, to: &str, label: &str, never: Option<String>) {
    let label = label.replace('"', "#quot;").replace('\n', " ");
    let _ = match never {
        None if label.is_empty() => writeln!(picture, "    {from} --> {to}"),
        None => writeln!(picture, "    {from} -- \"{label}\" --> {to}"),
        Some(never) if label.is_empty() => writeln!(picture, "    {from} -. \"{never}\" .-> {to}"),
        Some(never) => writeln!(picture, "    {from} -. \"{never}: {label}\" .-> {to}"),
    };
}
