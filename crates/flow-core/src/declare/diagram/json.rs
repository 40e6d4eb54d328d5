//! JSON: everything that the graph knows, by names instead of indices.

use serde_json::{Value, json};

use crate::{
    answers::Words,
    graph::{Correction, Edge, EdgeKind, Entrance, Graph, Node, Reminder, Role, Shortcut, ShortcutAction},
};

pub(super) fn write(graph: &Graph) -> Value {
    let name = |index: &usize| graph.states[*index].name;
    let edge = |edge: &Edge| {
        let by = match edge.by {
            EdgeKind::Handler => json!("handler"),
            EdgeKind::Shortcut(word) => json!({ "shortcut": word }),
            EdgeKind::After(time) => json!({ "afterSeconds": time.as_secs() }),
            EdgeKind::Tries(tries) => json!({ "tries": tries }),
        };
        json!({ "from": name(&edge.from), "to": name(&edge.to), "by": by })
    };
    let shortcut = |shortcut: &Shortcut| {
        let action = match shortcut.action {
            ShortcutAction::To(target) => json!({ "to": name(&target) }),
            ShortcutAction::Aside(target) => json!({ "aside": name(&target) }),
            ShortcutAction::Back => json!("back"),
            ShortcutAction::Help => json!("help"),
        };
        let except: Vec<_> = shortcut.except.iter().map(name).collect();
        json!({ "word": shortcut.word, "action": action, "except": except })
    };
    let entrance = |entrance: &Entrance| json!({ "payload": entrance.payload, "to": name(&entrance.to) });
    let node = |state: &Node| {
        let mut value = node(state);
        let correction = |correction: &Correction| {
            json!({
                "field": correction.field,
                "words": correction.words.words,
                "askedIn": name(&correction.asked_in),
                "offered": correction.is_offered,
            })
        };
        if !state.corrects.is_empty() {
            value["corrects"] = state.corrects.iter().map(correction).collect();
        }
        if let Some(inner) = state.runs {
            value["runs"] = write(inner);
        }
        value
    };
    let mut written = json!({
        "name": graph.name,
        "version": graph.version,
        "doc": graph.doc,
        "states": graph.states.iter().map(node).collect::<Vec<_>>(),
        "edges": graph.edges.iter().map(edge).collect::<Vec<_>>(),
        "anywhere": graph.shortcuts.iter().map(shortcut).collect::<Vec<_>>(),
    });
    if !graph.opens.is_empty() {
        written["opens"] = graph.opens.iter().map(entrance).collect();
    }
    written
}

fn node(node: &Node) -> Value {
    let role = match node.role {
        Role::Start => "start",
        Role::Middle => "middle",
        Role::End => "end",
    };
    let fields: Vec<_> = node.fields.iter().map(|field| json!({ "name": field.name, "type": field.kind })).collect();
    let choice = |choice: &Words| json!({ "name": choice.name, "words": choice.words });
    let reminder = |reminder: &Reminder| json!({ "name": reminder.name, "afterSeconds": reminder.after.map(|time| time.as_secs()) });
    json!({
        "name": node.name,
        "variant": node.variant,
        "doc": node.doc,
        "aliases": node.aliases,
        "role": role,
        "checkpoint": node.checkpoint,
        "prompt": node.prompt,
        "choices": node.choices.iter().map(choice).collect::<Vec<_>>(),
        "reminders": node.reminders.iter().map(reminder).collect::<Vec<_>>(),
        "fields": fields,
        "tries": node.tries,
    })
}
