//! What states say.

use std::collections::HashSet;

use syn::LitStr;

use super::{forms::is_asked_with_an_offer, list};
use crate::{
    errors::Errors,
    flow::{
        model::{Model, StateModel},
        prompt::{Part, parts},
    },
    names::nearest,
};

/// A prompt names only fields that its state has; a state says one thing on entering, or asks with what it offers.
pub(super) fn prompts(model: &Model, errors: &mut Errors) {
    for state in &model.states {
        // Where a flow asks instead, that is told as a whole.
        let is_asked_by_a_flow = state.run.is_some() && state.end.is_none();
        if !is_asked_with_an_offer(state) && !is_asked_by_a_flow {
            one_prompt(state, errors);
        }
        for prompt in state.ask.iter().chain(&state.say) {
            prompt_fields(state, prompt, errors);
        }
    }
}

fn one_prompt(state: &StateModel, errors: &mut Errors) {
    if let (Some(_), Some(_)) = (&state.ask, &state.say) {
        let message = "a state has `ask` or `say`, not both: remove this, and put all of it into `ask`";
        errors.at(state.item("say"), message);
    }
    if let (Some(silent), Some(_)) = (&state.silent, state.prompt()) {
        errors.at(silent, "a state with a prompt is not silent: remove `silent`, or the prompt");
    }
}

fn prompt_fields(state: &StateModel, prompt: &LitStr, errors: &mut Errors) {
    let parts = match parts(prompt) {
        Ok(parts) => parts,
        Err(mistake) => return errors.at(prompt, mistake),
    };
    let mut told = HashSet::new();
    for part in parts {
        let Part::Field(name) = part else { continue };
        if state.fields.iter().any(|field| field.name == name) || !told.insert(name.clone()) {
            continue;
        }
        let hint = match nearest(&name, state.fields.iter().map(|field| field.name.as_str())) {
            Some(near) => format!("did you mean `{{{near}}}`?"),
            None if state.fields.is_empty() => {
                format!("it has none: add it, or write `{{{{{name}}}}}` for the word in braces")
            }
            None => format!("it has {}", list(&state.fields)),
        };
        errors.at(prompt, format!("`{}` has no field `{name}`; {hint}", state.ident));
    }
}
