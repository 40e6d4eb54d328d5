//! What is needed of the user's types: each need is a call of one function, at the token where the declaration has the type
//! first in this role. A type that falls short is one error then, however often the code makes use of it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Type, spanned::Spanned};

use super::Context;
use crate::flow::{
    check::Kind,
    model::{FieldModel, StateModel, text},
    prompt::{Part, parts},
};

/// How the state's answer is read; none of words that are taken as they are said, and of offers.
pub(super) fn reading(context: &Context<'_>, index: usize) -> Option<TokenStream> {
    let state = &context.model.states[index];
    match &context.graph.answers[index].kind {
        Kind::Choice => {
            let kind = context.inside(&state.choice_enum);
            Some(quote!(__flow::choosing::<#kind>()))
        }
        Kind::ChoiceOf(kind) => {
            let all = context.graph.answers.iter().filter_map(|answering| match &answering.kind {
                Kind::ChoiceOf(kind) => Some(kind),
                _ => None,
            });
            let kind = first(all, kind);
            Some(quote_spanned!(kind.span()=> __flow::choosing::<#kind>()))
        }
        Kind::Answer(kind) => {
            let all = context.graph.answers.iter().filter_map(|answering| match &answering.kind {
                Kind::Answer(kind) => Some(kind),
                _ => None,
            });
            let kind = first(all, kind);
            Some(quote_spanned!(kind.span()=> __flow::reading::<#kind>()))
        }
        Kind::Words | Kind::Offer(_) => None,
    }
}

/// How things of this type are offered, and picked.
pub(super) fn offering(context: &Context<'_>, kind: &Type) -> TokenStream {
    let all = context.graph.answers.iter().filter_map(|answering| match &answering.kind {
        Kind::Offer(kind) => Some(kind),
        _ => None,
    });
    let kind = first(all, kind);
    quote_spanned!(kind.span()=> __flow::offering::<#kind>())
}

/// How a field is put into words.
pub(super) fn speaking(context: &Context<'_>, field: &FieldModel) -> TokenStream {
    let all = context.model.states.iter().flat_map(spoken).map(|field| &field.kind);
    let kind = first(all, &field.kind);
    quote_spanned!(kind.span()=> __flow::speaking::<#kind>())
}

/// How a payload is written and read.
pub(super) fn carried(context: &Context<'_>, kind: &Type) -> TokenStream {
    let all = context.graph.signals.iter().chain(&context.graph.effects);
    let kind = first(all.filter_map(|carried| carried.kind.as_ref()), kind);
    quote_spanned!(kind.span()=> __flow::carried::<#kind>())
}

/// The fields that the state's prompt says.
pub(super) fn spoken(state: &StateModel) -> impl Iterator<Item = &FieldModel> {
    // A prompt that cannot be read has its mistake already.
    let parts = state.prompt().and_then(|prompt| parts(prompt).ok()).unwrap_or_default();
    state.fields.iter().filter(move |field| parts.contains(&Part::Field(field.name.clone())))
}

/// The type where it is written first.
fn first<'m>(mut all: impl Iterator<Item = &'m Type>, kind: &'m Type) -> &'m Type {
    all.find(|other| text(other) == text(kind)).unwrap_or(kind)
}
