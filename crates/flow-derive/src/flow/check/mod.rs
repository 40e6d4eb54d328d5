//! Checks a declaration, and resolves its names: [`Graph`].
//!
//! A misspelt name is noted as a mistake, and then read as the nearest name, so that it causes no second mistake.

pub(super) mod corrections;
pub(super) mod incoming;
mod rules;
mod time;

use std::collections::HashMap;

use proc_macro2::Ident;
use syn::{LitStr, Type};

use self::{
    corrections::Correction,
    incoming::{Carried, Reminder},
};
use super::{
    attr::{AfterWord, AnywhereWord, OpensWord, Target},
    model::{FieldModel, Model, StateModel, text},
};
use crate::{errors::Errors, items::written, names::nearest};

pub(super) use rules::why_not_inferred;

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

/// Where an answer goes: to the one state that follows, and in it to the one field that is not known yet.
pub(super) struct Inferred {
    pub(super) target: usize,
    pub(super) field: usize,
}

/// What a state takes from the visitor, and hands to its method.
pub(super) struct Answering {
    pub(super) kind: Kind,
    /// Where it goes without a method of the user's.
    pub(super) inferred: Option<Inferred>,
}

/// In what form.
#[derive(Clone)]
pub(super) enum Kind {
    /// The words as they were said.
    Words,
    /// A value of this type, read from the words.
    Answer(Type),
    /// One of the choices that the state declares.
    Choice,
    /// One of the variants of this type.
    ChoiceOf(Type),
    /// One of what the handler offered, of this type.
    Offer(Type),
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

fn indices(model: &Model) -> HashMap<String, usize> {
    model.states.iter().enumerate().map(|(index, state)| (state.ident.to_string(), index)).collect()
}

/// Turns names into indices, and notes those that name nothing.
struct Resolver<'c> {
    model: &'c Model,
    indices: HashMap<String, usize>,
    /// As in the graph, as is the next.
    hidden: Vec<bool>,
    hides_words: bool,
    errors: &'c mut Errors,
}

impl<'c> Resolver<'c> {
    fn new(model: &'c Model, errors: &'c mut Errors) -> Self {
        let hidden = model.states.iter().map(|state| state.is_faulty || rules::is_unfinished(state)).collect();
        Self { model, indices: indices(model), hidden, hides_words: model.is_faulty, errors }
    }

