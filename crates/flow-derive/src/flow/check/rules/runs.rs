//! States that run a flow.

use std::collections::HashSet;

use syn::Type;

use crate::{
    errors::Errors,
    flow::model::{Model, StateModel, written},
};

/// A state that runs a flow asks nothing itself; only such a state says where that flow begins.
pub(super) fn runs(model: &Model, errors: &mut Errors) {
    // What an end takes is told as a whole.
    for state in model.states.iter().filter(|state| state.end.is_none()) {
        match &state.run {
            Some(flow) => run(model, state, flow, errors),
            None => {
                if let Some(begin) = &state.begin {
                    errors.at(
                        begin,
                        "`begin` says where a flow begins that the state runs: write `run = …` before it, or remove it",
                    );
                }
            }
        }
    }
}

fn run(model: &Model, state: &StateModel, flow: &Type, errors: &mut Errors) {
    let (name, flow_name) = (&state.ident, written(flow));
    // With a path it is found beside a state of this name, and is another flow than this one.
    if let Some(called) = model.states.iter().find(|other| other.ident == *flow_name)
        && !is_told_before(model, state, flow)
    {
        let called = &called.ident;
        let message = if called == name {
            format!("the state is called as the flow that it runs: take another name than `{called}`")
        } else {
            format!("the state is called as the flow that `{name}` runs: take another name than `{called}`")
        };
        errors.at(called, message);
    }
    if model.ident == *flow_name {
        errors.at(flow, format!("`{flow_name}` would run itself without an end: write another flow"));
    }
    let strange = ["ask", "say", "choices", "offers", "answer", "handled", "silent", "tries", "corrects"];
    let mut strange: Vec<_> = state.words.iter().filter(|word| strange.contains(&word.to_string().as_str())).collect();
    let mut known = HashSet::new();
    strange.retain(|word| known.insert(*word));
    let Some(first) = strange.first() else { return };
    let why = format!("`{name}` runs `{flow_name}`, which asks instead of it");
    if strange.len() == 1 {
        errors.at(state.item(&first.to_string()), format!("{why}: remove this, or `run`"));
    } else {
        let all: Vec<_> = strange.iter().map(|word| format!("`{word}`")).collect();
        errors.at(first, format!("{why}: remove {}, or `run`", all.join(", ")));
    }
}

/// Whether a state before this one runs that flow as well.
fn is_told_before(model: &Model, state: &StateModel, flow: &Type) -> bool {
    let before = model.states.iter().take_while(|other| other.ident != state.ident);
    // What an end runs is told as a whole.
    before
        .filter(|other| other.end.is_none())
        .filter_map(|other| other.run.as_ref())
        .any(|other| written(other) == written(flow))
}
