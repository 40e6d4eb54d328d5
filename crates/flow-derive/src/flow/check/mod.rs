//! Checks a declaration, and resolves its names: [`Graph`].
//!
//! A misspelt name is noted as a mistake, and then read as the nearest name, so that it causes no second mistake.

pub(super) mod incoming;
mod rules;

use std::collections::HashMap;

use proc_macro2::Ident;
use syn::{LitStr, Type};

use self::incoming::{Carried, Reminder};
use super::{
    attr::{AnywhereWord, Target},
    model::{FieldModel, Model, StateModel, text},
};
use crate::{errors::Errors, names::nearest};

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
}

pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) by: By,
    /// The name of the state that it enters, where the user wrote it.
    pub(super) named: Ident,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum By {
    Handler,
    After(u64),
    Tries(u32),
    Shortcut(String),
}

pub(super) struct Shortcut {
    pub(super) word: String,
    pub(super) action: Action,
    /// The name of the state that it goes to, where the user wrote it.
    pub(super) named: Option<Ident>,
    pub(super) except: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    To(usize),
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

/// Resolves the declaration, and notes every mistake in it.
pub(super) fn check(model: &Model, errors: &mut Errors) -> Graph {
    let mut resolver = Resolver { model, indices: indices(model), has_strange_names: false, errors };
    let shortcuts = resolver.shortcuts();
    let edges = resolver.edges(&shortcuts);
    let has_strange_names = resolver.has_strange_names;
    let answers =
        model.states.iter().enumerate().map(|(index, state)| answering(model, index, state, &edges)).collect();
    let (signals, effects) = (incoming::signals(model, errors), incoming::effects(model, errors));
    let reminders = model.states.iter().map(|state| incoming::reminders(state, errors)).collect();
    let graph = Graph { edges, shortcuts, answers, signals, effects, reminders };
    rules::start(model, errors);
    rules::names(model, errors);
    rules::prompts(model, errors);
    incoming::forms(model, errors);
    incoming::choices(model, &graph.shortcuts, errors);
    rules::ends(model, errors);
    rules::answers(model, &graph, errors);
    rules::known_fields(model, &graph, errors);
    let is_whole = model.states.iter().all(|state| !state.is_faulty);
    if is_whole && !has_strange_names {
        rules::reachable(model, &graph, errors);
    }
    graph
}

fn indices(model: &Model) -> HashMap<String, usize> {
    model.states.iter().enumerate().map(|(index, state)| (state.ident.to_string(), index)).collect()
}

/// Turns names into indices, and notes those that name nothing.
struct Resolver<'c> {
    model: &'c Model,
    indices: HashMap<String, usize>,
    /// Whether a name is not even near to the name of a state.
    has_strange_names: bool,
    errors: &'c mut Errors,
}

