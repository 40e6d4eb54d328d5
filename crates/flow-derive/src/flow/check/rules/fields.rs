//! What is known in a state.

use std::collections::HashSet;

use proc_macro2::Ident;
use syn::{GenericArgument, PathArguments, Type};

use super::list;
use crate::{
    errors::Errors,
    flow::{
        check::{By, Graph},
        model::{Model, StateModel},
    },
};

/// No field has a type that a state's struct hides.
pub(super) fn hidden_types(model: &Model, errors: &mut Errors) {
    let idents: HashSet<String> = model.states.iter().map(|state| state.ident.to_string()).collect();
    for field in model.states.iter().flat_map(|state| &state.fields) {
        if let Some(hidden) = named_types(&field.kind).into_iter().find(|name| idents.contains(name)) {
            errors.at(
                &field.kind,
                format!("the state `{hidden}` hides this type: rename one of them, or write a path to the type"),
            );
        }
    }
}

/// The names in a type that stand without a path: `Option` and `Slot` in `Option<Slot>`, none in `booking::Slot`.
fn named_types(kind: &Type) -> Vec<String> {
    let Type::Path(path) = kind else { return Vec::new() };
    let segments = &path.path.segments;
    let mut names = Vec::new();
    if segments.len() == 1 {
        names.push(segments[0].ident.to_string());
    }
    for segment in segments {
        if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
            for argument in &arguments.args {
                if let GenericArgument::Type(inner) = argument {
                    names.extend(named_types(inner));
                }
            }
        }
    }
    names
}

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
