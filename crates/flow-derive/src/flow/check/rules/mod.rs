//! The rules that every flow keeps, one function each.

mod aliases;
mod answers;
mod choices;
mod corrected;
mod doubles;
mod ends;
mod fields;
mod forms;
mod methods;
mod prompts;
mod runs;
mod start;
mod timers;
mod types;
mod ways;
mod without;

pub(in crate::flow) use answers::why_not_inferred;
pub(super) use ends::is_unfinished;

use super::Graph;
use crate::{
    errors::Errors,
    flow::model::{FieldModel, Model},
};

/// Notes what must be told before names are resolved, and mends it.
pub(super) fn tell_apart(model: &mut Model, errors: &mut Errors) {
    methods::stored_names(model, errors);
    doubles::doubles(model, errors);
    methods::methods(model, errors);
    types::types(model, errors);
}

/// Notes every rule that the declaration does not keep.
pub(super) fn keep(model: &Model, graph: &Graph, errors: &mut Errors) {
    start::start(model, errors);
    aliases::aliases(model, errors);
    prompts::prompts(model, errors);
    forms::forms(model, errors);
    runs::runs(model, errors);
    choices::choices(model, errors);
    corrected::corrected(model, graph, errors);
    without::without(model, errors);
    ends::ends(model, errors);
    answers::answers(model, graph, errors);
    timers::timers(model, errors);
    fields::known_fields(model, graph, errors);
    ways::ways(model, graph, errors);
}

/// `name`, `email`
fn list<'m>(fields: impl IntoIterator<Item = &'m FieldModel>) -> String {
    fields.into_iter().map(|field| format!("`{}`", field.name)).collect::<Vec<_>>().join(", ")
}
