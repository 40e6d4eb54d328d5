//! The rules that every flow keeps, one function each.

use std::collections::{HashMap, HashSet};

use super::{By, Graph};
use crate::{
    errors::Errors,
    flow::{
        model::{FieldModel, Model, StateModel},
        prompt::{Part, parts},
    },
    names::nearest,
};

/// There is one start, and it holds nothing.
pub(super) fn start(model: &Model, errors: &mut Errors) {
    let mut starts = model.states.iter().filter_map(|state| Some((state, state.start.as_ref()?)));
    let Some((first, token)) = starts.next() else {
        if model.states.iter().any(|state| state.is_faulty) {
            return;
        }
        errors.at(&model.ident, "no state is the start: write `#[state(start, …)]` on the one where sessions begin");
        return;
    };
    if !first.fields.is_empty() {
        let name = &first.ident;
        errors.at(token, format!("nothing is known at the start: make `{name}` a variant without fields"));
    }
    if first.end.is_some() {
        errors.at(token, "a state cannot be start and end at once");
    }
    for (_, token) in starts {
        errors.at(token, format!("`{}` is the start already: there is one", first.ident));
    }
}

/// No two states share a name in the record, an alias or a method, and no two methods share a name.
pub(super) fn names(model: &Model, errors: &mut Errors) {
    let mut wire: HashMap<String, &StateModel> = model.states.iter().map(|state| (state.name.clone(), state)).collect();
    let mut methods: HashMap<String, String> = HashMap::from([
        ("on_open".to_owned(), "the opening hook".to_owned()),
        ("on_help".to_owned(), "the help hook".to_owned()),
    ]);
    for state in &model.states {
        for alias in &state.aliases {
            match wire.get(&alias.value()) {
                Some(other) => {
                    errors.at(alias, format!("`{}` already names the state `{}`", alias.value(), other.ident));
                }
                None => drop(wire.insert(alias.value(), state)),
            }
        }
        for method in [state.method.to_string(), format!("ask_{}", state.method.to_string().trim_start_matches("r#"))] {
            if let Some(other) = methods.insert(method.clone(), format!("`{}`", state.ident)) {
                errors.at(&state.ident, format!("its method `{method}` is that of {other} too: take another name"));
            }
        }
    }
}

/// A prompt names only fields that its state has; choices differ; a state says one thing on entering.
pub(super) fn prompts(model: &Model, errors: &mut Errors) {
    for state in &model.states {
        if let (Some(_), Some(say)) = (&state.ask, &state.say) {
            errors.at(say, "a state has `ask` or `say`, not both: put all of it into one");
        }
        if let (Some(silent), Some(_)) = (&state.silent, state.prompt()) {
            errors.at(silent, "a state with a prompt is not silent: remove one of them");
        }
        for prompt in state.ask.iter().chain(&state.say) {
            prompt_fields(state, prompt, errors);
        }
    }
}

fn prompt_fields(state: &StateModel, prompt: &syn::LitStr, errors: &mut Errors) {
    let parts = match parts(prompt) {
        Ok(parts) => parts,
        Err(mistake) => return errors.at(prompt, mistake),
    };
    for part in parts {
        let Part::Field(name) = part else { continue };
        if state.fields.iter().any(|field| field.name == name) {
            continue;
        }
        let hint = match nearest(&name, state.fields.iter().map(|field| field.name.as_str())) {
            Some(near) => format!("did you mean `{{{near}}}`?"),
            None if state.fields.is_empty() => "it has no fields".into(),
            None => format!("it has {}", list(&state.fields)),
        };
        errors.at(prompt, format!("`{}` has no field `{name}`; {hint}", state.ident));
    }
}

/// No transition leaves an end, and every other state has one.
pub(super) fn ends(model: &Model, errors: &mut Errors) {
    for state in &model.states {
        let name = &state.ident;
        if state.end.is_none() {
            if state.to.is_empty() && state.after.is_empty() && !state.is_faulty {
                errors.at(name, format!("nothing follows `{name}`: write `to(…)`, or mark it `end`"));
            }
            continue;
        }
        let targets = state.to.iter().chain(state.after.iter().map(|(_, target)| target));
        for target in targets.chain(state.tries.iter().map(|(_, target)| target)) {
            errors.at(target, format!("`{name}` is an end, and nothing follows an end: remove this, or `end`"));
        }
        if let Some(ask) = &state.ask {
            errors.at(ask, format!("`{name}` is an end, and an end takes no answer: write `say`"));
        }
    }
}

