//! What a flow looks like: the constant [`Graph`] that the derive makes of its enum.

use std::time::Duration;

use crate::answers::Words;

/// A flow as a constant: its states and edges, for diagrams, analytics and tests, and for the check of each commit.
///
/// ```
/// use flow_core::{Flow, Graph, graph::EdgeKind};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
/// enum Visit {
///     #[state(start, ask = "When will you come?", to(Booked))]
///     Welcome,
///     #[state(end, say = "See you!")]
///     Booked { day: String },
/// }
///
/// fn main() {
///     let graph: &Graph = Visit::GRAPH;
///     assert_eq!((graph.name, graph.states[1].name, graph.states[1].fields[0].name), ("visit", "BOOKED", "day"));
///     assert!(graph.allows(0, 1, EdgeKind::Handler) && !graph.allows(1, 0, EdgeKind::Handler));
///     assert!(graph.to_mermaid().contains("WELCOME --> BOOKED"));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Graph {
    /// The flow's wire name.
    pub name: &'static str,
    /// The version of the flow that this code speaks.
    pub version: u32,
    /// The doc comment of the enum.
    pub doc: &'static str,
    /// The states, in the order of the source.
    pub states: &'static [Node],
    /// The declared transitions, in the order of the source.
    pub edges: &'static [Edge],
    /// What may be said anywhere, and what it does.
    pub shortcuts: &'static [Shortcut],
    /// What a conversation can begin with besides its start.
    pub opens: &'static [Entrance],
    /// How messages are handled that wait for each other.
    pub waiting: Waiting,
}

/// How messages are handled that were accepted while another was being handled, and wait: `#[flow(waiting = "…")]`.
///
/// See [`Engine::accept`](crate::Engine::accept).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Waiting {
    /// Each has a turn of its own, in their order: `"one by one"`.
    #[default]
    OneByOne,
    /// Texts that wait one behind the other are one text of several lines, and have one turn: `"together"`. What is not text has
    /// a turn of its own.
    Together,
    /// Of what the visitor said, only the latest has a turn: `"latest"`. Events from outside have one each.
    Latest,
}

/// One state of a [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// The state's wire name, as records have it: `BOOK_NAME`.
    pub name: &'static str,
    /// The enum's variant: `BookName`.
    pub variant: &'static str,
    /// The doc comment of the variant.
    pub doc: &'static str,
    /// Names under which older records may have it.
    pub aliases: &'static [&'static str],
    /// What the state is in the flow.
    pub role: Role,
    /// Whether a checkpoint is kept when the state is entered.
    pub checkpoint: bool,
    /// The declared prompt, with its `{fields}`; empty if a handler asks.
    pub prompt: &'static str,
    /// The declared choices.
    pub choices: &'static [Words],
    /// The declared reminders.
    pub reminders: &'static [Reminder],
    /// What is known in the state.
    pub fields: &'static [Field],
    /// How many answers may be rejected before the state is left.
    pub tries: Option<u32>,
    /// What may be corrected from it.
    pub corrects: &'static [Correction],
    /// The flow that it runs; none if it asks by itself.
    pub runs: Option<&'static Graph>,
}

/// One entry of `corrects(...)`: a field that is asked for again, and nothing else with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Correction {
    /// The field.
    pub field: &'static str,
    /// What the correction is called.
    pub words: Words,
    /// The state that asks for the field, as an index.
    pub asked_in: usize,
    /// Whether it is offered with the state's question, or only taken by its words.
    pub is_offered: bool,
}

/// One entry of `remind(...)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reminder {
    /// Its name in records: the variant of the state's reminders.
    pub name: &'static str,
    /// How long after the state is entered it rings; none if a handler sets it.
    pub after: Option<Duration>,
}

/// What a state is in its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// Where every session begins.
    Start,
    /// Somewhere on the way.
    Middle,
    /// Where a conversation is over.
    End,
}

/// One thing known in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The field's name; `0` in a tuple variant.
    pub name: &'static str,
    /// The field's type, as the source has it.
    pub kind: &'static str,
}

/// One declared transition of a [`Graph`]; `from` and `to` are indices into its states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edge {
    /// The state it leaves.
    pub from: usize,
    /// The state it enters.
    pub to: usize,
    /// What takes it.
    pub by: EdgeKind,
}

