//! The rules of what comes in: choices, offers and answers, signals, reminders and effects.

use std::collections::HashMap;

use proc_macro2::Ident;
use syn::{LitStr, Type};

use super::{Shortcut, time::seconds};
use crate::{
    errors::Errors,
    flow::{
        attr::{CarriedWord, ChoiceWord},
        model::{Model, StateModel, text},
        prompt::{Part, parts},
    },
    names,
};

/// A signal, a reminder or an effect: its variant, what it carries, and its name in records.
pub(in crate::flow) struct Carried {
    pub(in crate::flow) ident: Ident,
    pub(in crate::flow) kind: Option<Type>,
    pub(in crate::flow) name: String,
}

/// A reminder of a state.
pub(in crate::flow) struct Reminder {
    pub(in crate::flow) ident: Ident,
    pub(in crate::flow) name: String,
    /// In how many seconds it rings by itself.
    pub(in crate::flow) after: Option<u64>,
}

/// A state takes its answer in one form, and an end takes none.
pub(super) fn forms(model: &Model, errors: &mut Errors) {
    for state in &model.states {
        let forms = [
            state.choices.first().map(|choice| (&choice.ident, "choices")),
            state.word("choices").filter(|_| state.choices_of.is_some()).map(|word| (word, "choices")),
            state.word("offers").map(|word| (word, "offers")),
            state.answer.as_ref().filter(|(_, kind)| kind.is_some()).map(|(word, _)| (word, "answer")),
            state.handled.as_ref().map(|word| (word, "handled")),
        ];
        let forms: Vec<_> = forms.into_iter().flatten().collect();
        if let [(_, first), (second, word), ..] = forms[..] {
            errors.at(
                second,
                format!("an answer is taken in one form, and here it is `{first}`: remove it, or `{word}`"),
            );
        }
        if let (Some(_), Some(ask)) = (&state.offers, state.prompt()) {
            let method = format!("ask_{}", names::plain(&state.method));
            errors.at(ask, format!("what is offered is asked for by the handler's `{method}`: put this text there"));
        }
        if state.end.is_some() {
            let takes = forms.first().map(|(word, _)| *word).or(state.answer.as_ref().map(|(word, _)| word));
            let takes = takes.or_else(|| state.signals.first().map(|signal| &signal.ident));
            let takes = takes.or_else(|| state.reminders.first().map(|reminder| &reminder.ident));
            if let Some(token) = takes {
                let name = &state.ident;
                errors.at(token, format!("`{name}` is an end, and an end takes nothing: remove this, or `end`"));
            }
        }
    }
}

/// No word means two choices, or a choice and a word that counts anywhere; and no choice has a field in it.
pub(super) fn choices(model: &Model, shortcuts: &[Shortcut], errors: &mut Errors) {
    for (index, state) in model.states.iter().enumerate() {
        let mut taken: HashMap<String, &Ident> = HashMap::new();
        for choice in &state.choices {
            let name = choice.ident.to_string().to_lowercase();
            if let Some(other) = taken.insert(name, &choice.ident) {
                errors.at(&choice.ident, format!("`{other}` is a choice already: call this one otherwise"));
            }
        }
        for choice in &state.choices {
            for word in &choice.words {
                one_word(choice, word, &mut taken, errors);
            }
            let said = choice.words.iter().map(LitStr::value).chain(choice.words.is_empty().then(|| choice.label()));
            for word in said.chain([choice.ident.to_string()]) {
                let shortcut = shortcuts.iter().find(|shortcut| {
                    shortcut.word.to_lowercase() == word.trim().to_lowercase() && !shortcut.except.contains(&index)
                });
                if let Some(Shortcut { word, .. }) = shortcut {
                    let without = match word.as_str() {
                        "back" | "help" => word.clone(),
                        _ => format!("{word:?}"),
                    };
                    let message = format!("`{word}` counts anywhere already: write `without({without})` on this state");
                    errors.at(&choice.ident, message);
                    break;
                }
            }
        }
    }
}

