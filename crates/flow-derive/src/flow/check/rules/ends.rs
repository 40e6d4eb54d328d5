//! Where conversations are over.

use crate::{
    errors::Errors,
    flow::model::{Model, StateModel},
};

/// No transition leaves an end, and every other state has one that its answer can take.
pub(super) fn ends(model: &Model, errors: &mut Errors) {
    for state in &model.states {
        if state.end.is_some() {
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

fn end(state: &StateModel, errors: &mut Errors) {
    let name = &state.ident;
    let ways: Vec<_> = ["to", "after", "tries"].into_iter().filter(|way| state.word(way).is_some()).collect();
    match (&state.end, state.word("ask")) {
        // One of the two is wrong, and it may be `end`.
        _ if state.start.is_some() => {}
        (Some(end), _) if !ways.is_empty() => {
            let ways = ways.iter().map(|way| format!("`{way}(…)`")).collect::<Vec<_>>().join(", ");
            errors.at(end, format!("nothing follows an end, and `{name}` has {ways}: remove that, or `end`"));
        }
        (_, Some(ask)) => errors.at(ask, format!("`{name}` is an end, and an end takes no answer: write `say`")),
        _ => {}
    }
}
