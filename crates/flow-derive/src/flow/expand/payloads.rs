//! A struct for each state, with methods that make the next states out of it, and `Follows` for each transition.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, braced, filled, member};
use crate::flow::{
    check::By,
    model::{FieldModel, Shape, StateModel},
};

/// The structs, inside the module.
pub(super) fn structs(context: &Context<'_>) -> TokenStream {
    let visibility = context.inner_visibility();
    let enum_name = &context.model.ident;
    let each = context.model.states.iter().enumerate().map(|(index, state)| {
        let (ident, doc) = (&state.ident, doc(state));
        let body = definition(state, &visibility);
        let shape = braced(state.shape, &state.fields);
        let carriers = carriers(context, index, &visibility);
        quote! {
            #[doc = #doc]
            #[derive(Clone, Debug)]
            #visibility struct #ident #body

            #carriers

            impl ::core::convert::From<#ident> for #enum_name {
                fn from(state: #ident) -> Self {
                    let #ident #shape = state;
                    #enum_name::#ident #shape
                }
            }
        }
    });
    quote!(#(#each)*)
}

fn doc(state: &StateModel) -> String {
    let wire = &state.name;
    if state.doc.is_empty() { format!("The state `{wire}`.") } else { format!("{}\n\nThe state `{wire}`.", state.doc) }
}

fn definition(state: &StateModel, visibility: &TokenStream) -> TokenStream {
    let (names, kinds) = (state.fields.iter().map(|field| &field.ident), state.fields.iter().map(|field| &field.kind));
    match state.shape {
        Shape::Unit => quote!(;),
        Shape::Tuple => quote!((#(#visibility #kinds),*);),
        Shape::Named => quote!({ #(#visibility #names: #kinds),* }),
    }
}

/// A method for each state that may follow: it carries over the fields that both have, and takes the others.
fn carriers(context: &Context<'_>, from: usize, visibility: &TokenStream) -> TokenStream {
    let (model, state) = (context.model, &context.model.states[from]);
    let targets = context.graph.edges.iter().filter(|edge| edge.from == from && edge.by == By::Handler);
    let methods = targets.map(|edge| {
        let target = &model.states[edge.to];
        let (method, ident) = (&target.carrier, &target.ident);
        let given = state.missing_for(target);
        let names = given.iter().map(|field| &field.ident);
        let kinds = given.iter().map(|field| &field.kind);
        let body = filled(target.shape, &target.fields, |field| value_of(state, field));
        let doc = format!("Goes on to [`{ident}`], with every field that it shares with this state.");
        quote! {
            #[doc = #doc]
            #visibility fn #method(self, #(#names: #kinds),*) -> #ident {
                #ident #body
            }
        }
    });
    let ident = &state.ident;
    quote!(impl #ident { #(#methods)* })
}

fn value_of(state: &StateModel, wanted: &FieldModel) -> TokenStream {
    match state.fields.iter().find(|field| field.is_same(wanted)) {
        Some(field) => {
            let member = member(state, field);
            quote!(self.#member)
        }
        None => {
            let ident = &wanted.ident;
            quote!(#ident)
        }
    }
}

/// `State` for each struct.
pub(super) fn states(context: &Context<'_>) -> TokenStream {
    let (root, seam, enum_name) = (context.root, context.root.seam(), &context.model.ident);
    let each = context.model.states.iter().enumerate().map(|(index, state)| {
        let payload = context.payload(state);
        quote! {
            impl #root::State for #payload {
                type Flow = #enum_name;
                const SEAL: #seam::Derived = #seam::Derived;
                const INDEX: usize = #index;
            }
        }
    });
    quote!(#(#each)*)
}

/// `Follows` for each declared edge; with mistakes in the declaration, for every pair.
pub(super) fn follows(context: &Context<'_>) -> TokenStream {
    let (root, seam, states) = (context.root, context.root.seam(), &context.model.states);
    let declared = context.graph.edges.iter().filter(|edge| edge.by == By::Handler).map(|edge| (edge.from, edge.to));
    // The mistake may stand where the transition is declared, and a transition that is refused is a second error.
    let pairs: Vec<(usize, usize)> = if context.has_mistakes {
        (0..states.len()).flat_map(|from| (0..states.len()).map(move |to| (from, to))).collect()
    } else {
        declared.collect()
    };
    let each = pairs.into_iter().map(|(from, to)| {
        let (from, to) = (context.payload(&states[from]), context.payload(&states[to]));
        quote! {
            impl #root::Follows<#from> for #to {
                const DECLARED: #seam::Derived = #seam::Derived;
            }
        }
    });
    quote!(#(#each)*)
}
