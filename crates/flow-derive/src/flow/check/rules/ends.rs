//! Where conversations are over.

use proc_macro2::Ident;

use crate::{
    errors::Errors,
    flow::model::{Model, StateModel},
};

/// An end is left by nothing and takes nothing, and every other state has a transition that its answer can take.
pub(super) fn ends(model: &Model, errors: &mut Errors) {
    for state in &model.states {
        // Of a start that is an end one word is wrong, and it may be `end`.
        if state.end.is_some() && state.start.is_none() {
            end(state, errors);
        } else if leads_nowhere(state) {
            let name = &state.ident;
            errors.at(
                name,
                format!("nothing follows `{name}`: write `end` in its `#[state(…)]`, or the states that follow, as in `to(Next)`"),
            );
        } else if answer_leads_nowhere(state) {
            let name = &state.ident;
            let token = state.word("ask").unwrap_or(name);
            errors.at(
                token,
                format!(
                    "an answer in `{name}` leads nowhere: write `say`, or the states that follow it, as in `to(Next)`"
                ),
            );
        }
    }
}

/// Whether what follows the state is forgotten.
pub(in crate::flow::check) fn is_unfinished(state: &StateModel) -> bool {
    leads_nowhere(state) || answer_leads_nowhere(state)
}

fn leads_nowhere(state: &StateModel) -> bool {
    state.end.is_none() && state.to.is_empty() && state.after.is_empty() && !state.is_faulty
}

fn answer_leads_nowhere(state: &StateModel) -> bool {
    state.end.is_none() && state.to.is_empty() && state.ask.is_some() && !state.is_faulty
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
    ("signals", "nothing comes in at an end"),
    ("remind", "nothing rings at an end"),
    ("without", "no word counts at an end"),
];
