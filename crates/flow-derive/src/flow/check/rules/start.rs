//! Where sessions begin.

use crate::{errors::Errors, flow::model::Model};

/// There is one start, and it holds nothing.
pub(super) fn start(model: &Model, errors: &mut Errors) {
    let mut starts = model.states.iter().filter_map(|state| Some((state, state.start.as_ref()?)));
    let Some((first, _)) = starts.next() else {
        if model.states.iter().any(|state| state.is_faulty) {
            return;
        }
        let likely = model.states.iter().find(|state| state.fields.is_empty() && state.end.is_none());
        let place = match likely {
            Some(state) => format!("on the one where sessions begin, as on `{}`,", state.ident),
            None => "on a variant without fields, where sessions begin,".into(),
        };
        let has_words = likely.is_some_and(|state| !state.words.is_empty());
        let start = if has_words { "start" } else { "#[state(start)]" };
        errors.at(&model.ident, format!("no state is the start: {place} write `{start}`"));
        return;
    };
    if !first.fields.is_empty() {
        let name = &first.ident;
        let message = "nothing is known when a session begins: write `start` on a state before this, or this as";
        errors.at(&first.variant, format!("{message} `{name}`"));
    }
    if let Some(end) = &first.end {
        errors.at(end, "a state cannot be start and end at once: remove one of them");
    }
    for (_, token) in starts {
        errors.at(token, format!("`{}` is the start already: remove `start` here", first.ident));
    }
}
