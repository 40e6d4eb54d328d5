//! The words of corrections, and what is asked again after them.

use std::collections::{HashMap, HashSet};

use proc_macro2::Ident;
use syn::LitStr;

use crate::{
    errors::Errors,
    flow::{
        attr::{AnywhereWord, CorrectWord},
        check::{Graph, corrections::Correction},
        model::{Model, StateModel},
        prompt::{Part, parts},
    },
    names::plain,
};

/// No word of a correction means something else, and no corrections ask for each other again.
pub(super) fn corrected(model: &Model, graph: &Graph, errors: &mut Errors) {
    // What an end lets correct is told as a whole, and so is what a state does that runs a flow.
    let states = model.states.iter().filter(|state| state.takes_words());
    let declared = model.corrects.iter().chain(states.flat_map(|state| &state.corrects));
    for word in declared.filter(|word| !word.is_guess) {
        each_fits(word, errors);
    }
    // What the flow declares is told once, at whichever state it is found.
    let mut told = HashSet::new();
    for (state, corrections) in model.states.iter().zip(&graph.corrections) {
        tell_apart(model, state, corrections, &mut told, errors);
        circle(model, state, corrections, &mut told, errors);
    }
}

fn each_fits(word: &CorrectWord, errors: &mut Errors) {
    for label in &word.words {
        if label.value().trim().is_empty() {
            errors.at(label, format!("a correction has letters: write `\"Change {}\"`", spoken(&word.ident)));
        } else if has_field(label) {
            errors.at(
                label,
                "a correction is called the same for everybody, and takes no field: put the field into `ask`",
            );
        }
    }
}

fn has_field(label: &LitStr) -> bool {
    parts(label).map_or(true, |parts| parts.iter().any(|part| matches!(part, Part::Field(_))))
}

/// `company_name` is said as `company name`.
fn spoken(field: &Ident) -> String {
    plain(field).replace('_', " ")
}

fn tell_apart(
    model: &Model,
    state: &StateModel,
    corrections: &[Correction],
    told: &mut HashSet<String>,
    errors: &mut Errors,
) {
    let mut owners = taken(model, state);
    for correction in corrections {
        let Some(word) = declared(model, state, correction) else { continue };
        let mut own = HashSet::new();
        for (place, text) in word.texts().into_iter().enumerate() {
            let said = said(&text);
            // A word that is none has its mistake already.
            if word.is_guess || said.is_empty() || word.words.get(place).is_some_and(has_field) {
                continue;
            }
            let message = match owners.get(&said) {
                _ if !own.insert(said.clone()) => format!("`{text}` is there already: remove this"),
                Some(owner) => format!("`{text}` is {owner} too: take another word"),
                None => {
                    owners.insert(said, format!("another correction of `{}`", state.ident));
                    continue;
                }
            };
            let is_new = correction.is_offered || told.insert(format!("{} {place}", word.ident));
            match word.words.get(place) {
                _ if !is_new => {}
                Some(token) => errors.at(token, message),
                None => errors.at(&word.ident, message),
            }
        }
    }
}

/// What the words of this state mean, without its corrections.
fn taken(model: &Model, state: &StateModel) -> HashMap<String, String> {
    let choices = state
        .choices
        .iter()
        .flat_map(|choice| choice.words.iter().map(LitStr::value).chain([choice.label(), plain(&choice.ident)]));
    let choices = choices.map(|word| (said(&word), format!("a choice of `{}`", state.ident)));
    let is_heard = |entry: &&AnywhereWord| !state.without.iter().any(|word| word.text() == entry.text());
    // `without` may stand in what could not be read.
    let anywhere = model.anywhere.iter().filter(|_| !state.is_faulty).filter(is_heard);
    let anywhere = anywhere.map(|entry| (said(&entry.text()), "a word that counts anywhere".to_owned()));
    anywhere.chain(choices).collect()
}

/// As it is compared: case, and the space around it, do not matter.
fn said(word: &str) -> String {
    word.trim().to_lowercase()
}

/// Where the correction is declared: on the state, or else on the flow.
fn declared<'m>(model: &'m Model, state: &'m StateModel, correction: &Correction) -> Option<&'m CorrectWord> {
    let words = if correction.is_offered { &state.corrects } else { &model.corrects };
    words.iter().find(|word| word.ident == correction.field)
}

/// Corrections that ask for each other again would do so for ever: one mistake for a state.
fn circle(
    model: &Model,
    state: &StateModel,
    corrections: &[Correction],
    told: &mut HashSet<String>,
    errors: &mut Errors,
) {
    let next = |correction: &Correction| {
        let first = correction.dependents.first()?;
        corrections.iter().position(|other| other.variant == *first)
    };
    for (from, correction) in corrections.iter().enumerate() {
        let mut way = vec![from];
        while let Some(to) = way.last().and_then(|last| next(&corrections[*last])).filter(|to| !way.contains(to)) {
            way.push(to);
        }
        let is_circle = way.len() > 1 && way.last().and_then(|last| next(&corrections[*last])) == Some(from);
        let Some(word) = declared(model, state, correction).filter(|_| is_circle) else { continue };
        let all: Vec<_> = way.iter().map(|index| format!("`{}`", corrections[*index].field)).collect();
        let message = format!("{} would be asked again after each other for ever: remove one `=>`", all.join(" and "));
        let of_flow = way.iter().all(|index| !corrections[*index].is_offered);
        if !of_flow || told.insert(all.concat()) {
            errors.at(&word.entry, message);
        }
        return;
    }
}