fn one_word<'m>(choice: &'m ChoiceWord, word: &LitStr, taken: &mut HashMap<String, &'m Ident>, errors: &mut Errors) {
    let said = word.value();
    if said.trim().is_empty() {
        return errors.at(word, "a choice has letters");
    }
    if parts(word).map_or(true, |parts| parts.iter().any(|part| matches!(part, Part::Field(_)))) {
        let message = "a choice is the same for everybody, and takes no field: put the field into `ask`";
        return errors.at(word, message);
    }
    match taken.insert(said.trim().to_lowercase(), &choice.ident) {
        Some(other) if *other != choice.ident => errors.at(word, format!("`{said}` chooses `{other}` already")),
        _ => {}
    }
}

/// The signals of all states, each once. A signal carries the same wherever it is named.
pub(super) fn signals(model: &Model, errors: &mut Errors) -> Vec<Carried> {
    let mut signals: Vec<Carried> = Vec::new();
    for state in &model.states {
        let mut named: Vec<&Ident> = Vec::new();
        for signal in &state.signals {
            if named.contains(&&signal.ident) {
                errors.at(&signal.ident, format!("`{}` is declared already: one each", signal.ident));
                continue;
            }
            named.push(&signal.ident);
            let carried = carried(signal);
            let Some(other) = signals.iter().find(|other| other.ident == carried.ident) else {
                collides(&signals, &carried, errors);
                signals.push(carried);
                continue;
            };
            let kinds = [other.kind.as_ref(), carried.kind.as_ref()].map(|kind| kind.map(text));
            if kinds[0] != kinds[1] {
                let written = match &other.kind {
                    Some(kind) => format!("{}({})", other.ident, text(kind)),
                    None => other.ident.to_string(),
                };
                let message =
                    format!("a signal carries the same everywhere: write `{written}`, as on the state before");
                errors.at(&signal.ident, message);
            }
        }
    }
    signals
}

/// The effects of the flow.
pub(super) fn effects(model: &Model, errors: &mut Errors) -> Vec<Carried> {
    let mut effects: Vec<Carried> = Vec::new();
    for effect in &model.effects {
        let carried = carried(effect);
        if effects.iter().any(|other| other.ident == carried.ident) {
            errors.at(&effect.ident, format!("`{}` is declared already: one each", effect.ident));
            continue;
        }
        collides(&effects, &carried, errors);
        effects.push(carried);
    }
    effects
}

/// The reminders of a state.
pub(super) fn reminders(state: &StateModel, errors: &mut Errors) -> Vec<Reminder> {
    let mut reminders: Vec<Reminder> = Vec::new();
    for reminder in &state.reminders {
        let name = reminder.name.as_ref().map_or_else(|| reminder.ident.to_string(), LitStr::value);
        if reminders.iter().any(|other| other.ident == reminder.ident || other.name == name) {
            errors.at(&reminder.ident, format!("`{name}` is declared already: one each"));
            continue;
        }
        let after = reminder.after.as_ref().map(|time| {
            seconds(&time.value()).unwrap_or_else(|mistake| {
                errors.at(time, mistake);
                0
            })
        });
        reminders.push(Reminder { ident: reminder.ident.clone(), name, after });
    }
    reminders
}

fn carried(word: &CarriedWord) -> Carried {
    let name = word.name.as_ref().map_or_else(|| word.ident.to_string(), LitStr::value);
    Carried { ident: word.ident.clone(), kind: word.kind.clone(), name }
}

/// Notes that another has this name in records.
fn collides(others: &[Carried], carried: &Carried, errors: &mut Errors) {
    if let Some(other) = others.iter().find(|other| other.name == carried.name) {
        let message =
            format!("`{}` is the stored name of `{}` already: write another after `=`", carried.name, other.ident);
        errors.at(&carried.ident, message);
    }
}
