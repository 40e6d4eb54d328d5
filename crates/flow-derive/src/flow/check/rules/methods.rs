//! Names that are made from those of the states.

use std::collections::HashMap;

use proc_macro2::Ident;
use quote::format_ident;

use crate::{
    errors::Errors,
    flow::model::Model,
    names::{plain, snake},
};

/// No two states have one name in the record.
pub(super) fn stored_names(model: &mut Model, errors: &mut Errors) {
    let mut owners: HashMap<String, Ident> = HashMap::new();
    for (index, state) in model.states.iter_mut().enumerate() {
        let Some(owner) = owners.get(&state.name) else {
            owners.insert(state.name.clone(), state.ident.clone());
            continue;
        };
        // Two variants of one name are rustc's to tell.
        if *owner != state.ident {
            let message = format!(
                "`{}` has the name `{}` in records, as `{owner}` has: take another name",
                state.ident, state.name,
            );
            errors.at(&state.ident, message);
        }
        // So that neither the methods nor the aliases are a second mistake.
        state.name = format!("{}_{index}", state.name);
        state.method = format_ident!("{}_{index}", state.method, span = state.ident.span());
    }
}

/// No two methods of the handler have one name.
pub(super) fn methods(model: &mut Model, errors: &mut Errors) {
    let mut owners: HashMap<String, String> = HashMap::new();
    for method in generated(model) {
        let Some(owner) = owners.get(&method.name) else {
            owners.insert(method.name, method.owner);
            continue;
        };
        let (name, subject) = (&method.name, &method.owner);
        let message = format!("{subject} has the method `{name}`, as {owner} has: take another name");
        errors.at(&method.token, message);
        if let Some(state) = method.state.and_then(|index| model.states.get_mut(index)) {
            state.method = format_ident!("{}_", state.method, span = state.ident.span());
        }
    }
}

/// A method of the handler trait.
struct Method {
    name: String,
    /// What it belongs to, as it is told.
    owner: String,
    /// Where it is told that the name is taken.
    token: Ident,
    /// The state that gets another method if the name is taken.
    state: Option<usize>,
}

/// All of them, first those that no declaration can change.
fn generated(model: &Model) -> Vec<Method> {
    let hook = |name: &str, owner: &str| Method {
        name: name.into(),
        owner: owner.into(),
        token: model.ident.clone(),
        state: None,
    };
    let mut methods = vec![hook("on_open", "the opening hook"), hook("on_help", "the help hook")];
    // The names of the states come before those that are made from them with a word before or after.
    for (index, state) in model.states.iter().enumerate() {
        methods.push(Method {
            name: plain(&state.method),
            owner: format!("`{}`", state.ident),
            token: state.ident.clone(),
            state: Some(index),
        });
    }
    for (index, state) in model.states.iter().enumerate().filter(|(_, state)| state.is_asked_by_handler()) {
        methods.push(Method {
            name: format!("ask_{}", plain(&state.method)),
            owner: format!("the question of `{}`", state.ident),
            token: state.ident.clone(),
            state: Some(index),
        });
    }
    for state in &model.states {
        let signals = state.signals.iter().map(|signal| ("signal", &signal.ident));
        let reminders = state.reminders.iter().map(|reminder| ("reminder", &reminder.ident));
        methods.extend(signals.chain(reminders).map(|(role, ident)| Method {
            name: format!("{}_on_{}", plain(&state.method), snake(&plain(ident))),
            owner: format!("the {role} `{ident}` of `{}`", state.ident),
            token: ident.clone(),
            state: None,
        }));
    }
    methods.extend(model.effects.iter().map(|effect| Method {
        name: format!("deliver_{}", snake(&plain(&effect.ident))),
        owner: format!("the effect `{}`", effect.ident),
        token: effect.ident.clone(),
        state: None,
    }));
    methods
}
