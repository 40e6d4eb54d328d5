//! In which form a state takes its answer.

use proc_macro2::Ident;

use crate::{
    errors::Errors,
    flow::model::{Model, StateModel},
    names::plain,
};

/// A state takes its answer in one form; one that offers something asks by a method.
pub(super) fn forms(model: &Model, errors: &mut Errors) {
    // What an end takes is told as a whole, and so is what a state takes that runs a flow.
    for state in model.states.iter().filter(|state| state.takes_words()) {
        if let [first, second, ..] = forms_of(state)[..] {
            let message =
                format!("an answer is taken in one form, and here it is `{first}`: remove this, or `{first}`");
            errors.at(state.item(&second.to_string()), message);
        } else if is_asked_with_an_offer(state) {
            offered(state, errors);
        }
    }
}

/// Whether the handler asks with an offer, so that no prompt is declared.
pub(super) fn is_asked_with_an_offer(state: &StateModel) -> bool {
    state.offers.is_some() && state.takes_words() && !is_undecided(state)
}

/// Whether more than one form is declared, so that none is certain.
pub(super) fn is_undecided(state: &StateModel) -> bool {
    forms_of(state).len() > 1
}

/// The words of the forms, each once, in the order of the source.
fn forms_of(state: &StateModel) -> Vec<&Ident> {
    let mut forms: Vec<&Ident> = Vec::new();
    for word in &state.words {
        let is_form = match word.to_string().as_str() {
            "choices" | "offers" | "handled" => true,
            "answer" => matches!(state.answer, Some((_, Some(_)))),
            _ => false,
        };
        if is_form && !forms.contains(&word) {
            forms.push(word);
        }
    }
    forms
}

/// What is said with an offer is not declared.
fn offered(state: &StateModel, errors: &mut Errors) {
    let why = format!("what is offered is asked for by the handler's `ask_{}`", plain(&state.method));
    for prompt in state.ask.iter().chain(&state.say) {
        errors.at(prompt, format!("{why}: put this text there"));
    }
    if let Some(silent) = &state.silent {
        errors.at(silent, format!("{why}: remove `silent`"));
    }
}
