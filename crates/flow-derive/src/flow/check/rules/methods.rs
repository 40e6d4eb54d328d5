//! Names that are made from those of the states.

use std::collections::{HashMap, HashSet};

use proc_macro2::Ident;
use quote::format_ident;

use crate::{
    errors::Errors,
    flow::{
        attr::CorrectWord,
        model::{Model, StateModel},
    },
    names::plain,
};

/// No two states have one name in the record.
pub(super) fn stored_names(model: &mut Model, errors: &mut Errors) {
    // That a variant is there twice is rustc's to tell.
    let mut known = HashSet::new();
    model.states.retain(|state| known.insert(state.ident.clone()));
    let mut owners: HashMap<String, Ident> = HashMap::new();
    let followers: Vec<Vec<Ident>> =
        model.states.iter().map(|state| state.to.iter().map(|target| target.ident.clone()).collect()).collect();
    for (index, state) in model.states.iter_mut().enumerate() {
        let (name, ident) = (&state.name, &state.ident);
        let Some(owner) = owners.get(name) else {
            owners.insert(name.clone(), ident.clone());
            continue;
        };
        let message = format!("`{ident}` has the name `{name}` in records, as `{owner}` has: take another name");
        errors.at(ident, message);
        // So that neither the handler's methods nor the aliases are a second mistake.
        state.method = format_ident!("{}_{index}", state.method, span = ident.span());
        if followers.iter().any(|to| to.contains(owner) && to.contains(ident)) {
            state.carrier = state.method.clone();
        }
        state.name = format!("{name}_{index}");
    }
}

/// No two methods of the handler have one name.
pub(super) fn methods(model: &mut Model, errors: &mut Errors) {
    let mut owners: HashMap<String, (String, bool)> = HashMap::new();
    for (name, hook) in [("on_open", "the opening hook"), ("on_help", "the help hook"), ("on_input", "the input hook")]
    {
        owners.insert(name.into(), (hook.into(), true));
    }
    for Method { name, subject, token, is_wanted, made_from } in generated(model) {
        let Some((owner, is_owner_wanted)) = owners.get(&name) else {
            owners.insert(name, (subject, is_wanted));
            continue;
        };
        if is_wanted && *is_owner_wanted {
            errors.at(&token, format!("{subject} has the method `{name}`, as {owner} has: take another name"));
        }
        // So that none is there twice.
        let mut more = "_".to_owned();
        while owners.contains_key(&format!("{name}{more}")) {
            more.push('_');
        }
        owners.insert(format!("{name}{more}"), (subject, is_wanted));
        let part = made_from.of(model);
        *part = format_ident!("{part}{more}", span = part.span());
    }
}

/// A method of the handler trait.
struct Method {
    name: String,
    /// What it belongs to, as it is told.
    subject: String,
    /// Where it is told that the name is taken.
    token: Ident,
    /// Whether it is there on purpose, and not by another mistake.
    is_wanted: bool,
    made_from: Source,
}

/// What gets another name if that of the method is taken.
#[derive(Clone, Copy)]
enum Source {
    State(usize),
    Signal(usize, usize),
    Reminder(usize, usize),
    Effect(usize),
}

impl Source {
    fn of(self, model: &mut Model) -> &mut Ident {
        match self {
            Self::State(state) => &mut model.states[state].method,
            Self::Signal(state, place) => &mut model.states[state].signals[place].method,
            Self::Reminder(state, place) => &mut model.states[state].reminders[place].method,
            Self::Effect(place) => &mut model.effects[place].method,
        }
    }
}

/// All of them that the declaration makes.
///
/// The names of the states come before those that are made from them with a word before or after.
fn generated(model: &Model) -> Vec<Method> {
    let states = || model.states.iter().enumerate();
    let decisions = states().filter(|(_, state)| state.takes_words()).map(|(index, state)| Method {
        name: plain(&state.method),
        subject: format!("`{}`", state.ident),
        token: state.ident.clone(),
        is_wanted: true,
        made_from: Source::State(index),
    });
    let questions = states().filter(|(_, state)| state.is_asked_by_handler()).map(|(index, state)| Method {
        name: format!("ask_{}", plain(&state.method)),
        subject: format!("the question of `{}`", state.ident),
        token: state.ident.clone(),
        // Its prompt may stand in what could not be read.
        is_wanted: !state.is_faulty,
        made_from: Source::State(index),
    });
    let events = states().flat_map(|(index, state)| events(index, state));
    let deliveries = model.effects.iter().enumerate().map(|(place, effect)| Method {
        name: format!("deliver_{}", plain(&effect.method)),
        subject: format!("the effect `{}`", effect.ident),
        token: effect.ident.clone(),
        is_wanted: true,
        made_from: Source::Effect(place),
    });
    let inner = states().flat_map(|(index, state)| inner(model, index, state));
    decisions.chain(questions).chain(inner).chain(events).chain(deliveries).collect()
}

/// The methods of a flow that the state runs, and of its corrections.
fn inner<'m>(model: &'m Model, index: usize, state: &'m StateModel) -> impl Iterator<Item = Method> + use<'m> {
    let (runs, corrects) = (state.run.is_some(), may_correct(model, state) || !state.corrects.is_empty());
    let roles = [
        (runs, runs, "done", "the end of what runs in"),
        (state.begin.is_some(), runs, "begin", "the beginning of what runs in"),
        (corrects, state.takes_words(), "corrected", "the corrections of"),
    ];
    roles.into_iter().filter(|(is_made, ..)| *is_made).map(move |(_, is_wanted, role, subject)| Method {
        name: format!("{}_{role}", plain(&state.method)),
        subject: format!("{subject} `{}`", state.ident),
        token: state.ident.clone(),
        is_wanted: is_wanted && state.end.is_none(),
        made_from: Source::State(index),
    })
}

/// Whether something can be corrected in the state, as far as it is known before names are resolved.
pub(super) fn may_correct(model: &Model, state: &StateModel) -> bool {
    let is_held = |word: &CorrectWord| state.fields.iter().any(|field| word.ident == *field.name);
    state.takes_words() && (!state.corrects.is_empty() || model.corrects.iter().any(is_held))
}

fn events(index: usize, state: &StateModel) -> impl Iterator<Item = Method> {
    let method = |role: &str, ident: &Ident, method: &Ident, made_from: Source| Method {
        name: format!("{}_on_{}", plain(&state.method), plain(method)),
        subject: format!("the {role} `{ident}` of `{}`", state.ident),
        token: ident.clone(),
        is_wanted: state.end.is_none(),
        made_from,
    };
    let signals = state.signals.iter().enumerate();
    let signals =
        signals.map(move |(place, word)| method("signal", &word.ident, &word.method, Source::Signal(index, place)));
    let reminders = state.reminders.iter().enumerate();
    signals.chain(
        reminders
            .map(move |(place, word)| method("reminder", &word.ident, &word.method, Source::Reminder(index, place))),
    )
}
