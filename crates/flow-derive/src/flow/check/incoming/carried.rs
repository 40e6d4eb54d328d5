//! What may carry a value: [`Carried`].

use proc_macro2::Ident;
use syn::Type;

use super::{stored_name, taken};
use crate::{
    errors::Errors,
    flow::{
        attr::CarriedWord,
        model::{Model, StateModel, text},
    },
};

/// A signal or an effect: its variant, its part of the handler's methods, what it carries, and its name in records.
pub(in crate::flow) struct Carried {
    pub(in crate::flow) ident: Ident,
    pub(in crate::flow) method: Ident,
    pub(in crate::flow) kind: Option<Type>,
    pub(in crate::flow) name: String,
}

impl Carried {
    fn of(word: &CarriedWord) -> Self {
        let name = stored_name(&word.ident, word.name.as_ref());
        Self { ident: word.ident.clone(), method: word.method.clone(), kind: word.kind.clone(), name }
    }

    fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.kind.as_ref().map(text) == other.kind.as_ref().map(text)
    }

    /// As it is declared.
    fn written(&self) -> String {
        let kind = self.kind.as_ref().map(|kind| format!("({})", text(kind))).unwrap_or_default();
        let name = if self.ident == self.name { String::new() } else { format!(" = {:?}", self.name) };
        format!("{}{kind}{name}", self.ident)
    }
}

/// The signals of all states, each once: it is the same wherever it is named.
pub(in crate::flow::check) fn signals(model: &Model, errors: &mut Errors) -> Vec<Carried> {
    let mut signals: Vec<(Carried, &StateModel)> = Vec::new();
    // What an end takes is a mistake as a whole, and another where it is first known from an end.
    let (ends, others): (Vec<_>, Vec<_>) = model.states.iter().partition(|state| state.end.is_some());
    for state in others {
        for word in &state.signals {
            let signal = Carried::of(word);
            match signals.iter().find(|(other, _)| other.ident == signal.ident) {
                Some((other, first)) if !other.is_same(&signal) => {
                    let (written, first) = (other.written(), &first.ident);
                    let message =
                        format!("a signal is the same everywhere: write `{written}` here too, as on `{first}`");
                    errors.at(&word.entry, message);
                }
                Some(_) => {}
                None => {
                    note_taken(signals.iter().map(|(other, _)| other), &signal, errors);
                    signals.push((signal, state));
                }
            }
        }
    }
    for (state, word) in ends.into_iter().flat_map(|state| state.signals.iter().map(move |word| (state, word))) {
        if !signals.iter().any(|(other, _)| other.ident == word.ident) {
            signals.push((Carried::of(word), state));
        }
    }
    signals.into_iter().map(|(signal, _)| signal).collect()
}

/// The effects of the flow.
pub(in crate::flow::check) fn effects(model: &Model, errors: &mut Errors) -> Vec<Carried> {
    let mut effects: Vec<Carried> = Vec::new();
    for word in &model.effects {
        let effect = Carried::of(word);
        note_taken(effects.iter(), &effect, errors);
        effects.push(effect);
    }
    effects
}

fn note_taken<'c>(mut others: impl Iterator<Item = &'c Carried>, carried: &Carried, errors: &mut Errors) {
    if let Some(other) = others.find(|other| other.name == carried.name) {
        taken(&carried.ident, &carried.name, &other.ident, errors);
    }
}
