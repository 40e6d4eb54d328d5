//! Checks a declaration, and resolves its names: [`Graph`].
//!
//! A misspelt name is noted as a mistake, and then read as the nearest name, so that it causes no second mistake.

mod answering;
mod anywhere;
pub(super) mod corrections;
pub(super) mod incoming;
mod resolving;
mod rules;
mod time;

use proc_macro2::Ident;

use self::{
    corrections::Correction,
    incoming::{Carried, Reminder},
    resolving::Resolver,
};
use super::model::Model;
use crate::errors::Errors;

pub(super) use self::{
    answering::{Answering, Kind},
    rules::why_not_inferred,
};

/// The declaration with its names resolved; states are indices into the model's.
pub(super) struct Graph {
    /// In the order of the source. Those of words that count anywhere come last.
    pub(super) edges: Vec<Edge>,
    pub(super) shortcuts: Vec<Shortcut>,
    /// For each state, what its method is given besides the turn.
    pub(super) answers: Vec<Answering>,
    /// The signals that any state takes.
    pub(super) signals: Vec<Carried>,
    pub(super) effects: Vec<Carried>,
    /// For each state.
    pub(super) reminders: Vec<Vec<Reminder>>,
    /// For each state.
    pub(super) corrections: Vec<Vec<Correction>>,
    /// What a link names, and where it leads, as it is written too.
    pub(super) opens: Vec<(String, usize, Ident)>,
    /// For each state, whether a mistake hides what follows it. Nothing is told then that this mistake explains.
    hidden: Vec<bool>,
    /// Whether a mistake hides where a word leads that counts anywhere.
    hides_words: bool,
}

pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) by: By,
    /// Where it leads, as it is written.
    pub(super) name: Ident,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum By {
    Handler,
    /// So many seconds; 0 for a time that cannot be read, which has its mistake.
    After(u64),
    Tries(u32),
    Shortcut(String),
}

pub(super) struct Shortcut {
    pub(super) word: String,
    pub(super) action: Action,
    pub(super) except: Vec<usize>,
    /// Where it leads, as it is written.
    pub(super) name: Option<Ident>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    To(usize),
    Aside(usize),
    Back,
    Help,
}

/// Whether this is a time as `after` takes it.
pub(super) fn is_time(text: &str) -> bool {
    time::seconds(text).is_ok()
}

/// Resolves the declaration, and notes every mistake in it.
///
/// States whose methods have one name get different ones, so that this is one mistake.
pub(super) fn check(model: &mut Model, errors: &mut Errors) -> Graph {
    rules::tell_apart(model, errors);
    let graph = Resolver::new(model, errors).graph();
    rules::keep(model, &graph, errors);
    graph
}