    fn graph(mut self) -> Graph {
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
    fn state(&mut self, from: Option<usize>, target: &Target) -> Option<usize> {
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

    /// What links name, each once.
    fn opens(&mut self) -> Vec<(String, usize, Ident)> {
        let model = self.model;
        let mut opens: Vec<(String, usize, Ident)> = Vec::new();
        for (place, OpensWord { payload, target }) in model.opens.iter().enumerate() {
            let name = payload.value();
            if name.trim().is_empty() || name.trim() != name {
                self.errors.at(payload, "what a link names has letters, and no space around it, as in `\"book\"`");
            } else {
                self.tell_links_apart(&model.opens[..place], payload);
            }
            if !self.indices.contains_key(&target.ident.to_string()) {
                self.hides_words = true;
            }
            let Some(to) = self.state(None, target) else { continue };
            let entered = &model.states[to];
            // A misspelt one has its mistake.
            if let Some(field) = entered.fields.first().filter(|_| *target == entered.ident) {
                let message = format!(
                    "nothing is known when a conversation begins, and `{}` holds `{}`: write a state that holds nothing",
                    entered.ident, field.name
                );
                self.errors.at(target, message);
            }
            opens.push((name, to, target.ident.clone()));
        }
        opens
    }

    /// A link is typed and read aloud, so that case alone is no difference.
    fn tell_links_apart(&mut self, others: &[OpensWord], payload: &LitStr) {
        let name = payload.value();
        let mut others = others.iter().map(|other| other.payload.value());
        let Some(other) = others.find(|other| other.to_lowercase() == name.to_lowercase()) else { return };
        let message = if other == name {
            format!("`{name}` is declared already: remove this")
        } else {
            format!("`{other}` is declared already, and case tells no links apart for who types one: remove this")
        };
        self.errors.at(payload, message);
    }

    fn shortcuts(&mut self) -> Vec<Shortcut> {
        let model = self.model;
        let mut shortcuts: Vec<Shortcut> = Vec::new();
        for (place, entry) in model.anywhere.iter().enumerate() {
            let word = entry.text();
            let (action, name) = match entry {
                AnywhereWord::To { target, .. } => {
                    if !self.indices.contains_key(&target.ident.to_string()) {
                        self.hides_words = true;
                    }
                    (self.state(None, target).map(Action::To), Some(target.ident.clone()))
                }
                AnywhereWord::Aside { target, .. } => {
                    if !self.indices.contains_key(&target.ident.to_string()) {
                        self.hides_words = true;
                    }
                    (self.state(None, target).map(Action::Aside), Some(target.ident.clone()))
                }
                AnywhereWord::Back(_) => (Some(Action::Back), None),
                AnywhereWord::Help(_) => (Some(Action::Help), None),
            };
            let mut before = model.anywhere[..place].iter().map(AnywhereWord::text);
            let is_double = before.any(|other| other.to_lowercase() == word.to_lowercase());
            if word.trim().is_empty() {
                self.errors.push(at_word(entry, "a word that counts anywhere has letters, as in `\"cancel\"`"));
            } else if word.trim() != word {
                let message = format!("a word is read without the space around it: write `\"{}\"`", word.trim());
                self.errors.push(at_word(entry, &message));
            } else if is_double {
                self.errors
                    .at(entry, format!("`{word}` is declared already, and case tells no words apart: remove this"));
            }
            if let Some(action) = action {
                shortcuts.push(Shortcut { word, action, except: Vec::new(), name });
            }
        }
        for shortcut in &mut shortcuts {
            let states = model.states.iter().enumerate();
            let deaf = states.filter(|(_, state)| state.without.iter().any(|word| word.text() == shortcut.word));
            shortcut.except = deaf.map(|(index, _)| index).collect();
        }
        shortcuts
    }
}

fn at_word(entry: &AnywhereWord, message: &str) -> syn::Error {
    match entry {
        AnywhereWord::To { word, .. } | AnywhereWord::Aside { word, .. } => syn::Error::new_spanned(word, message),
        AnywhereWord::Back(word) | AnywhereWord::Help(word) => syn::Error::new_spanned(word, message),
    }
}

/// The edges of a word that counts anywhere: one from each state that is no end and does not opt out.
fn shortcut_edges(model: &Model, shortcut: &Shortcut) -> Vec<Edge> {
    let (Action::To(to) | Action::Aside(to), Some(name)) = (shortcut.action, &shortcut.name) else {
        return Vec::new();
    };
    let open = model
        .states
        .iter()
        .enumerate()
        .filter(|(index, state)| state.end.is_none() && !shortcut.except.contains(index));
    open.map(|(from, _)| Edge { from, to, by: By::Shortcut(shortcut.word.clone()), name: name.clone() }).collect()
}

/// What the state's method is given, and whether the state needs no method: one state follows, which has exactly one field
/// more, and that is what is given.
fn answering(model: &Model, index: usize, state: &StateModel, edges: &[Edge]) -> Answering {
    let (more, place) = match one_field_more(model, index, state, edges) {
        Some((field, place)) => (Some(field), Some(place)),
        None => (None, None),
    };
    let kind = declared_kind(state).or_else(|| {
        let is_inferred = state.ask.is_some() && state.handled.is_none();
        more.filter(|_| is_inferred).map(|field| Kind::Answer(field.kind.clone()))
    });
    let kind = kind.unwrap_or(Kind::Words);
    let fits = match (&kind, more) {
        (_, None) | (Kind::Words, _) => false,
        (Kind::Choice, Some(field)) => is_called(&field.kind, &state.choice_enum),
        (Kind::Answer(given) | Kind::ChoiceOf(given) | Kind::Offer(given), Some(field)) => {
            text(given) == text(&field.kind)
        }
    };
    let inferred = place.filter(|_| fits && state.handled.is_none());
    Answering { kind, inferred }
}

fn declared_kind(state: &StateModel) -> Option<Kind> {
    if !state.choices.is_empty() {
        return Some(Kind::Choice);
    }
    let choices_of = state.choices_of.clone().map(Kind::ChoiceOf);
    let answer = || Some(Kind::Answer(state.answer.as_ref()?.1.clone()?));
    choices_of.or_else(|| state.offers.clone().map(Kind::Offer)).or_else(answer)
}

/// The field that the one state that follows has more, if one follows, and it has exactly one more.
fn one_field_more<'m>(
    model: &'m Model,
    from: usize,
    state: &StateModel,
    edges: &[Edge],
) -> Option<(&'m FieldModel, Inferred)> {
    let mut targets = edges.iter().filter(|edge| edge.from == from && edge.by == By::Handler);
    let (edge, None) = (targets.next()?, targets.next()) else { return None };
    let target = &model.states[edge.to];
    let missing = state.missing_for(target);
    let [more] = missing[..] else { return None };
    let field = target.fields.iter().position(|field| std::ptr::eq(field, more))?;
    (target.fields.len() == state.fields.len() + 1).then_some((more, Inferred { target: edge.to, field }))
}

/// Whether a type is called so, with whatever path.
fn is_called(kind: &Type, name: &Ident) -> bool {
    matches!(kind, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == *name))
}
