//! What is known in a state.

use std::collections::HashSet;

use proc_macro2::Ident;

use super::list;
use crate::{
    errors::Errors,
    flow::{
        check::{By, Graph},
        model::{Model, StateModel},
    },
};

/// A state that is entered without a handler has no field that the state before it lacks.
pub(super) fn known_fields(model: &Model, graph: &Graph, errors: &mut Errors) {
    let mut told = HashSet::new();
    for edge in graph.edges.iter().filter(|edge| edge.by != By::Handler) {
        let (from, to) = (&model.states[edge.from], &model.states[edge.to]);
        let missing = from.missing_for(to);
        // That nothing follows an end, and that a name is misspelt, is told elsewhere.
        if missing.is_empty() || from.end.is_some() || edge.name != to.ident {
            continue;
        }
        let (from_name, to_name) = (&from.ident, &to.ident);
        let why = match from.fields.iter().find(|field| missing.iter().any(|wanted| wanted.name == field.name)) {
            Some(field) => format!("where `{}` has another type", field.name),
            None => format!("which does not know {}", list(missing)),
        };
        let message = format!("`{to_name}` cannot be made out of `{from_name}`, {why}");
        let hint = match &edge.by {
            // Noted once for a word, however many states lack the field.
            By::Shortcut(word) if !told.insert(word.clone()) => continue,
            By::Shortcut(word) => {
                let without = format!("write `without(\"{word}\")` in the `#[state(…)]` of `{from_name}`");
                match makeable(model, |state| state.fields.is_empty()) {
                    Some(other) => format!("{without}, or one that needs nothing, as `{other}`"),
                    None => without,
                }
            }
            _ => match makeable(model, |state| state.ident != *from_name && from.missing_for(state).is_empty()) {
                Some(other) => format!("write one that needs nothing more, as `{other}`"),
                None => format!("give `{from_name}` that field, or write `to({to_name})` and let the handler go there"),
            },
        };
        errors.at(&edge.name, format!("{message}: {hint}"));
    }
}

/// A state that can be made, an end rather than another.
fn makeable(model: &Model, can_be_made: impl Fn(&StateModel) -> bool) -> Option<&Ident> {
    let states = || model.states.iter().filter(|state| can_be_made(state));
    let state = states().find(|state| state.end.is_some()).or_else(|| states().find(|state| state.start.is_none()))?;
    Some(&state.ident)
}
