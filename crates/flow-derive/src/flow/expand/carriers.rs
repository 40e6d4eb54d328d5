//! From a state to the next: a method for each declared edge, which carries over what both states know; and for each state a
//! trait whose method no state has, so that a call along an edge that is not declared is told in our words.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

use super::{Context, filled, member};
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
        (!methods.is_empty()).then(|| quote_spanned!(state.ident.span()=> impl #payload { #(#methods)* }))
    });
    quote!(#(#each)*)
}

/// Inside the module: for each state the method that leads to it, of every state that has no way there. No state has it in
/// truth, since it is asked for what no state is; rustc then says so in our words.
pub(super) fn undeclared(context: &Context<'_>) -> Option<TokenStream> {
    let each = context.model.states.iter().map(|state| {
        let (ident, method) = (&state.ident, &state.method);
        let name = undeclared_trait(state);
        quote_spanned! {ident.span()=>
            pub trait #name: ::core::marker::Sized {
                fn #method(self) -> Self {
                    self
                }
            }
            impl<S: super::__flow::LeadsTo<super::#ident>> #name for S {}
        }
    });
    let names = context.model.states.iter().map(undeclared_trait);
    // What is refused beside another mistake would be a second one.
    (!context.has_mistakes).then(|| {
        quote_spanned! {context.model.ident.span()=>
            #[doc(hidden)]
            pub mod __undeclared {
                #(#each)*
            }
            pub use __undeclared::{#(#names as _),*};
        }
    })
}

/// Beside the enum: the same methods for those who import the states one by one.
pub(super) fn undeclared_beside(context: &Context<'_>) -> Option<TokenStream> {
    let (module, names) = (&context.model.module, context.model.states.iter().map(undeclared_trait));
    (!context.has_mistakes).then(|| {
        quote! {
            #[allow(unused_imports)]
            use #module::__undeclared::{#(#names as _),*};
        }
    })
}

fn undeclared_trait(state: &StateModel) -> Ident {
    format_ident!("To{}", plain(&state.ident), span = state.ident.span())
}

fn carriers_of(context: &Context<'_>, from: usize, state: &StateModel) -> impl Iterator<Item = TokenStream> {
    let targets = context.graph.edges.iter().filter(move |edge| edge.from == from && edge.by == By::Handler);
    targets.map(move |edge| {
        let target = &context.model.states[edge.to];
        let (method, payload) = (&target.carrier, context.payload(target));
        let visibility = context.visibility(target.ident.span());
        let given = state.missing_for(target);
        let names = given.iter().map(|field| &field.ident);
        let kinds = given.iter().map(|field| &field.kind);
        let body = filled(target.shape, &target.fields, |field| value_of(state, field, target.ident.span()));
        let doc = format!(" Goes on to `{}`, with every field that it shares with this state.", target.ident);
        let notes = target.notes.all();
        let gap = (!target.notes.doc.is_empty()).then(|| quote!(#[doc = ""]));
        quote_spanned! {target.ident.span()=>
            #[doc = #doc]
            #gap
            #(#notes)*
            #visibility fn #method(self, #(#names: #kinds),*) -> #payload {
                #payload #body
            }
        }
    })
}

fn value_of(state: &StateModel, wanted: &FieldModel, span: Span) -> TokenStream {
    match state.fields.iter().find(|field| field.is_same(wanted)) {
        Some(field) => {
            let member = member(state, field);
            // What `self` is in a method, it is for the tokens that come from where the method's come from.
            quote_spanned!(span=> self.#member)
        }
        None => {
            let ident = &wanted.ident;
            quote!(#ident)
        }
    }
}
