//! What may be corrected from each state, and which state asks for it.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use super::{By, Edge, Resolver};
use crate::{
    flow::{
        attr::CorrectWord,
        model::{FieldModel, Model, StateModel},
    },
    names::{nearest, plain},
};

/// One correction of a state.
pub(in crate::flow) struct Correction {
    /// The field, as the declaration has it.
    pub(in crate::flow) field: Ident,
    /// Its variant in the enum of the state's corrections.
    pub(in crate::flow) variant: Ident,
    pub(in crate::flow) texts: Vec<String>,
    pub(in crate::flow) asked_in: usize,
    /// Whether it is offered with the question, or taken by its words alone.
    pub(in crate::flow) is_offered: bool,
    /// The variants of what is asked again after it.
    pub(in crate::flow) dependents: Vec<Ident>,
}

impl Correction {
    /// The field's name, as records and the graph have it.
    pub(in crate::flow) fn name(&self) -> String {
        self.field.unraw().to_string()
    }
}

impl Resolver<'_> {
    /// The corrections of each state: its own, and those of the flow.
    pub(super) fn corrections(&mut self, edges: &[Edge]) -> Vec<Vec<Correction>> {
        let model = self.model;
        let of_flow: Vec<_> = model.corrects.iter().map(|word| (word, self.asked_for_flow(word, edges))).collect();
        let mut is_used = vec![false; of_flow.len()];
        let mut all = Vec::new();
        for (index, state) in model.states.iter().enumerate() {
            let mut corrections: Vec<Correction> = Vec::new();
            // That an end or a state that runs a flow corrects nothing is told elsewhere.
            for word in state.corrects.iter().filter(|_| state.takes_words()) {
                let asked_in = self.unless_guessed(word, |own| own.asked_for_state(index, word, edges));
                corrections.extend(asked_in.map(|asked_in| correction(word, asked_in, true)));
            }
            let mut names: Vec<_> = state.corrects.iter().map(|word| &word.ident).collect();
            for ((word, asked_in), is_used) in of_flow.iter().zip(&mut is_used) {
                let Some(asked_in) = *asked_in else {
                    // Where a mistake hides who asks, it may be a correction of this state.
                    names.push(&word.ident);
                    continue;
                };
                let can_correct = can_correct(model, index, &word.ident, asked_in);
                if !can_correct {
                    names.extend(self.is_misspelt(word, asked_in).then_some(&word.ident));
                    continue;
                }
                *is_used = true;
                names.push(&word.ident);
                if !state.corrects.iter().any(|own| own.ident == word.ident) {
                    corrections.push(correction(word, asked_in, false));
                }
            }
            if state.takes_words() {
                let whose = format!("`{}`", state.ident);
                self.dependents_are_there(&state.corrects, &names, std::slice::from_ref(state), &whose);
            }
            // One of the flow may depend on a field that this state does not hold, and one of the state has its mistake.
            let there: Vec<_> = corrections.iter().map(|other| other.variant.clone()).collect();
            for correction in &mut corrections {
                correction.dependents.retain(|dependent| there.contains(dependent));
            }
            all.push(corrections);
        }
        let names: Vec<_> = model.corrects.iter().map(|word| &word.ident).collect();
        self.dependents_are_there(&model.corrects, &names, &model.states, "the flow");
        self.each_is_used(&of_flow, &is_used);
        all
    }

    /// What it makes of a correction. Of one that stands for a faulty item no mistake is told.
    fn unless_guessed<T>(&mut self, word: &CorrectWord, read: impl FnOnce(&mut Self) -> T) -> T {
        if !word.is_guess {
            return read(self);
        }
        let told = std::mem::take(&mut *self.errors);
        let made = read(self);
        *self.errors = told;
        made
    }

    /// What the flow lets correct is corrected somewhere.
    fn each_is_used(&mut self, of_flow: &[(&CorrectWord, Option<usize>)], is_used: &[bool]) {
        for ((word, asked_in), _) in of_flow.iter().zip(is_used).filter(|(_, is_used)| !**is_used) {
            let asked_in = asked_in.filter(|asked_in| !self.is_misspelt(word, *asked_in));
            let Some(asking) = asked_in.map(|asked_in| &self.model.states[asked_in].ident) else { continue };
            let message = format!(
                "`{0}` can be corrected nowhere: no state but an end holds it, and all that `{asking}` holds: remove this",
                word.ident
            );
            self.errors.at(&word.entry, message);
        }
    }

    /// The state in which this field is asked for, from the state with this index; none if there is a mistake.
    fn asked_for_state(&mut self, index: usize, word: &CorrectWord, edges: &[Edge]) -> Option<usize> {
        let (model, state) = (self.model, &self.model.states[index]);
        let (name, field) = (&word.ident, word.ident.unraw().to_string());
        let Some(held) = state.fields.iter().find(|held| held.name == field) else {
            let fields = state.fields.iter().map(|field| field.name.as_str());
            let hint = match nearest(&field, fields) {
                Some(near) => format!("did you mean `{near}`?"),
                None if state.fields.is_empty() => "it has none".into(),
                None => {
                    let fields: Vec<_> = state.fields.iter().map(|field| format!("`{}`", field.name)).collect();
                    format!("it has {}", fields.join(", "))
                }
            };
            self.errors.at(name, format!("`{}` has no field `{field}`; {hint}", state.ident));
            return None;
        };
        let asked_in = self.asking(word, held, edges)?;
        let asking = &model.states[asked_in];
        let missing = state.missing_for(asking);
        if let Some(missing) = missing.first() {
            if self.is_misspelt(word, asked_in) {
                return None;
            }
            let message = format!(
                "`{field}` cannot be asked for from `{}`, which does not know the `{}` of `{}`: give it that field, or \
                 remove this",
                state.ident, missing.name, asking.ident
            );
            self.errors.at(&word.entry, message);
            return None;
        }
        Some(asked_in)
    }

    /// The state in which a field of the flow is asked for; none if there is a mistake.
    fn asked_for_flow(&mut self, word: &CorrectWord, edges: &[Edge]) -> Option<usize> {
        let (model, field) = (self.model, word.ident.unraw().to_string());
        let mut all = model.states.iter().flat_map(|state| &state.fields);
        let Some(held) = all.find(|held| held.name == field) else {
            let fields = model.states.iter().flat_map(|state| &state.fields).map(|field| field.name.as_str());
            let near = nearest(&field, fields).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let near = if near.is_empty() { ": remove this".into() } else { near };
            self.errors.at(&word.ident, format!("no state has a field `{field}`{near}"));
            return None;
        };
        self.asking(word, held, edges)
    }

    /// The state that asks for the field: as it is given, or the one that leads to a state with exactly that field more.
    fn asking(&mut self, word: &CorrectWord, field: &FieldModel, edges: &[Edge]) -> Option<usize> {
        let (model, name) = (self.model, &field.name);
        if let Some(target) = &word.asked_in {
            let asked_in = self.state(None, target)?;
            let asking = &model.states[asked_in];
            let mistake = if asking.fields.iter().any(|held| held.name == *name) {
                format!("`{}` knows `{name}` already: write the state that asks for it", asking.ident)
            } else if asking.end.is_some() {
                format!("`{}` is an end, and asks nothing: write the state that asks for it", asking.ident)
            } else {
                return Some(asked_in);
            };
            if !self.is_misspelt(word, asked_in) {
                self.errors.at(target, mistake);
            }
            return None;
        }
        let asks = |edge: &&Edge| {
            let (from, to) = (&model.states[edge.from], &model.states[edge.to]);
            let missing = from.missing_for(to);
            edge.by == By::Handler
                && from.end.is_none()
                && matches!(missing[..], [more] if more.is_same(field))
                && to.fields.len() == from.fields.len() + 1
        };
        let leads_on = |edge: &Edge| edge.by == By::Handler && model.states[edge.from].end.is_some();
        let mut asking: Vec<usize> = edges.iter().filter(asks).map(|edge| edge.from).collect();
        asking.sort_unstable();
        asking.dedup();
        match asking[..] {
            [one] => Some(one),
            // A mistake may hide the step that leads there, and so may an end that leads on.
            _ if self.hidden.contains(&true) || edges.iter().any(leads_on) => None,
            [] => {
                let likely = model
                    .states
                    .iter()
                    .find(|state| state.takes_words() && !state.fields.iter().any(|held| held.name == *name));
                let likely = likely.map_or_else(|| "AskIt".to_owned(), |state| state.ident.to_string());
                let message = format!(
                    "no state leads to one with exactly `{name}` more: write the state that asks for it, as in `{name} = {likely}`"
                );
                self.errors.at(&word.entry, message);
                None
            }
            [first, ..] => {
                let all: Vec<_> = asking.iter().map(|index| format!("`{}`", model.states[*index].ident)).collect();
                let message = format!(
                    "{} ask for `{name}`: write which of them, as in `{name} = {}`",
                    all.join(" and "),
                    model.states[first].ident
                );
                self.errors.at(&word.entry, message);
                None
            }
        }
    }

    /// Whether this state is read for the misspelt one that is written. That is told, and nothing more of it.
    fn is_misspelt(&self, word: &CorrectWord, asked_in: usize) -> bool {
        word.asked_in.as_ref().is_some_and(|target| *target != self.model.states[asked_in].ident)
    }

    /// What depends on a correction is another one, and one alone.
    fn dependents_are_there(
        &mut self,
        words: &[CorrectWord],
        corrections: &[&Ident],
        states: &[StateModel],
        whose: &str,
    ) {
        let is_held = |name: &Ident| states.iter().flat_map(|state| &state.fields).any(|field| *name == *field.name);
        for word in words.iter().filter(|word| !word.is_guess) {
            if let [first, second, ..] = &word.dependents[..] {
                if first == second {
                    self.errors.at(second, format!("`{second}` is declared already: remove this"));
                    continue;
                }
                let message = format!(
                    "one field is asked again after another: write `{} => {first}`, and `{first} => {second}`",
                    word.ident
                );
                self.errors.at(second, message);
                continue;
            }
            for dependent in &word.dependents {
                if *dependent == word.ident {
                    self.errors.at(dependent, format!("`{dependent}` is corrected just then: remove this"));
                } else if !corrections.contains(&dependent) {
                    let others: Vec<_> =
                        corrections.iter().filter(|other| **other != &word.ident).map(ToString::to_string).collect();
                    let hint = match nearest(&dependent.to_string(), others.iter().map(String::as_str)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None if !is_held(dependent) => "remove this".into(),
                        None => format!("write it there as well, as in `corrects({}, {dependent})`", word.ident),
                    };
                    self.errors.at(dependent, format!("`{dependent}` is no correction of {whose}; {hint}"));
                }
            }
        }
    }
}

fn correction(word: &CorrectWord, asked_in: usize, is_offered: bool) -> Correction {
    Correction {
        field: word.ident.clone(),
        variant: variant(&word.ident),
        texts: word.texts(),
        asked_in,
        is_offered,
        // A second one is a mistake.
        dependents: word.dependents.iter().take(1).map(variant).collect(),
    }
}

/// The variant of a field: `company_name` is `CompanyName`.
fn variant(field: &Ident) -> Ident {
    let name: String = plain(field)
        .split('_')
        .map(|part| {
            let mut letters = part.chars();
            let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
            first + letters.as_str()
        })
        .collect();
    Ident::new(&name, field.span())
}

/// Whether a correction that the flow declares is one of this state: it holds the field, and can ask for it.
fn can_correct(model: &Model, index: usize, field: &Ident, asked_in: usize) -> bool {
    let (state, name) = (&model.states[index], field.unraw().to_string());
    let is_held = state.fields.iter().any(|held| held.name == name);
    state.takes_words() && is_held && index != asked_in && state.missing_for(&model.states[asked_in]).is_empty()
}
