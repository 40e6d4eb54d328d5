//! What is declared twice.

use proc_macro2::Ident;

use crate::{errors::Errors, flow::model::Model};

/// A name stands once in each list. The second is told, and read no further.
pub(super) fn doubles(model: &mut Model, errors: &mut Errors) {
    for state in &mut model.states {
        // What an end takes is told as a whole.
        let mut unheard = Errors::default();
        let errors = if state.end.is_some() { &mut unheard } else { &mut *errors };
        each_once(&mut state.choices, |choice| &choice.ident, errors);
        each_once(&mut state.signals, |signal| &signal.ident, errors);
        each_once(&mut state.reminders, |reminder| &reminder.ident, errors);
    }
    each_once(&mut model.effects, |effect| &effect.ident, errors);
}

fn each_once<T>(all: &mut Vec<T>, ident: impl Fn(&T) -> &Ident, errors: &mut Errors) {
    let mut known: Vec<Ident> = Vec::new();
    all.retain(|one| {
        let is_new = !known.contains(ident(one));
        if is_new {
            known.push(ident(one).clone());
        } else {
            errors.at(ident(one), format!("`{}` is declared already: remove this", ident(one)));
        }
        is_new
    });
}