impl Resolver<'_> {
    fn state(&mut self, target: &Target) -> Option<usize> {
        let name = &target.ident;
        if let Some(qualifier) = &target.qualifier
            && *qualifier != self.model.ident
            && *qualifier != self.model.module
            && qualifier != "Self"
        {
            self.errors.at(qualifier, format!("a state of this flow stands here by its name: write `{name}`"));
        } else if name == "Self" {
            self.errors.at(name, "a state stands here by its name: write the name of the variant");
            self.has_strange_names = true;
            return None;
        }
        if let Some(&index) = self.indices.get(&name.to_string()) {
            return Some(index);
        }
        let near = nearest(&name.to_string(), self.indices.keys().map(String::as_str)).map(str::to_owned);
        match near {
            Some(near) => {
                self.errors.at(name, format!("there is no state `{name}`; did you mean `{near}`?"));
                self.indices.get(&near).copied()
            }
            None => {
                let names: Vec<_> = self.model.states.iter().map(|state| state.ident.to_string()).take(12).collect();
                self.errors.at(name, format!("there is no state `{name}`; there are {}, …", names.join(", ")));
                self.has_strange_names = true;
                None
            }
        }
    }

    /// The state's name as the user wrote it, unless it was misspelt.
    fn named(&self, target: &Target, index: usize) -> Ident {
        let ident = &self.model.states[index].ident;
        if target == ident { target.ident.clone() } else { ident.clone() }
    }

    fn edges(&mut self, shortcuts: &[Shortcut]) -> Vec<Edge> {
        let model = self.model;
        let mut edges = Vec::new();
        for (from, state) in model.states.iter().enumerate() {
            let mut targets = Vec::new();
            for name in &state.to {
                let Some(to) = self.state(name) else { continue };
                if targets.contains(&to) {
                    // A misspelt name has its mistake already, whatever it was read as.
                    if self.indices.contains_key(&name.ident.to_string()) {
                        self.errors.at(name, format!("`{name}` is declared already: one `to` each"));
                    }
                } else {
                    targets.push(to);
                    edges.push(Edge { from, to, by: By::Handler, named: self.named(name, to) });
                }
            }
            for (time, target) in &state.after {
                let seconds = seconds(time, self.errors);
                if let (Some(to), Some(seconds)) = (self.state(target), seconds) {
                    edges.push(Edge { from, to, by: By::After(seconds), named: self.named(target, to) });
                }
            }
            if let Some((count, target)) = &state.tries {
                let tries = count.base10_parse().unwrap_or(0);
                if tries == 0 {
                    self.errors.at(count, "a limit of tries is a number from 1 up");
                }
                if let Some(to) = self.state(target) {
                    edges.push(Edge { from, to, by: By::Tries(tries), named: self.named(target, to) });
                }
            }
        }
        edges.extend(shortcuts.iter().flat_map(|shortcut| shortcut_edges(model, shortcut)));
        edges
    }

    fn shortcuts(&mut self) -> Vec<Shortcut> {
        let model = self.model;
        let mut shortcuts: Vec<Shortcut> = Vec::new();
        for entry in &model.anywhere {
            let (word, action, named) = match entry {
                AnywhereWord::To { word, target } => {
                    let index = self.state(target);
                    (word.value(), index.map(Action::To), index.map(|index| self.named(target, index)))
                }
                AnywhereWord::Back(_) => ("back".to_owned(), Some(Action::Back), None),
                AnywhereWord::Help(_) => ("help".to_owned(), Some(Action::Help), None),
            };
            let is_double = shortcuts.iter().any(|other| other.word.to_lowercase() == word.to_lowercase());
            if word.trim().is_empty() || word.trim() != word {
                self.errors.push(at_entry(entry, "a word that counts anywhere has letters, and no space around them"));
            } else if is_double {
                self.errors.push(at_entry(entry, &format!("`{word}` is declared already")));
            } else if let Some(action) = action {
                shortcuts.push(Shortcut { word, action, named, except: Vec::new() });
            }
        }
        for (index, state) in model.states.iter().enumerate() {
            self.opt_out(index, state, &mut shortcuts);
        }
        shortcuts
    }

    fn opt_out(&mut self, index: usize, state: &StateModel, shortcuts: &mut [Shortcut]) {
        for without in &state.without {
            let word = without.text();
            if let Some(shortcut) = shortcuts.iter_mut().find(|shortcut| shortcut.word == word) {
                shortcut.except.push(index);
                continue;
            }
            let hint = match nearest(&word, shortcuts.iter().map(|shortcut| shortcut.word.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "declare it in `anywhere(...)` on the enum, or remove this".into(),
            };
            let message = format!("`{word}` does not count anywhere; {hint}");
            match without {
                super::attr::WithoutWord::Said(token) => self.errors.at(token, message),
                super::attr::WithoutWord::Named(token) => self.errors.at(token, message),
            }
        }
    }
}

fn at_entry(entry: &AnywhereWord, message: &str) -> syn::Error {
    match entry {
        AnywhereWord::To { word, .. } => syn::Error::new_spanned(word, message),
        AnywhereWord::Back(word) | AnywhereWord::Help(word) => syn::Error::new_spanned(word, message),
    }
}

/// The edges of a word that counts anywhere: one from each state that is no end and does not opt out.
fn shortcut_edges(model: &Model, shortcut: &Shortcut) -> Vec<Edge> {
    let (Action::To(to), Some(named)) = (shortcut.action, &shortcut.named) else { return Vec::new() };
    let open = model
        .states
        .iter()
        .enumerate()
        .filter(|(index, state)| state.end.is_none() && !shortcut.except.contains(index));
    open.map(|(from, _)| Edge { from, to, by: By::Shortcut(shortcut.word.clone()), named: named.clone() }).collect()
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
        (Kind::Choice, Some(field)) => is_called(&field.kind, &state.choice_enum()),
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

/// The seconds of a time such as `24h`; else it is noted that it is none.
fn seconds(time: &LitStr, errors: &mut Errors) -> Option<u64> {
    let text = time.value();
    let seconds = seconds_of(&text);
    if seconds.is_none() {
        errors.at(time, format!("`{text}` is no time: write a number and s, m, h or d, as in `24h`"));
    }
    seconds
}

/// `90s`, `15m`, `24h`, `7d`
fn seconds_of(time: &str) -> Option<u64> {
    let (number, unit) = time.split_at(time.len().checked_sub(1).filter(|&last| time.is_char_boundary(last))?);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<u64>().ok().filter(|&number| number > 0)?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::seconds_of;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (time, expected) in [("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800)] {
            assert_eq!(seconds_of(time), Some(expected), "{time}");
        }
        for none in ["", "h", "24", "0h", "24 h", "-1h", "24hours", "24ħ", "99999999999999999999d"] {
            assert_eq!(seconds_of(none), None, "{none}");
        }
    }
}
