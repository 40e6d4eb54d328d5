//! Where conversations are over.

use proc_macro2::Ident;

use crate::{
    errors::Errors,
    flow::model::{Model, StateModel},
};

/// An end is left by nothing and takes nothing, and every other state has a transition that its answer can take.
pub(super) fn ends(model: &Model, errors: &mut Errors) {
    // Where nothing is written on any state, that is told once, where the start is missing.
    let is_begun = model.states.iter().any(|state| !state.words.is_empty() || state.is_faulty);
    for state in &model.states {
        // Of a start that is an end one word is wrong, and it may be `end`.
        if state.end.is_some() && state.start.is_none() {
            end(state, errors);
        } else if leads_nowhere(state) && is_begun {
            let (name, other) = (&state.ident, other(model, state));
            let (to, end) = (format!("to({other})"), "end");
            let [to, end] = if state.words.is_empty() {
                [format!("#[state({to})]"), format!("#[state({end})]")]
            } else {
                [to, end.to_owned()]
            };
            errors.at(name, format!("nothing follows `{name}`: write the states that do, as in `{to}`, or `{end}`"));
        } else if answer_leads_nowhere(state) {
            let (name, other) = (&state.ident, other(model, state));
            let token = state.word("ask").unwrap_or(name);
            errors.at(
                token,
                format!(
                    "an answer in `{name}` leads nowhere: write the states that follow it, as in `to({other})`, or `say`"
                ),
            );
        }
    }
}

/// A state that may follow this one: the next, and of the last one the first.
fn other<'m>(model: &'m Model, state: &StateModel) -> &'m Ident {
    let place = model.states.iter().position(|other| other.ident == state.ident).unwrap_or_default();
    &model.states[(place + 1) % model.states.len()].ident
}

/// Whether what follows the state is forgotten.
pub(in crate::flow::check) fn is_unfinished(state: &StateModel) -> bool {
    leads_nowhere(state) || answer_leads_nowhere(state)
}

fn leads_nowhere(state: &StateModel) -> bool {
    state.end.is_none() && state.to.is_empty() && state.after.is_empty() && !state.is_faulty
}

fn answer_leads_nowhere(state: &StateModel) -> bool {
    state.takes_words() && state.to.is_empty() && state.ask.is_some() && !state.is_faulty
}

/// One mistake for all that an end cannot have, at the first of it.
fn end(state: &StateModel, errors: &mut Errors) {
    let mut strange: Vec<(&Ident, &str)> = Vec::new();
    for word in &state.words {
        if let Some((_, why)) = STRANGE.iter().find(|(name, _)| word == name)
            && !strange.iter().any(|(other, _)| *other == word)
        {
            strange.push((word, why));
        }
    }
    let Some(&(first, why)) = strange.first() else { return };
    let removed: Vec<_> = strange.iter().map(|(word, _)| *word).filter(|word| *word != "ask").collect();
    let removed: Vec<_> = removed.into_iter().map(|word| format!("`{word}`")).collect();
    let way_out = match (removed.is_empty(), state.word("ask")) {
        (true, _) => "write `say`".into(),
        (false, None) if strange.len() == 1 => {
            let message = format!("`{}` is an end, and {why}: remove this, or `end`", state.ident);
            return errors.at(state.item(&first.to_string()), message);
        }
        (false, None) => format!("remove {}, or `end`", removed.join(", ")),
        (false, Some(_)) => format!("remove {}, and write `say` for `ask`; or remove `end`", removed.join(", ")),
    };
    errors.at(first, format!("`{}` is an end, and {why}: {way_out}", state.ident));
}

/// What an end cannot have, and why.
const STRANGE: &[(&str, &str)] = &[
    ("to", "nothing follows an end"),
    ("after", "nothing follows an end"),
    ("tries", "nothing follows an end"),
    ("ask", "an end takes no answer"),
    ("choices", "an end takes no answer"),
    ("offers", "an end takes no answer"),
    ("answer", "an end takes no answer"),
    ("handled", "an end takes no answer"),
    ("run", "an end runs nothing"),
    ("begin", "an end runs nothing"),
    ("corrects", "nothing is corrected at an end"),
    ("signals", "nothing comes in at an end"),
    ("remind", "nothing rings at an end"),
    ("without", "no word counts at an end"),
];
