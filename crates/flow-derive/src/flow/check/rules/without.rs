//! Which words do not count in a state.

use crate::{
    errors::Errors,
    flow::{
        attr::AnywhereWord,
        check::Graph,
        model::{Model, StateModel},
    },
    names::nearest,
};

/// A state does without words that count anywhere, naming each once.
pub(super) fn without(model: &Model, graph: &Graph, errors: &mut Errors) {
    // At an end no word counts, which is told as a whole.
    for state in model.states.iter().filter(|state| state.end.is_none()) {
        words(model, graph, state, errors);
    }
}

fn words(model: &Model, graph: &Graph, state: &StateModel, errors: &mut Errors) {
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
        let hint = match nearest(&word, graph.shortcuts.iter().map(|shortcut| shortcut.word.as_str())) {
            Some(near @ ("back" | "help")) => format!("did you mean `{near}`?"),
            Some(near) => format!("did you mean `\"{near}\"`?"),
            None => "declare it in `anywhere(…)` on the enum, or remove this".into(),
        };
        errors.at(without, format!("`{word}` does not count anywhere; {hint}"));
    }
}
