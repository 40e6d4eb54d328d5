//! What a faulty item may be meant for, told from the rest of the declaration: [`Meant`].

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, DataEnum, Ident, Variant, ext::IdentExt};

use crate::{
    items::{literals, string},
    names::nearest,
};

/// The names of the declaration, before its words are read. Proposals are made of them.
pub(in crate::flow) struct Meant {
    /// The names that the flow and its module have if none is given.
    pub(super) name: String,
    pub(super) module: String,
    /// The path to the framework as users write it.
    pub(super) root: String,
    states: Vec<State>,
    /// What can be said anywhere, as `without(…)` names it.
    pub(super) words: Vec<String>,
}

struct State {
    name: String,
    /// The name and the type of each.
    fields: Vec<(String, String)>,
    is_end: bool,
}

impl Meant {
    pub(in crate::flow) fn new(name: String, module: &Ident, root: String, data: &DataEnum) -> Self {
        let states = data.variants.iter().map(State::of).collect();
        Self { name, module: module.unraw().to_string(), root, states, words: Vec::new() }
    }

    /// Notes what can be said anywhere.
    pub(in crate::flow) fn hear(&mut self, words: impl Iterator<Item = String>) {
        self.words.extend(words);
    }

    /// The state of this name, or of the nearest.
    pub(super) fn state(&self, name: &str) -> Option<&str> {
        let names = || self.states.iter().map(|state| state.name.as_str());
        names().find(|state| *state == name).or_else(|| nearest(name, names()))
    }

    /// Whether a state is called exactly so.
    pub(super) fn is_state(&self, name: &str) -> bool {
        self.states.iter().any(|state| state.name == name)
    }

    /// The states that are named in these tokens, in quotes or not.
    pub(super) fn states_in(&self, tokens: &TokenStream) -> Vec<&str> {
        let each = tokens.clone().into_iter().filter_map(|token| match &token {
            TokenTree::Ident(ident) => self.state(&ident.to_string()),
            TokenTree::Literal(_) => self.state(&string(&token.to_token_stream())?),
            TokenTree::Group(_) | TokenTree::Punct(_) => None,
        });
        each.collect()
    }

    /// What may be corrected: the first fields of the state with this index, or of all.
    pub(super) fn fields(&self, index: Option<usize>) -> String {
        let states = self.states.iter().enumerate().filter(|(place, _)| index.is_none_or(|index| index == *place));
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in states.flat_map(|(_, state)| &state.fields) {
            if !names.contains(&name.as_str()) && name != "0" {
                names.push(name);
            }
        }
        names.truncate(2);
        if names.is_empty() { "email".into() } else { names.join(", ") }
    }

    /// A state that a handler may go to from this one: the next; none from an end.
    pub(super) fn follower(&self, index: usize) -> Option<&str> {
        let states = self.states.iter().enumerate().cycle().skip(index + 1);
        let mut others = states.take(self.states.len()).filter(|(other, _)| *other != index);
        others.next().filter(|(other, _)| *other > index).map(|(_, state)| state.name.as_str())
    }

    /// A state that follows without a handler: one that needs nothing more than this one has, if there is one.
    pub(super) fn successor(&self, index: usize) -> &str {
        let from = &self.states[index].fields;
        self.best(|state| state.fields.iter().all(|field| from.contains(field)), Some(index))
    }

    /// A state that a word leads to.
    pub(super) fn way_out(&self) -> &str {
        self.best(|state| state.fields.is_empty(), None)
    }

    /// An end of this kind before any other state of it, and a state of it before any other.
    fn best(&self, fits: impl Fn(&State) -> bool, but: Option<usize>) -> &str {
        let others = || self.states.iter().enumerate().filter(|(index, _)| Some(*index) != but).map(|(_, state)| state);
        let best = others().filter(|state| state.is_end).find(|state| fits(state));
        let best = best.or_else(|| others().find(|state| fits(state))).or_else(|| others().next_back());
        best.map_or("Done", |state| &state.name)
    }

    /// A time, in quotes or not, as it is written.
    pub(super) fn time_in(tokens: &TokenStream) -> Option<String> {
        let is_number = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit());
        let each = literals(tokens).into_iter().filter_map(|literal| {
            let text = string(&TokenTree::from(literal.clone()).into()).unwrap_or_else(|| literal.to_string());
            let text = if is_number(&text) { format!("{text}s") } else { text };
            super::super::check::is_time(&text).then(|| format!("{text:?}"))
        });
        each.into_iter().next()
    }
}

impl State {
    fn of(variant: &Variant) -> Self {
        let fields = variant.fields.iter().map(|field| {
            let name = field.ident.as_ref().map_or_else(|| "0".into(), |ident| ident.unraw().to_string());
            (name, field.ty.to_token_stream().to_string())
        });
        let is_end = variant.attrs.iter().any(is_end);
        Self { name: variant.ident.to_string(), fields: fields.collect(), is_end }
    }
}

fn is_end(attribute: &Attribute) -> bool {
    let Ok(list) = attribute.meta.require_list() else { return false };
    let mut tokens = list.tokens.clone().into_iter();
    attribute.path().is_ident("state") && tokens.any(|token| matches!(token, TokenTree::Ident(word) if word == "end"))
}