/// What takes an [`Edge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EdgeKind {
    /// A handler's decision: `to(...)`.
    Handler,
    /// A word that counts anywhere: `anywhere("cancel" => …)`.
    Shortcut(&'static str),
    /// Time that passed: `after("24h", …)`.
    After(Duration),
    /// Too many rejected answers: `tries(3, …)`.
    Tries(u32),
}

/// One entry of `anywhere(...)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shortcut {
    /// The word that takes it.
    pub word: &'static str,
    /// What it does.
    pub action: ShortcutAction,
    /// The states that opted out, as indices.
    pub except: &'static [usize],
}

/// What a [`Shortcut`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShortcutAction {
    /// Goes to this state.
    To(usize),
    /// Goes back to the state before, or one answer back in a loop.
    Back,
    /// Explains, and stays.
    Help,
    /// Goes to this state, and comes back to what it interrupted once that is over.
    Aside(usize),
}

/// What a conversation can begin with besides its start, as a link names it: one entry of `opens(...)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entrance {
    /// What stands behind `/start`.
    pub payload: &'static str,
    /// Where it leads, as an index.
    pub to: usize,
}

impl Node {
    /// What can be chosen in the state: its choices, and its corrections.
    pub(crate) fn words(&self) -> impl Iterator<Item = &'static Words> + use<> {
        self.choices.iter().chain(self.corrects.iter().map(|correction| &correction.words))
    }

    /// The same, as far as it is offered with the question.
    pub(crate) fn offered_words(&self) -> impl Iterator<Item = &'static Words> + use<> {
        let offered = self.corrects.iter().filter(|correction| correction.is_offered);
        self.choices.iter().chain(offered.map(|correction| &correction.words))
    }

    /// The correction that these words name: by its label or a word for it, or by its name.
    pub(crate) fn correction(&self, said: &str) -> Option<&'static Correction> {
        self.corrects.iter().find(|correction| correction.words.is_called(said))
    }
}

impl Graph {
    /// Whether this flow is the one of this name, or a state of it runs that, however deep.
    pub const fn runs(&self, flow: &str) -> bool {
        if is_same(self.name, flow) {
            return true;
        }
        let mut index = 0;
        while index < self.states.len() {
            if let Some(inner) = self.states[index].runs
                && inner.runs(flow)
            {
                return true;
            }
            index += 1;
        }
        false
    }

    /// The place of the state with this path, `VISIT/STREET`, among all states of the flow and of those that it runs, in the order of
    /// their declarations; that of the innermost one that is declared there. Of a flow that runs none, it is the index.
    pub(crate) fn place(&self, path: &str) -> Option<usize> {
        let (name, inner) = path.split_once('/').map_or((path, None), |(name, inner)| (name, Some(inner)));
        let index = self.find(name)?;
        let own = self.states[..index].iter().map(|node| 1 + node.runs.map_or(0, Self::size)).sum();
        let inside = inner.zip(self.states[index].runs).and_then(|(path, inner)| inner.place(path));
        Some(inside.map_or(own, |place| own + 1 + place))
    }

    /// How many states it has, with those of the flows that it runs.
    fn size(&self) -> usize {
        self.states.iter().map(|node| 1 + node.runs.map_or(0, Self::size)).sum()
    }

    /// The index of the state with this wire name, or this alias.
    pub fn find(&self, name: &str) -> Option<usize> {
        let named = self.states.iter().position(|node| node.name == name);
        named.or_else(|| self.states.iter().position(|node| node.aliases.contains(&name)))
    }

    /// Whether an edge of this kind is declared between the two states.
    pub fn allows(&self, from: usize, to: usize, by: EdgeKind) -> bool {
        self.edges.contains(&Edge { from, to, by })
    }

    /// The shortcut that `said` names in the state `from`, if it has not opted out; case does not matter.
    pub fn shortcut(&self, from: usize, said: &str) -> Option<&'static Shortcut> {
        let said = said.trim();
        // `to_lowercase` of a whole essay, to find that it is not the word "cancel", would be a waste.
        self.shortcuts.iter().find(|shortcut| {
            said.len() <= 4 * shortcut.word.len()
                && said.to_lowercase() == shortcut.word.to_lowercase()
                && !shortcut.except.contains(&from)
        })
    }
}

/// Whether two texts are the same, where a constant is asked.
const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}
