//! Where words lead that count anywhere, and what links name.

use proc_macro2::Ident;
use syn::LitStr;

use super::{Action, By, Edge, Resolver, Shortcut};
use crate::flow::{
    attr::{AnywhereWord, OpensWord, Target},
    model::Model,
};

impl Resolver<'_> {
    /// What links name, each once.
    pub(super) fn opens(&mut self) -> Vec<(String, usize, Ident)> {
        let model = self.model;
        let mut opens: Vec<(String, usize, Ident)> = Vec::new();
        for (place, OpensWord { payload, target }) in model.opens.iter().enumerate() {
            let name = payload.value();
            if name.trim().is_empty() || name.trim() != name {
                self.errors.at(payload, "what a link names has letters, and no space around it, as in `\"book\"`");
            } else {
                self.tell_links_apart(&model.opens[..place], payload);
            }
            let Some(to) = self.state_of_word(target) else { continue };
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

    /// The state that a word or a link leads to.
    fn state_of_word(&mut self, target: &Target) -> Option<usize> {
        if !self.indices.contains_key(&target.ident.to_string()) {
            self.hides_words = true;
        }
        self.state(None, target)
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

    pub(super) fn shortcuts(&mut self) -> Vec<Shortcut> {
        let model = self.model;
        let mut shortcuts: Vec<Shortcut> = Vec::new();
        for (place, entry) in model.anywhere.iter().enumerate() {
            let word = entry.text();
            let (action, name) = match entry {
                AnywhereWord::To { target, .. } => {
                    (self.state_of_word(target).map(Action::To), Some(target.ident.clone()))
                }
                AnywhereWord::Aside { target, .. } => {
                    (self.state_of_word(target).map(Action::Aside), Some(target.ident.clone()))
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
pub(super) fn shortcut_edges(model: &Model, shortcut: &Shortcut) -> Vec<Edge> {
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
