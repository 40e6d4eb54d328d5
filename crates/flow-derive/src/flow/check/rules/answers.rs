//! Where answers go.

use super::{forms::is_undecided, list};
use crate::{
    errors::Errors,
    flow::{
        check::{By, Graph},
        model::Model,
    },
};

/// The answer's place can be inferred in every state that is marked `answer`.
pub(super) fn answers(model: &Model, graph: &Graph, errors: &mut Errors) {
    for (index, state) in model.states.iter().enumerate() {
        let Some((token, None)) = &state.answer else { continue };
        // What an end takes, or a state that runs a flow, and in which form an answer is taken, is told elsewhere.
        if !state.takes_words() || is_undecided(state) {
            continue;
        }
        if let Some(handled) = &state.handled {
            errors.at(handled, "an answer is `handled` or its place is inferred, not both: remove one of them");
            continue;
        }
        if graph.answers[index].inferred.is_none() && !graph.hidden[index] {
            let method = &state.method;
            let why = why_not_inferred(model, graph, index);
            errors.at(
                token,
                format!(
                    "the answer's place cannot be inferred: {why}; write the handler's `{method}`, and remove `answer`"
                ),
            );
        }
    }
}

/// Why an answer's place is not inferred.
pub(in crate::flow) fn why_not_inferred(model: &Model, graph: &Graph, index: usize) -> String {
    let state = &model.states[index];
    let targets: Vec<_> = graph.edges.iter().filter(|edge| edge.from == index && edge.by == By::Handler).collect();
    let [edge] = targets[..] else {
        return format!("{} states follow", targets.len());
    };
    let target = &model.states[edge.to];
    match state.missing_for(target)[..] {
        [] => format!("`{}` has no field more", target.ident),
        [more] if target.fields.len() == state.fields.len() + 1 => {
            format!("`{}` of `{}` is of another type than what is taken", more.name, target.ident)
        }
        [_] => format!("`{}` does not have all fields of `{}`", target.ident, state.ident),
        ref more => format!("`{}` has {} fields more, {}", target.ident, more.len(), list(more.iter().copied())),
    }
}
