//! From names to indices: [`Resolver`].

use std::collections::HashMap;

use proc_macro2::Ident;

use super::{By, Edge, Graph, Shortcut, answering::answering, anywhere::shortcut_edges, incoming, rules, time};
use crate::{
    errors::Errors,
    flow::{
        attr::{AfterWord, Target},
        model::Model,
    },
    items::written,
    names::nearest,
};

fn indices(model: &Model) -> HashMap<String, usize> {
    model.states.iter().enumerate().map(|(index, state)| (state.ident.to_string(), index)).collect()
}

/// Turns names into indices, and notes those that name nothing.
pub(super) struct Resolver<'c> {
    pub(super) model: &'c Model,
    pub(super) indices: HashMap<String, usize>,
    /// As in the graph, as is the next.
    pub(super) hidden: Vec<bool>,
    pub(super) hides_words: bool,
    pub(super) errors: &'c mut Errors,
}

impl<'c> Resolver<'c> {
    pub(super) fn new(model: &'c Model, errors: &'c mut Errors) -> Self {
        let hidden = model.states.iter().map(|state| state.is_faulty || rules::is_unfinished(state)).collect();
        Self { model, indices: indices(model), hidden, hides_words: model.is_faulty, errors }
    }

    pub(super) fn graph(mut self) -> Graph {
        let shortcuts = self.shortcuts();
        let edges = self.edges(&shortcuts);
        let (corrections, opens) = (self.corrections(&edges), self.opens());
        let (model, errors) = (self.model, self.errors);
        let states = model.states.iter().enumerate();
        let answers = states.map(|(index, state)| answering(model, index, state, &edges)).collect();
        let (signals, effects) = (incoming::signals(model, errors), incoming::effects(model, errors));
        let reminders = model.states.iter().map(|state| incoming::reminders(state, errors)).collect();
        let (hidden, hides_words) = (self.hidden, self.hides_words);
        Graph { edges, shortcuts, answers, signals, effects, reminders, corrections, opens, hidden, hides_words }
    }

    /// The state of this name; that of the nearest name, or none, if the name is misspelt.
    pub(super) fn state(&mut self, from: Option<usize>, target: &Target) -> Option<usize> {
        let (model, name) = (self.model, &target.ident);
        if name == "Self" {
            self.errors.at(name, "a state stands here by its name: write the name of the variant");
            return None;
        }
        let is_of_this_flow = |word: &Ident| *word == model.ident || *word == model.module || word == "Self";
        let is_strange = target.path.last().is_some_and(|word| !is_of_this_flow(word));
        let names: Vec<_> = model.states.iter().map(|state| state.ident.to_string()).collect();
        let names_of_states = || names.iter().map(String::as_str);
        let exact = names_of_states().find(|state| *name == **state);
        let near = exact.or_else(|| nearest(&name.to_string(), names_of_states()));
        match near {
            Some(near) => {
                if is_strange {
                    let whole = written(&target.whole());
                    let message = format!("`{whole}` is no state of `{}`: write `{near}`", model.ident);
                    self.errors.at(target.whole(), message);
                } else if *name != near {
                    self.errors.at(name, format!("there is no state `{name}`; did you mean `{near}`?"));
                }
                self.indices.get(near).copied()
            }
            None => {
                let more = if names.len() > 12 { ", …" } else { "" };
                // The one that follows in the source is the likeliest.
                let first = from.map_or(0, |from| from + 1);
                let some = names.iter().cycle().skip(first).take(names.len().min(12));
                let some: Vec<_> = some.map(|name| format!("`{name}`")).collect();
                self.errors.at(name, format!("there is no state `{name}`; there are {}{more}", some.join(", ")));
                None
            }
        }
    }

    /// The state that a way out of another leads to.
    fn next(&mut self, from: usize, target: &Target) -> Option<usize> {
        if !self.indices.contains_key(&target.ident.to_string()) {
            self.hidden[from] = true;
        }
        self.state(Some(from), target)
    }

    fn edges(&mut self, shortcuts: &[Shortcut]) -> Vec<Edge> {
        let model = self.model;
        let mut edges = Vec::new();
        for (from, state) in model.states.iter().enumerate() {
            let first = edges.len();
            for (place, name) in state.to.iter().enumerate() {
                if state.to[..place].iter().any(|other| *other == name.ident) {
                    self.errors.at(name, format!("`{name}` is declared already: remove this"));
                    continue;
                }
                let Some(to) = self.next(from, name) else { continue };
                // A misspelt name may be read as one that is there as well, in its own place or misspelt otherwise.
                let read = &model.states[to].ident;
                let is_there = *name != *read && state.to.iter().any(|other| other == read);
                if !is_there && !edges[first..].iter().any(|edge: &Edge| edge.to == to) {
                    edges.push(Edge { from, to, by: By::Handler, name: name.ident.clone() });
                }
            }
            for AfterWord { time, target, .. } in &state.after {
                let seconds = time::seconds(&time.value()).unwrap_or_else(|mistake| {
                    self.errors.at(time, mistake);
                    0
                });
                if let Some(to) = self.next(from, target) {
                    edges.push(Edge { from, to, by: By::After(seconds), name: target.ident.clone() });
                }
            }
            if let Some((count, target)) = &state.tries {
                let tries = count.base10_parse().unwrap_or(0);
                if tries == 0 {
                    self.errors.at(count, format!("a limit of tries is a number from 1 to {}: write `3`", u32::MAX));
                }
                if let Some(to) = self.next(from, target) {
                    edges.push(Edge { from, to, by: By::Tries(tries), name: target.ident.clone() });
                }
            }
        }
        edges.extend(shortcuts.iter().flat_map(|shortcut| shortcut_edges(model, shortcut)));
        edges
    }
}
