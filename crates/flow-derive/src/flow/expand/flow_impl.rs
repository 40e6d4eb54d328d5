//! `Flow` itself: the index of each state, its prompt, and what can be made out of it without a handler.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Context, filled, graph};
use crate::{
    flow::{
        check::Kind,
        model::{Shape, StateModel},
        prompt::{Part, parts},
    },
    names::hygienic,
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
    let states = context.model.states.iter().enumerate();
    let prompts: Vec<_> = states.filter_map(|(index, state)| prompt(context, index, state)).collect();
    let unsaid = (prompts.len() < context.model.states.len()).then(|| quote!(_ => ::core::option::Option::None,));
    let wire = |role: &str, is_declared: bool| match is_declared {
        true => context.inside(&context.wire_enum(role)),
        false => quote!(#seam::Nothing),
    };
    let signal = wire("Signal", !context.graph.signals.is_empty());
    let effect = wire("Effect", !context.graph.effects.is_empty());
    let target = hygienic("target");
    quote_spanned! {enum_name.span()=>
        impl #root::Flow for #enum_name {
            type Shared = #shared;
            type Signal = #signal;
            type Effect = #effect;
            const SEAL: #seam::Derived = #seam::Derived;
            const GRAPH: &'static #root::Graph = #graph;

            fn index(&self) -> usize {
                match self { #(#indices)* }
            }

            fn start() -> Self {
                #start
            }

            fn project(&self, #target: usize) -> ::core::option::Option<Self> {
                match (self, #target) {
                    #projections
                    _ => ::core::option::Option::None,
                }
            }

            fn prompt(&self) -> ::core::option::Option<#root::Reply> {
                match self {
                    #(#prompts)*
                    #unsaid
                }
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
            Shape::Tuple if !needed.is_empty() => quote!((value)),
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

fn prompt(context: &Context<'_>, index: usize, state: &StateModel) -> Option<TokenStream> {
    let (root, enum_name, ident) = (context.root, &context.model.ident, &state.ident);
    let (prompt, text) = (state.prompt()?, hygienic("text"));
    // A prompt that cannot be read has its mistake already.
    let parts = parts(prompt).unwrap_or_default();
    let spoken: Vec<_> = state.fields.iter().filter(|field| parts.contains(&Part::Field(field.name.clone()))).collect();
    // The names stand where the prompt stands, so that an editor finds the fields from there.
    let names = spoken.iter().map(|field| located(&field.ident, prompt.span()));
    let pattern = match state.shape {
        Shape::Tuple if !spoken.is_empty() => quote!((#(#names),*)),
        Shape::Unit | Shape::Named | Shape::Tuple => quote!({ #(#names,)* .. }),
    };
    let pushes = parts.iter().filter_map(|part| match part {
        Part::Text(said) => Some(quote!(#text.push_str(#said);)),
        Part::Field(name) => {
            let field = state.fields.iter().find(|field| field.name == *name)?;
            // A type that cannot be said is told at the field that has it.
            let (span, name) = (field.kind.span(), located(&field.ident, field.kind.span()));
            let spoken = quote_spanned!(span=> #root::Speak::speak(#name));
            Some(quote!(#text.push_str(&#spoken);))
        }
    });
    let choices = choices(context, index, state);
    Some(quote! {
        #enum_name::#ident #pattern => {
            let mut #text = ::std::string::String::new();
            #(#pushes)*
            ::core::option::Option::Some(#root::Reply::new(#text) #choices)
        }
    })
}

/// The same name at another place.
fn located(ident: &Ident, span: Span) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(span);
    ident
}

/// What is offered with the prompt: the declared choices, or those of the type that the answer is read as.
fn choices(context: &Context<'_>, index: usize, state: &StateModel) -> TokenStream {
    let root = context.root;
    match &context.graph.answers[index].kind {
        Kind::Choice => {
            let kind = context.inside(&state.choice_enum());
            quote!(.with_choices(<#kind as #root::answers::Answer>::choices()))
        }
        Kind::Answer(kind) | Kind::ChoiceOf(kind) => {
            quote_spanned!(kind.span()=> .with_choices(<#kind as #root::answers::Answer>::choices()))
        }
        Kind::Words | Kind::Offer(_) => quote!(),
    }
}
