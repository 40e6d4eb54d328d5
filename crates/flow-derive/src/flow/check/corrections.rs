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
        let states = model.states.iter().enumerate();
        states
            .map(|(index, state)| {
                let mut all: Vec<Correction> = Vec::new();
                for word in &state.corrects {
                    if let Some(asked_in) = self.asked_for_state(index, word, edges) {
                        self.speaks_clearly(state, &all, word);
                        all.push(correction(word, asked_in, true));
                    }
                }
                for (word, asked_in) in &of_flow {
                    let Some(asked_in) = *asked_in else { continue };
                    let is_own = state.corrects.iter().any(|own| own.ident == word.ident);
                    if !is_own && can_correct(model, index, &word.ident, asked_in) {
                        all.push(correction(word, asked_in, false));
                    }
                }
                self.dependents_are_there(state, &all);
                all
            })
            .collect()
    }

    /// The state in which this field is asked for, from the state with this index; none if there is a mistake.
    fn asked_for_state(&mut self, index: usize, word: &CorrectWord, edges: &[Edge]) -> Option<usize> {
        let (model, state) = (self.model, &self.model.states[index]);
        let (name, field) = (&word.ident, word.ident.unraw().to_string());
        if state.end.is_some() {
            self.errors
                .at(name, format!("`{}` is an end, and nothing is corrected at an end: remove this", state.ident));
            return None;
        }
        if state.run.is_some() {
            let message = format!("`{}` asks nothing itself, since it runs a flow: remove this", state.ident);
            self.errors.at(name, message);
            return None;
        }
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
            let message = format!(
                "`{field}` cannot be asked for from `{}`, which does not know the `{}` of `{}`: write another state \
                 that asks for it, as in `{field} = {}`",
                state.ident, missing.name, asking.ident, asking.ident
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
            if asking.fields.iter().any(|held| held.name == *name) {
                let message = format!("`{}` knows `{name}` already: write the state that asks for it", asking.ident);
                self.errors.at(target, message);
                return None;
            }
            return Some(asked_in);
        }
        let asks = |edge: &&Edge| {
            let (from, to) = (&model.states[edge.from], &model.states[edge.to]);
            let missing = from.missing_for(to);
            edge.by == By::Handler
                && matches!(missing[..], [more] if more.is_same(field))
                && to.fields.len() == from.fields.len() + 1
        };
        let mut asking: Vec<usize> = edges.iter().filter(asks).map(|edge| edge.from).collect();
        asking.sort_unstable();
        asking.dedup();
        match asking[..] {
            [one] => Some(one),
            // A mistake may hide the step that leads there.
            _ if self.hidden.contains(&true) => None,
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

    /// No word of a correction means something else in its state.
    fn speaks_clearly(&mut self, state: &StateModel, others: &[Correction], word: &CorrectWord) {
        for (place, text) in word.texts().into_iter().enumerate() {
            let folded = text.trim().to_lowercase();
            let is_choice = state.choices.iter().any(|choice| {
                let words = choice.words.iter().map(syn::LitStr::value).chain([choice.label(), plain(&choice.ident)]);
                words.map(|word| word.trim().to_lowercase()).any(|word| word == folded)
            });
            let is_other =
                others.iter().flat_map(|other| &other.texts).any(|other| other.trim().to_lowercase() == folded);
            if is_choice || is_other {
                let what = if is_choice { "a choice" } else { "another correction" };
                let message = format!("`{text}` is {what} of `{}` too: take another word", state.ident);
                match word.words.get(place) {
                    Some(token) => self.errors.at(token, message),
                    None => self.errors.at(&word.ident, message),
                }
            }
        }
    }

    /// What is asked again after a correction is a correction itself.
    fn dependents_are_there(&mut self, state: &StateModel, all: &[Correction]) {
        for word in &state.corrects {
            for dependent in &word.dependents {
                let is_there = all.iter().any(|other| other.field == *dependent && other.field != word.ident);
                // Its own mistake may hide it.
                let is_meant =
                    state.corrects.iter().any(|other| other.ident == *dependent && other.ident != word.ident);
                if !is_there && !is_meant {
                    let message =
                        format!("`{dependent}` is no other correction of `{}`: write it in `corrects(…)`", state.ident);
                    self.errors.at(dependent, message);
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
        dependents: word.dependents.iter().map(variant).collect(),
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
