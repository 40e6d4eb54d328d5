//! The names of types that are made from those of the states.

use std::collections::HashMap;

use proc_macro2::Ident;
use quote::format_ident;

use super::methods::may_correct;
use crate::{
    errors::Errors,
    flow::model::{Model, StateModel},
    names::plain,
};

/// No state is called as another type of the generated module.
pub(super) fn types(model: &mut Model, errors: &mut Errors) {
    let wanted = enums(model).into_iter().filter(|made| made.is_wanted);
    let owners: HashMap<_, _> = wanted.map(|made| (made.name, made.subject)).collect();
    for state in &model.states {
        if let Some(owner) = owners.get(&plain(&state.ident)) {
            errors.at(&state.ident, format!("`{}` is {owner} too: take another name", state.ident));
        }
    }
    make_way(model);
}

/// An enum that the derive makes.
struct Made {
    name: String,
    /// What it is, as it is told.
    subject: String,
    /// Whether it is there on purpose. What an end takes is a mistake as a whole.
    is_wanted: bool,
}

fn enums(model: &Model) -> Vec<Made> {
    let mut enums = Vec::new();
    for state in &model.states {
        let sets = [
            (!state.choices.is_empty() && state.takes_words(), &state.choice_enum, "choices"),
            (!state.reminders.is_empty(), &state.reminder_enum, "reminders"),
            (may_correct(model, state), &state.correction_enum, "corrections"),
        ];
        enums.extend(sets.into_iter().filter(|(is_made, ..)| *is_made).map(|(_, name, role)| Made {
            name: name.to_string(),
            subject: format!("the enum of the {role} of `{}`", state.ident),
            is_wanted: state.end.is_none(),
        }));
    }
    let takes_signals = |state: &StateModel| state.end.is_none() && !state.signals.is_empty();
    let has_ends = model.states.iter().any(|state| state.end.is_some());
    let sets = [
        (&model.end_enum, "ends", has_ends),
        (&model.signal_enum, "signals", model.states.iter().any(takes_signals)),
        (&model.effect_enum, "effects", !model.effects.is_empty()),
    ];
    enums.extend(sets.into_iter().map(|(name, role, is_wanted)| Made {
        name: name.to_string(),
        subject: format!("the enum of the flow's {role}"),
        is_wanted,
    }));
    enums
}

/// Calls those enums otherwise whose name a state has, so that the module has one type of each name.
fn make_way(model: &mut Model) {
    let names: Vec<Ident> = model.states.iter().map(|state| state.ident.clone()).collect();
    let of_states = model
        .states
        .iter_mut()
        .flat_map(|state| [&mut state.choice_enum, &mut state.reminder_enum, &mut state.correction_enum]);
    for name in of_states.chain([&mut model.signal_enum, &mut model.effect_enum, &mut model.end_enum]) {
        if names.contains(name) {
            *name = format_ident!("{name}_", span = name.span());
        }
    }
}