/// The answer's place can be inferred in every state that is marked `answer`.
pub(super) fn answers(model: &Model, graph: &Graph, errors: &mut Errors) {
    for (index, state) in model.states.iter().enumerate() {
        let Some((token, None)) = &state.answer else { continue };
        if let Some(handled) = &state.handled {
            errors.at(handled, "an answer is `handled` or its place is inferred, not both: remove one of them");
            continue;
        }
        if graph.answers[index].inferred.is_none() {
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

fn why_not_inferred(model: &Model, graph: &Graph, index: usize) -> String {
    let state = &model.states[index];
    if state.ask.is_none() {
        return "the state has no `ask`".into();
    }
    let targets: Vec<_> = graph.edges.iter().filter(|edge| edge.from == index && edge.by == By::Handler).collect();
    let [edge] = targets[..] else {
        return format!("{} states follow", targets.len());
    };
    let target = &model.states[edge.to];
    match state.missing_for(target)[..] {
        [] => format!("`{}` has no field more", target.ident),
        [_] => format!("`{}` does not have all fields of `{}`", target.ident, state.ident),
        ref more => format!("`{}` has {} fields more, {}", target.ident, more.len(), list(more.iter().copied())),
    }
}

/// A state that is entered without a handler has no field that the state before it lacks.
pub(super) fn known_fields(model: &Model, graph: &Graph, errors: &mut Errors) {
    let mut told = HashSet::new();
    for edge in &graph.edges {
        let (from, to) = (&model.states[edge.from], &model.states[edge.to]);
        let missing = from.missing_for(to);
        if missing.is_empty() {
            continue;
        }
        let (from_name, to_name) = (&from.ident, &to.ident);
        let message = format!("`{to_name}` cannot be made out of `{from_name}`, which does not know {}", list(missing));
        match &edge.by {
            By::Handler => {}
            By::After(_) => {
                let targets = from.after.iter().map(|(_, target)| target);
                targets.filter(|target| *target == to_name).for_each(|target| errors.at(target, &message));
            }
            By::Tries(_) => from.tries.iter().for_each(|(_, target)| errors.at(target, &message)),
            // Noted once for a word, however many states lack the field.
            By::Shortcut(word) if !told.insert(word.clone()) => {}
            By::Shortcut(word) => {
                let entry = model.anywhere.iter().find_map(|entry| match entry {
                    super::AnywhereWord::To { word: said, target } if said.value() == *word => Some(target),
                    _ => None,
                });
                if let Some(target) = entry {
                    let way_out = format!("write `without(\"{word}\")` there, or go to a state without fields");
                    errors.at(target, format!("{message}; {way_out}"));
                }
            }
        }
    }
}

/// Every state can be reached from the start.
pub(super) fn reachable(model: &Model, graph: &Graph, errors: &mut Errors) {
    let Some(start) = model.states.iter().position(|state| state.start.is_some()) else { return };
    let mut reached = HashSet::from([start]);
    let mut waiting = vec![start];
    while let Some(from) = waiting.pop() {
        for edge in graph.edges.iter().filter(|edge| edge.from == from) {
            if reached.insert(edge.to) {
                waiting.push(edge.to);
            }
        }
    }
    for (index, state) in model.states.iter().enumerate() {
        // A second start has its own mistake.
        if !reached.contains(&index) && state.start.is_none() {
            let name = &state.ident;
            errors.at(name, format!("`{name}` is never reached: name it in the `to(…)` of a state before it"));
        }
    }
}

fn list<'m>(fields: impl IntoIterator<Item = &'m FieldModel>) -> String {
    fields.into_iter().map(|field| format!("`{}`", field.name)).collect::<Vec<_>>().join(", ")
}
