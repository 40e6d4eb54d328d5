//! `Flow` itself: the index of each state, its prompt, and what can be made out of it without a handler.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, braced, filled, graph};
use crate::flow::{
    model::StateModel,
    prompt::{Part, parts},
};

/// The impl, beside the enum.
pub(super) fn flow(context: &Context<'_>) -> TokenStream {
    let (root, seam, enum_name) = (context.root, context.root.seam(), &context.model.ident);
    let (shared, graph) = (context.shared(), graph::graph(context));
    let indices = context.model.states.iter().enumerate().map(|(index, state)| {
        let ident = &state.ident;
        quote!(#enum_name::#ident { .. } => #index,)
    });
    let start = start(context);
    let projections = projections(context);
    let prompts = context.model.states.iter().enumerate().map(|(index, state)| prompt(context, index, state));
    quote! {
        impl #root::Flow for #enum_name {
            type Shared = #shared;
            const SEAL: #seam::Derived = #seam::Derived;
            const GRAPH: &'static #root::Graph = #graph;

            fn index(&self) -> usize {
                match self { #(#indices)* }
            }

            fn start() -> Self {
                #start
            }

            fn project(&self, target: usize) -> ::core::option::Option<Self> {
                match (self, target) {
                    #projections
                    _ => ::core::option::Option::None,
                }
            }

            fn prompt(&self) -> ::core::option::Option<#root::Reply> {
                match self { #(#prompts)* }
            }
        }
    }
}

fn start(context: &Context<'_>) -> TokenStream {
    let enum_name = &context.model.ident;
    let start = context.model.states.iter().find(|state| state.start.is_some() && state.fields.is_empty());
    match start {
        Some(state) => {
            let ident = &state.ident;
            quote!(#enum_name::#ident {})
        }
        // A flow without a start has that mistake already, and does not run.
        None => quote!(::core::unreachable!()),
    }
}

/// An arm for each two states with an edge between them, in both directions. Without a handler, the engine goes along
/// an edge for a timer, a limit of tries or a word, and against it for "back".
fn projections(context: &Context<'_>) -> TokenStream {
    let (model, graph) = (context.model, context.graph);
    let there = graph.edges.iter().map(|edge| (edge.from, edge.to));
    let back = graph.edges.iter().map(|edge| (edge.to, edge.from));
    let pairs: BTreeSet<(usize, usize)> = there.chain(back).collect();
    let arms = pairs.into_iter().map(|(from, to)| {
        let (state, target) = (&model.states[from], &model.states[to]);
        if !state.missing_for(target).is_empty() {
            return quote!();
        }
        let (enum_name, from_ident, to_ident) = (&model.ident, &state.ident, &target.ident);
        let needed: Vec<_> =
            state.fields.iter().filter(|field| target.fields.iter().any(|wanted| wanted.is_same(field))).collect();
        let pattern = match state.shape {
            crate::flow::model::Shape::Tuple if !needed.is_empty() => quote!((value)),
            _ => {
                let names = needed.iter().map(|field| &field.ident);
                quote!({ #(#names,)* .. })
            }
        };
        let body = filled(target.shape, &target.fields, |field| {
            let ident = &field.ident;
            quote!(::core::clone::Clone::clone(#ident))
        });
        quote! {
            (#enum_name::#from_ident #pattern, #to) => ::core::option::Option::Some(#enum_name::#to_ident #body),
        }
    });
    quote!(#(#arms)*)
}

fn prompt(context: &Context<'_>, index: usize, state: &StateModel) -> TokenStream {
    let (root, enum_name, ident) = (context.root, &context.model.ident, &state.ident);
    let Some(prompt) = state.prompt() else {
        return quote!(#enum_name::#ident { .. } => ::core::option::Option::None,);
    };
    let shape = braced(state.shape, &state.fields);
    // A prompt that cannot be read has its mistake already.
    let parts = parts(prompt).unwrap_or_default();
    let pushes = parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(quote!(text.push_str(#text);)),
        Part::Field(name) => {
            let field = &state.fields.iter().find(|field| field.name == *name)?.ident;
            Some(quote!(text.push_str(&#root::Speak::speak(#field));))
        }
    });
    let choices = choices(context, index, state);
    quote! {
        #enum_name::#ident #shape => {
            let mut text = ::std::string::String::new();
            #(#pushes)*
            ::core::option::Option::Some(#root::Reply::new(text) #choices)
        }
    }
}

/// What is offered with the prompt: the declared choices, or those of the type that the answer is read as.
fn choices(context: &Context<'_>, index: usize, state: &StateModel) -> TokenStream {
    let (root, choices) = (context.root, &state.choices);
    match &context.graph.answers[index] {
        _ if !choices.is_empty() => quote!(.with_choices([#(#choices),*])),
        Some(inferred) => {
            let kind = &context.model.states[inferred.target].fields[inferred.field].kind;
            quote!(.with_choices(<#kind as #root::answers::Answer>::choices()))
        }
        None => quote!(),
    }
}
