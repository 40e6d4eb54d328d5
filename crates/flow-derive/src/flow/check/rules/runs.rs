//! States that run a flow.

use syn::Type;

use crate::{
    errors::Errors,
    flow::model::{Model, StateModel, written},
};

/// A state that runs a flow asks nothing itself; only such a state says where that flow begins.
pub(super) fn runs(model: &Model, errors: &mut Errors) {
    for state in &model.states {
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
    if let Some(word) = state.word("run").filter(|_| state.end.is_some()) {
        errors.at(word, format!("`{name}` is an end, and runs nothing: remove `run`, or `end`"));
        return;
    }
    let last = flow_name.rsplit("::").next().unwrap_or_default().to_owned();
    if *name == last {
        errors.at(name, format!("the state is called as the flow that it runs: take another name than `{name}`"));
    }
    if model.ident == *last {
        errors.at(flow, format!("`{last}` would run itself without an end: write another flow"));
    }
    let strange = ["ask", "say", "choices", "offers", "answer", "handled", "silent", "tries"];
    if let Some(word) = state.words.iter().find(|word| strange.contains(&word.to_string().as_str())) {
        let message = format!("`{name}` runs `{flow_name}`, which asks instead of it: remove this, or `run`");
        errors.at(state.item(&word.to_string()), message);
    }
}
