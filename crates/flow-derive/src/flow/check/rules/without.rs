//! Which words do not count in a state.

use crate::{
    errors::Errors,
    flow::{
        attr::AnywhereWord,
        model::{Model, StateModel},
    },
    names::nearest,
};

/// A state does without words that count anywhere, naming each once.
pub(super) fn without(model: &Model, errors: &mut Errors) {
    // At an end no word counts, which is told as a whole.
    for state in model.states.iter().filter(|state| state.end.is_none()) {
        words(model, state, errors);
    }
}

fn words(model: &Model, state: &StateModel, errors: &mut Errors) {
    for (place, without) in state.without.iter().enumerate() {
        let word = without.text();
        if state.without[..place].iter().any(|other| other.text() == word) {
            errors.at(without, format!("`{word}` is declared already: remove this"));
            continue;
        }
        // A word with a mistake is no shortcut, or not under that name.
        let mut entries = model.anywhere.iter().map(AnywhereWord::text);
        if model.is_faulty || entries.any(|entry| entry.trim() == word.trim()) {
            continue;
        }
        let words: Vec<_> = model.anywhere.iter().map(AnywhereWord::text).collect();
        let message = format!("`{word}` does not count anywhere");
        match nearest(&word, words.iter().map(String::as_str)) {
            Some(near @ ("back" | "help")) => errors.at(without, format!("{message}; did you mean `{near}`?")),
            Some(near) => errors.at(without, format!("{message}; did you mean `{near:?}`?")),
            None => {
                let message = format!("{message}: remove this, or declare it in the enum's `anywhere(…)`");
                match state.item("without").filter(|_| state.without.len() == 1) {
                    Some(item) => errors.at(item, message),
                    None => errors.at(without, message),
                }
            }
        }
    }
}
