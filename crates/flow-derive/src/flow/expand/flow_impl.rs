//! `Flow` itself: the index of each state, its prompt, and what can be made out of it without a handler.

use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Type, spanned::Spanned};

use super::{Context, braced, graph, located, needs};
use crate::{
    flow::{
        check::corrections::Correction,
        model::{Shape, StateModel, text, written},
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
    let ends = context.model.states.iter().any(|state| state.end.is_some()) && !context.has_mistakes;
    let end = if ends { context.inside(&context.model.end_enum) } else { quote!(__flow::NoEnds) };
    let runs = runs(context);
    let (runs_itself, runnable) = runnable(context).unzip();
    let with_field_of = with_field_of(context);
    let target = hygienic("target");
    let told_at = one_thread(context).map_or(enum_name.span(), Spanned::span);
    // That a flow which borrows cannot be stored would be a second mistake.
    let is_kept = !context.model.is_borrowed;
    let keeping = if is_kept { quote_spanned!(enum_name.span()=> __flow::keeping()) } else { never() };
    let (threaded, arguments) = (located(enum_name, told_at), context.arguments());
    quote_spanned! {enum_name.span()=>
        #runnable

        impl __flow::Flow for #threaded #arguments {
            type Shared = #shared;
            type Signal = #signal;
            type Effect = #effect;
            type End = #end;
            #runs_itself
            const KEEPING: __flow::Keeping<Self> = #keeping;
            const GRAPH: &'static __flow::Graph = #graph;
            #runs

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

            #with_field_of

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

/// The flows that its states run; nothing where none does.
fn runs(context: &Context<'_>) -> Option<TokenStream> {
    let states = context.model.states.iter().enumerate();
    let rows: Vec<_> = states
        .filter_map(|(index, state)| {
            let (flow, index) = (state.run.as_ref()?, Literal::usize_unsuffixed(index));
            Some(quote_spanned!(flow.span()=> (#index, <#flow as __flow::Flow>::KIND)))
        })
        .collect();
    (!rows.is_empty()).then(|| quote!(const RUNS: &'static [(usize, &'static __flow::Kind)] = &[#(#rows),*];))
}

/// What is asserted of the flows that its states run, in the impl and beside it: that none of them runs this one, and that each
/// has an end. Nothing where none does.
///
/// The constant in the impl asks for those of the flows that are run. rustc tells a circle of them by the constant's name.
fn runnable(context: &Context<'_>) -> Option<(TokenStream, TokenStream)> {
    let enum_name = &context.model.ident;
    let runs = || context.model.states.iter().filter_map(|state| Some((state, state.run.as_ref()?)));
    let inner =
        runs().map(|(_, flow)| quote_spanned!(flow.span()=> <#flow as __flow::Flow>::A_FLOW_MUST_NOT_RUN_ITSELF));
    let constant = quote!(const A_FLOW_MUST_NOT_RUN_ITSELF: () = { #(let () = #inner;)* };);
    let ends = runs().map(|(state, flow)| {
        let (state, name) = (&state.ident, written(flow));
        let message = format!(
            "`{state}` of `{enum_name}` runs `{name}`, which comes to no end: write `#[state(end)]` on the state of `{name}` where it is over"
        );
        quote_spanned! {flow.span()=>
            const _: () = ::core::assert!(__flow::has_end(<#flow as __flow::Flow>::GRAPH), #message);
        }
    });
    let beside = quote! {
        const _: () = <#enum_name as __flow::Flow>::A_FLOW_MUST_NOT_RUN_ITSELF;
        #(#ends)*
    };
    runs().next().map(|_| (constant, beside))
}

/// A field out of another state, for each that can be corrected; nothing where none can.
fn with_field_of(context: &Context<'_>) -> Option<TokenStream> {
    let enum_name = &context.model.ident;
    let mut fields: Vec<String> = context.graph.corrections.iter().flatten().map(Correction::name).collect();
    fields.sort_unstable();
    fields.dedup();
    let (whole, other, name) = (hygienic("whole"), hygienic("other"), hygienic("field"));
    let (value, place) = (hygienic("value"), hygienic("place"));
    let arms = fields.iter().filter_map(|field| {
        let holds = |state: &&StateModel| state.fields.iter().any(|held| held.name == *field);
        let first =
            context.model.states.iter().find_map(|state| state.fields.iter().find(|held| held.name == *field))?;
        let holders = || {
            context
                .model
                .states
                .iter()
                .filter(holds)
                .filter(|state| state.fields.iter().any(|held| held.is_same(first)))
        };
        let pattern = |state: &StateModel, variable: &proc_macro2::Ident| {
            let ident = &state.ident;
            let held = &first.ident;
            match state.shape {
                Shape::Tuple => quote!(#enum_name::#ident(#variable)),
                Shape::Named | Shape::Unit => quote!(#enum_name::#ident { #held: #variable, .. }),
            }
        };
        let (taken, put) =
            (holders().map(|state| pattern(state, &value)), holders().map(|state| pattern(state, &place)));
        Some(quote! {
            #field => {
                let #value = match #other {
                    #(#taken)|* => #value,
                    _ => return __flow::None,
                };
                match &mut #whole {
                    #(#put)|* => *#place = #value,
                    _ => return __flow::None,
                }
            }
        })
    });
    let arms: Vec<_> = arms.collect();
    (!arms.is_empty()).then(|| {
        quote! {
            #[allow(unreachable_patterns)]
            fn with_field_of(self, #name: &str, #other: Self) -> __flow::Option<Self> {
                let mut #whole = self;
                match #name {
                    #(#arms)*
                    _ => return __flow::None,
                }
                __flow::Some(#whole)
            }
        }
    })
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
    let corrections = graph.corrections.iter().enumerate();
    let corrected = corrections.flat_map(|(from, all)| all.iter().map(move |correction| (from, correction.asked_in)));
    let pairs: BTreeSet<(usize, usize)> = there.chain(back).chain(corrected).collect();
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
