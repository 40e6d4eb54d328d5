//! From a state to the next: a method for each declared edge, which carries over what both states know; and for each state a
//! trait whose method no state has, so that a call along an edge that is not declared is told in our words.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};

use super::{Context, at, filled, member};
use crate::{
    flow::{
        check::By,
        model::{FieldModel, StateModel},
    },
    names::plain,
};

/// The methods, beside the enum.
pub(super) fn carriers(context: &Context<'_>) -> TokenStream {
    let each = context.model.states.iter().enumerate().map(|(index, state)| {
        let methods: Vec<_> = carriers_of(context, index, state).collect();
        let payload = context.payload(state);
        (!methods.is_empty()).then(|| quote!(impl #payload { #(#methods)* }))
    });
    quote!(#(#each)*)
}

/// Inside the module: for each state that is gone to, the method that those have which lead there in vain.
pub(super) fn leads(context: &Context<'_>) -> TokenStream {
    let each = context.model.states.iter().map(|state| {
        let (ident, method, visibility) =
            (&state.ident, &state.method, context.inner_visibility(at(state.ident.span())));
        let name = format_ident!("To{}", plain(ident), span = ident.span());
        quote_spanned! {at(ident.span())=>
            #[doc(hidden)]
            #visibility trait #name: ::core::marker::Sized {
                fn #method(self) -> Self {
                    self
                }
            }
            impl<S: __flow::LeadsTo<#ident>> #name for S {}
        }
    });
    // What is refused beside another mistake would be a second one.
    if context.has_mistakes { quote!() } else { quote!(#(#each)*) }
}

fn carriers_of(context: &Context<'_>, from: usize, state: &StateModel) -> impl Iterator<Item = TokenStream> {
    let targets = context.graph.edges.iter().filter(move |edge| edge.from == from && edge.by == By::Handler);
    targets.map(move |edge| {
        let target = &context.model.states[edge.to];
        let (method, payload) = (&target.carrier, context.payload(target));
        let visibility = context.visibility(at(target.ident.span()));
        let given = state.missing_for(target);
        let names = given.iter().map(|field| &field.ident);
        let kinds = given.iter().map(|field| &field.kind);
        let body = filled(target.shape, &target.fields, |field| value_of(state, target, field));
        let doc = format!(" Goes on to `{}`, with every field that it shares with this state.", target.ident);
        let deprecated = &target.notes.deprecated;
        quote_spanned! {at(target.ident.span())=>
            #[doc = #doc]
            #(#deprecated)*
            #visibility fn #method(self, #(#names: #kinds),*) -> #payload {
                #payload #body
            }
        }
    })
}

fn value_of(state: &StateModel, target: &StateModel, wanted: &FieldModel) -> TokenStream {
    match state.fields.iter().find(|field| field.is_same(wanted)) {
        Some(field) => {
            let member = member(state, field);
            // At the place of the method, whose `self` it is: where a macro declares the flow, another place knows none.
            quote_spanned!(at(target.ident.span())=> self.#member)
        }
        None => {
            let ident = &wanted.ident;
            quote!(#ident)
        }
    }
}
