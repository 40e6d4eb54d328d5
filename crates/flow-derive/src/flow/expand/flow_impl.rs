//! `Flow` itself: the index of each state, its prompt, and what can be made out of it without a handler.

use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Type, spanned::Spanned};

use super::{Context, braced, graph, located, needs};
use crate::{
    flow::{
        model::{Shape, StateModel, text},
        prompt::{Part, parts},
    },
    names::hygienic,
};

/// The impl, beside the enum.
pub(super) fn flow(context: &Context<'_>) -> TokenStream {
    let enum_name = &context.model.ident;
    let (shared, graph) = (context.shared(), graph::graph(context));
    let indices = context.model.states.iter().enumerate().map(|(index, state)| {
        let (ident, index) = (&state.ident, Literal::usize_unsuffixed(index));
        quote!(#enum_name::#ident { .. } => #index,)
    });
    let start = start(context);
    let projections = projections(context);
    let states = context.model.states.iter().enumerate();
    let prompts: Vec<_> = states.filter_map(|(index, state)| prompt(context, index, state)).collect();
    let unsaid = (prompts.len() < context.model.states.len()).then(|| quote!(_ => __flow::None,));
    let wire = |role: &str, is_declared: bool| {
        let none = format_ident!("No{role}s");
        if is_declared { context.inside(&context.wire_enum(role)) } else { quote!(__flow::#none) }
    };
    let signal = wire("Signal", !context.graph.signals.is_empty());
    let effect = wire("Effect", !context.graph.effects.is_empty());
    let target = hygienic("target");
    let told_at = one_thread(context).map_or(enum_name.span(), Spanned::span);
    // That a flow which borrows cannot be stored would be a second mistake.
    let is_kept = !context.model.is_borrowed;
    let keeping = if is_kept { quote_spanned!(enum_name.span()=> __flow::keeping()) } else { never() };
    let (threaded, arguments) = (located(enum_name, told_at), context.arguments());
    quote_spanned! {enum_name.span()=>
        impl __flow::Flow for #threaded #arguments {
            type Shared = #shared;
            type Signal = #signal;
            type Effect = #effect;
            type End = __flow::NoEnds;
            const KEEPING: __flow::Keeping<Self> = #keeping;
            const GRAPH: &'static __flow::Graph = #graph;

            fn index(&self) -> usize {
                match self { #(#indices)* }
            }

            fn start() -> Self {
                #start
            }

            fn project(self, #target: usize) -> __flow::Option<Self> {
                match (self, #target) {
                    #projections
                    _ => __flow::None,
                }
            }

            fn prompt(&self) -> __flow::Option<__flow::Reply> {
                match self {
                    #(#prompts)*
                    #unsaid
                }
            }
        }
    }
}

/// The type of a field that is called as those that one thread alone may use. That the flow cannot be sent is told there, if
/// it is so; otherwise nothing is.
fn one_thread<'m>(context: &'m Context<'_>) -> Option<&'m Type> {
    const NAMES: [&str; 6] = ["Rc", "Cell", "RefCell", "OnceCell", "UnsafeCell", "MutexGuard"];
    let is_named = |kind: &Type| {
        let text = text(kind);
        let mut words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.any(|word| NAMES.contains(&word)) || text.starts_with('*')
    };
    let mut fields = context.model.states.iter().flat_map(|state| &state.fields).map(|field| &field.kind);
    fields.find(|kind| is_named(kind))
}

fn start(context: &Context<'_>) -> TokenStream {
    let enum_name = &context.model.ident;
    let start = context.model.states.iter().find(|state| state.start.is_some() && state.fields.is_empty());
    match start {
        Some(state) => {
            let ident = &state.ident;
            quote!(#enum_name::#ident {})
        }
        // A flow without a start has that mistake already.
        None => never(),
    }
}

/// Something of any type, for a flow that has a mistake and does not run.
fn never() -> TokenStream {
    quote!(::core::unreachable!())
}

/// An arm for each two states with an edge between them, in both directions; one for all that lead to a state without
/// fields. Without a handler, the engine goes along an edge for a timer, a limit of tries or a word, and against it for
/// "back".
fn projections(context: &Context<'_>) -> TokenStream {
    let (model, graph) = (context.model, context.graph);
    let there = graph.edges.iter().map(|edge| (edge.from, edge.to));
    let back = graph.edges.iter().map(|edge| (edge.to, edge.from));
    let pairs: BTreeSet<(usize, usize)> = there.chain(back).collect();
    let blank: BTreeSet<usize> =
        pairs.iter().map(|pair| pair.1).filter(|to| model.states[*to].fields.is_empty()).collect();
    let enum_name = &model.ident;
    let to_blank = blank.iter().map(|&to| {
        let (ident, place) = (&model.states[to].ident, Literal::usize_unsuffixed(to));
        quote!((_, #place) => __flow::Some(#enum_name::#ident {}),)
    });
    let arms = pairs.iter().filter(|(_, to)| !blank.contains(to)).map(|&(from, to)| {
        let (state, target) = (&model.states[from], &model.states[to]);
        if !state.missing_for(target).is_empty() {
            return quote!();
        }
        let (from, to, place) = (&state.ident, &target.ident, Literal::usize_unsuffixed(to));
        let needed: Vec<_> =
            state.fields.iter().filter(|field| target.fields.iter().any(|wanted| wanted.is_same(field))).collect();
        let pattern = match state.shape {
            Shape::Tuple => braced(state.shape, &state.fields),
            Shape::Named | Shape::Unit => {
                let names = needed.iter().map(|field| &field.ident);
                quote!({ #(#names,)* .. })
            }
        };
        let body = braced(target.shape, &target.fields);
        quote!((#enum_name::#from #pattern, #place) => __flow::Some(#enum_name::#to #body),)
    });
    quote!(#(#arms)* #(#to_blank)*)
}

fn prompt(context: &Context<'_>, index: usize, state: &StateModel) -> Option<TokenStream> {
    let (enum_name, ident, prompt) = (&context.model.ident, &state.ident, state.prompt()?);
    // A prompt that cannot be read has its mistake already.
    let parts = parts(prompt).unwrap_or_default();
    let spoken: Vec<_> = needs::spoken(state).collect();
    // The names stand where the prompt stands, so that an editor finds the fields from there.
    let all = state.shape == Shape::Tuple && !spoken.is_empty();
    let told = state.fields.iter().filter(|field| all || spoken.iter().any(|other| other.name == field.name));
    let names = told.map(|field| located(&field.ident, prompt.span()));
    let pattern = match state.shape {
        Shape::Tuple if !spoken.is_empty() => quote!((#(#names),*)),
        Shape::Unit | Shape::Named | Shape::Tuple => quote!({ #(#names,)* .. }),
    };
    let pieces = parts.iter().filter_map(|part| match part {
        Part::Text(said) => Some(quote!(#said)),
        Part::Field(name) => {
            let field = state.fields.iter().find(|field| field.name == *name)?;
            let (speaking, name) = (needs::speaking(context, field), located(&field.ident, field.kind.span()));
            Some(quote!(&#speaking(#name)))
        }
    });
    let text = match &parts[..] {
        [] => quote!(""),
        [Part::Text(said)] => quote!(#said),
        [first, ..] => {
            // The first piece settles that all of them are texts.
            let empty = matches!(first, Part::Field(_)).then(|| quote!("",));
            quote!([#empty #(#pieces),*].concat())
        }
    };
    let said = match needs::reading(context, index) {
        Some(reading) => quote!(__flow::asking(#text, &#reading)),
        None => quote!(__flow::saying(#text)),
    };
    Some(quote!(#enum_name::#ident #pattern => #said,))
}
