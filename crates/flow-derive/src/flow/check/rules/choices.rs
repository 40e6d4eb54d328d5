//! What can be chosen.

use std::collections::HashMap;

use proc_macro2::Ident;
use syn::LitStr;

use crate::{
    errors::Errors,
    flow::{
        attr::{AnywhereWord, ChoiceWord, WithoutWord},
        model::{Model, StateModel},
        prompt::{Part, parts},
    },
    names::{plain, words},
};

/// No word means two choices, or a choice and a word that counts anywhere; and no choice has a field in it.
pub(super) fn choices(model: &Model, errors: &mut Errors) {
    // What an end takes is told as a whole, and so is what a state takes that runs a flow.
    for state in model.states.iter().filter(|state| state.takes_words()) {
        tell_apart(state, errors);
        // `without` may stand in what could not be read.
        if !state.is_faulty {
            anywhere(model, state, errors);
        }
    }
}

/// A choice is taken by its name, as a button sends it, by its label, and by its other words.
fn tell_apart(state: &StateModel, errors: &mut Errors) {
    let mut owners: HashMap<String, &Ident> = HashMap::new();
    let mut has_own_name = Vec::new();
    for choice in &state.choices {
        let owner = *owners.entry(said(&plain(&choice.ident))).or_insert(&choice.ident);
        has_own_name.push(*owner == choice.ident);
        if *owner != choice.ident {
            errors.at(&choice.ident, format!("`{owner}` is a choice already: call this one otherwise"));
        }
    }
    for (choice, has_own_name) in state.choices.iter().zip(has_own_name) {
        for word in &choice.words {
            match unfit(choice, word) {
                Some(mistake) => errors.at(word, mistake),
                None => {
                    if let Some(owner) = taken(&mut owners, &word.value(), &choice.ident) {
                        errors.at(word, format!("`{}` chooses `{owner}` already: remove this", word.value()));
                    }
                }
            }
        }
        if choice.words.is_empty()
            && has_own_name
            && let Some(owner) = taken(&mut owners, &choice.label(), &choice.ident)
        {
            let (ident, label) = (&choice.ident, choice.label());
            let message = format!("`{label}` chooses `{owner}` already: write another label, as in `{ident}(\"…\")`");
            errors.at(ident, message);
        }
    }
}

/// Which other choice this word means already.
fn taken<'m>(owners: &mut HashMap<String, &'m Ident>, word: &str, choice: &'m Ident) -> Option<&'m Ident> {
    let owner = *owners.entry(said(word)).or_insert(choice);
    (*owner != *choice).then_some(owner)
}

/// As it is compared: case, and the space around it, do not matter.
fn said(word: &str) -> String {
    word.trim().to_lowercase()
}

/// Why this is no word for a choice.
fn unfit(choice: &ChoiceWord, word: &LitStr) -> Option<String> {
    if word.value().trim().is_empty() {
        return Some(format!("a choice has letters: write `{:?}`", words(&plain(&choice.ident))));
    }
    let has_field = parts(word).map_or(true, |parts| parts.iter().any(|part| matches!(part, Part::Field(_))));
    has_field.then(|| "a choice is the same for everybody, and takes no field: put the field into `ask`".into())
}

/// A word that counts anywhere is not heard as a choice: one mistake for a state.
fn anywhere(model: &Model, state: &StateModel, errors: &mut Errors) {
    // A blank word has its mistake already.
    let counts = |entry: &&AnywhereWord| !entry.text().trim().is_empty() && !without(state, &entry.text());
    let counting: Vec<_> = model.anywhere.iter().filter(counts).collect();
    let mut colliding: Vec<&AnywhereWord> = Vec::new();
    let mut place = None;
    for choice in &state.choices {
        for entry in counting.iter().filter(|entry| is_called(choice, &entry.text())) {
            place = place.or(Some(&choice.ident));
            colliding.push(entry);
        }
    }
    let Some(place) = place else { return };
    let words = colliding.iter().map(|entry| format!("`{}`", entry.text())).collect::<Vec<_>>().join(", ");
    let counts = if colliding.len() == 1 { "counts" } else { "count" };
    let given = state.without.iter().map(WithoutWord::written);
    let all: Vec<_> = given.chain(colliding.iter().map(|entry| entry.written())).collect();
    let message = format!("{words} {counts} anywhere already: write `without({})` on this state", all.join(", "));
    errors.at(place, message);
}

fn without(state: &StateModel, word: &str) -> bool {
    state.without.iter().any(|without| without.text() == word)
}

/// Whether the choice is taken by this word.
fn is_called(choice: &ChoiceWord, word: &str) -> bool {
    let words = choice.words.iter().map(LitStr::value);
    let mut all = words.chain([plain(&choice.ident), choice.label()]);
    all.any(|other| said(&other) == word.to_lowercase())
}
