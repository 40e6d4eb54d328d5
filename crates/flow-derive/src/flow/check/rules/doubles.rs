//! What is declared twice.

use proc_macro2::{Ident, TokenStream};

use crate::{errors::Errors, flow::model::Model};

/// A name stands once in each list. The second is told, and read no further.
pub(super) fn doubles(model: &mut Model, errors: &mut Errors) {
    for state in &mut model.states {
        // What an end takes is told as a whole, and so is what a state is asked for that runs a flow.
        let takes_words = state.takes_words();
        let mut unheard = Errors::default();
        let asked = if takes_words { &mut *errors } else { &mut unheard };
        each_once(&mut state.choices, |choice| (&choice.ident, &choice.entry), asked);
        each_once(&mut state.corrects, |word| (&word.ident, &word.entry), asked);
        let mut unheard = Errors::default();
        let errors = if state.end.is_some() { &mut unheard } else { &mut *errors };
        each_once(&mut state.signals, |signal| (&signal.ident, &signal.entry), errors);
        each_once(&mut state.reminders, |reminder| (&reminder.ident, &reminder.item), errors);
    }
    each_once(&mut model.corrects, |word| (&word.ident, &word.entry), errors);
    each_once(&mut model.effects, |effect| (&effect.ident, &effect.entry), errors);
}

fn each_once<T>(all: &mut Vec<T>, parts: impl Fn(&T) -> (&Ident, &TokenStream), errors: &mut Errors) {
    let mut known: Vec<Ident> = Vec::new();
    all.retain(|one| {
        let (ident, whole) = parts(one);
        let is_new = !known.contains(ident);
        if is_new {
            known.push(ident.clone());
        } else {
            errors.at(whole, format!("`{ident}` is declared already: remove this"));
        }
        is_new
    });
}
