//! How the derive's code writes a graph down. Not for users: they derive `Flow`.
#![allow(missing_docs, reason = "each is named as what it writes")]

use std::time::Duration;

use super::graph::{
    Correction, Edge, EdgeKind, Entrance, Field, Graph, Node, Reminder, Role, Shortcut, ShortcutAction, Waiting,
};
use crate::answers::Words;

type Text = &'static str;

pub const fn graph(
    (name, version, doc): (Text, u32, Text),
    states: &'static [Node],
    edges: &'static [Edge],
    shortcuts: &'static [Shortcut],
) -> Graph {
    Graph { name, version, doc, states, edges, shortcuts, opens: &[], waiting: Waiting::OneByOne }
}

#[doc(hidden)]
impl Graph {
    #[must_use]
    pub const fn handled_together(self) -> Self {
        Self { waiting: Waiting::Together, ..self }
    }

    #[must_use]
    pub const fn handled_by_the_latest(self) -> Self {
        Self { waiting: Waiting::Latest, ..self }
    }

    #[must_use]
    pub const fn opened_by(self, opens: &'static [Entrance]) -> Self {
        Self { opens, ..self }
    }
}

pub const fn start(name: Text, variant: Text, doc: Text) -> Node {
    node(name, variant, doc, Role::Start)
}

pub const fn middle(name: Text, variant: Text, doc: Text) -> Node {
    node(name, variant, doc, Role::Middle)
}

pub const fn end(name: Text, variant: Text, doc: Text) -> Node {
    node(name, variant, doc, Role::End)
}

const fn node(name: Text, variant: Text, doc: Text, role: Role) -> Node {
    Node {
        name,
        variant,
        doc,
        aliases: &[],
        role,
        checkpoint: false,
        prompt: "",
        choices: &[],
        reminders: &[],
        fields: &[],
        tries: None,
        corrects: &[],
        runs: None,
    }
}

#[doc(hidden)]
impl Node {
    #[must_use]
    pub const fn also_known_as(self, aliases: &'static [Text]) -> Self {
        Self { aliases, ..self }
    }

    #[must_use]
    pub const fn checkpoint(self) -> Self {
        Self { checkpoint: true, ..self }
    }

    #[must_use]
    pub const fn saying(self, prompt: Text) -> Self {
        Self { prompt, ..self }
    }

    #[must_use]
    pub const fn offering(self, choices: &'static [Words]) -> Self {
        Self { choices, ..self }
    }

    #[must_use]
    pub const fn reminding(self, reminders: &'static [Reminder]) -> Self {
        Self { reminders, ..self }
    }

    #[must_use]
    pub const fn knowing(self, fields: &'static [Field]) -> Self {
        Self { fields, ..self }
    }

    #[must_use]
    pub const fn left_after(self, tries: u32) -> Self {
        Self { tries: Some(tries), ..self }
    }

    #[must_use]
    pub const fn correcting(self, corrects: &'static [Correction]) -> Self {
        Self { corrects, ..self }
    }

    #[must_use]
    pub const fn running(self, graph: &'static Graph) -> Self {
        Self { runs: Some(graph), ..self }
    }
}

/// A correction that is offered with the question.
pub const fn correction(field: Text, words: &'static [Text], name: Text, asked_in: usize) -> Correction {
    Correction { field, words: Words::declared(name, words), asked_in, is_offered: true }
}

/// A correction that is taken by its words alone.
pub const fn correction_by_word(field: Text, words: &'static [Text], name: Text, asked_in: usize) -> Correction {
    Correction { is_offered: false, ..correction(field, words, name, asked_in) }
}

/// Whether a state of the flow is an end.
pub const fn has_end(graph: &Graph) -> bool {
    let mut index = 0;
    while index < graph.states.len() {
        if matches!(graph.states[index].role, Role::End) {
            return true;
        }
        index += 1;
    }
    false
}

pub const fn entrance(payload: Text, to: usize) -> Entrance {
    Entrance { payload, to }
}

pub const fn field(name: Text, kind: Text) -> Field {
    Field { name, kind }
}

pub const fn reminder(name: Text) -> Reminder {
    Reminder { name, after: None }
}

pub const fn reminder_after(name: Text, seconds: u64) -> Reminder {
    Reminder { name, after: Some(Duration::from_secs(seconds)) }
}

pub const fn by_handler(from: usize, to: usize) -> Edge {
    Edge { from, to, by: EdgeKind::Handler }
}

pub const fn by_word(from: usize, to: usize, word: Text) -> Edge {
    Edge { from, to, by: EdgeKind::Shortcut(word) }
}

pub const fn by_time(from: usize, to: usize, seconds: u64) -> Edge {
    Edge { from, to, by: EdgeKind::After(Duration::from_secs(seconds)) }
}

pub const fn by_tries(from: usize, to: usize, tries: u32) -> Edge {
    Edge { from, to, by: EdgeKind::Tries(tries) }
}

pub const fn word_to(word: Text, to: usize, except: &'static [usize]) -> Shortcut {
    Shortcut { word, action: ShortcutAction::To(to), except }
}

pub const fn word_aside(word: Text, to: usize, except: &'static [usize]) -> Shortcut {
    Shortcut { word, action: ShortcutAction::Aside(to), except }
}

pub const fn word_back(word: Text, except: &'static [usize]) -> Shortcut {
    Shortcut { word, action: ShortcutAction::Back, except }
}

pub const fn word_help(word: Text, except: &'static [usize]) -> Shortcut {
    Shortcut { word, action: ShortcutAction::Help, except }
}
