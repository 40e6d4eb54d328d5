//! Where sessions begin.

use crate::{errors::Errors, flow::model::Model};

/// There is one start, and it holds nothing.
pub(super) fn start(model: &Model, errors: &mut Errors) {
    let mut starts = model.states.iter().filter_map(|state| Some((state, state.start.as_ref()?)));
    let Some((first, token)) = starts.next() else {
        if model.states.iter().any(|state| state.is_faulty) {
            return;
        }
        let likely = model.states.iter().find(|state| state.fields.is_empty() && state.end.is_none());
        let place = match likely {
            Some(state) => format!("on the one where sessions begin, as on `{}`", state.ident),
            None => "on a variant without fields, where sessions begin".into(),
        };
        errors.at(&model.ident, format!("no state is the start: write `#[state(start)]` {place}"));
        return;
    };
    if !first.fields.is_empty() {
        let name = &first.ident;
        errors.at(
            token,
            format!(
                "nothing is known when a session begins: write `{name}` without fields, or `start` on a state before it"
            ),
        );
    }
    if let Some(end) = &first.end {
        errors.at(end, "a state cannot be start and end at once: remove one of them");
    }
    for (_, token) in starts {
        errors.at(token, format!("`{}` is the start already: remove `start` here", first.ident));
    }
}
