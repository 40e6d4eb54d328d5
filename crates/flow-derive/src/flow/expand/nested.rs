//! The part of `Drive` that flows in flows have: what its states run, where that begins, and what its end and a correction come to.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{
    Context, braced,
    driving::Variables,
    handler::{begin_method, corrected_method, done_method},
};
use crate::flow::model::text;

/// The flows that its states run, each once.
pub(super) fn runs<'c>(context: &'c Context<'_>) -> Vec<&'c syn::Type> {
    let mut runs: Vec<&syn::Type> = Vec::new();
    for flow in context.model.states.iter().filter_map(|state| state.run.as_ref()) {
        if !runs.iter().any(|other| text(other) == text(flow)) {
            runs.push(flow);
        }
    }
    runs
}

/// The flows that its states run, as the handler drives them; nothing where none does.
pub(super) fn runners(context: &Context<'_>, host: &proc_macro2::Ident) -> Option<TokenStream> {
    let states = context.model.states.iter().enumerate();
    let rows = states.filter_map(|(index, state)| {
        let (flow, index) = (state.run.as_ref()?, Literal::usize_unsuffixed(index));
        Some(quote_spanned!(flow.span()=> (#index, <#flow as __flow::Drive<#host>>::runner())))
    });
    let rows: Vec<_> = rows.collect();
    (!rows.is_empty()).then(|| {
        quote! {
            fn runners() -> __flow::Vec<(usize, __flow::Runner<#host>)> {
                __flow::Vec::from([#(#rows),*])
            }
        }
    })
}

/// An arm for each state whose handler says where the flow begins that it runs; nothing where there is none.
pub(super) fn first_state(
    context: &Context<'_>,
    host: &proc_macro2::Ident,
    variables: &Variables,
) -> Option<TokenStream> {
    let (enum_name, handling) = (&context.model.ident, context.handler_name());
    let Variables { handler, state: whole, call, .. } = variables;
    let states = context.model.states.iter().filter(|state| state.run.is_some() && state.begin.is_some());
    let arms = states.map(|state| {
        let (ident, method, payload) = (&state.ident, begin_method(state), context.payload(state));
        let shape = braced(state.shape, &state.fields);
        quote_spanned! {ident.span()=>
            #enum_name::#ident #shape => {
                let #whole = #payload #shape;
                __flow::begun(async move { #handling::#method(#handler, &#whole, #call.of()).await })
            }
        }
    });
    let arms: Vec<_> = arms.collect();
    let rest = (arms.len() < context.model.states.len()).then(|| quote!(_ => __flow::None,));
    (!arms.is_empty()).then(|| {
        quote! {
            fn first_state<'t>(
                #handler: &'t #host,
                #whole: Self,
                #call: __flow::Asked<'t, Self>,
            ) -> __flow::Option<__flow::Beginning<'t>> {
                match #whole { #(#arms)* #rest }
            }
        }
    })
}

/// An arm for each state that runs a flow; nothing where none does.
pub(super) fn hear_end(context: &Context<'_>, host: &proc_macro2::Ident, variables: &Variables) -> Option<TokenStream> {
    let (enum_name, handling) = (&context.model.ident, context.handler_name());
    let Variables { handler, state: whole, call, turn, answer, event, .. } = variables;
    let arms = context.model.states.iter().filter_map(|state| {
        let flow = state.run.as_ref()?;
        let (ident, method, payload) = (&state.ident, done_method(state), context.payload(state));
        let shape = braced(state.shape, &state.fields);
        Some(quote_spanned! {flow.span()=>
            #enum_name::#ident #shape => __flow::done::<#flow, _, _>(#event, #call, |#answer, #turn| {
                #handling::#method(#handler, #payload #shape, #answer, #turn)
            }),
        })
    });
    let arms: Vec<_> = arms.collect();
    let rest = (arms.len() < context.model.states.len()).then(|| quote!(_ => __flow::None,));
    (!arms.is_empty()).then(|| {
        quote! {
            fn hear_end<'t>(
                #handler: &'t #host,
                #whole: Self,
                #event: __flow::Ended,
                #call: __flow::Call<'t, Self>,
            ) -> __flow::Option<__flow::Deciding<'t, Self>> {
                match #whole { #(#arms)* #rest }
            }
        }
    })
}

/// An arm for each state and each of its corrections; nothing where none has any.
pub(super) fn hear_correction(
    context: &Context<'_>,
    host: &proc_macro2::Ident,
    variables: &Variables,
) -> Option<TokenStream> {
    let (enum_name, handling) = (&context.model.ident, context.handler_name());
    let Variables { handler, state: whole, call, turn, event, .. } = variables;
    let all = context.model.states.iter().zip(&context.graph.corrections);
    let arms =
        all.flat_map(|(state, corrections)| corrections.iter().map(move |word| (state, word))).map(|(state, word)| {
            let (ident, method, payload) = (&state.ident, corrected_method(state), context.payload(state));
            let (shape, field, variant) = (braced(state.shape, &state.fields), word.name(), &word.variant);
            let kind = context.inside(&state.correction_enum);
            quote! {
                (#enum_name::#ident #shape, #field) => {
                    __flow::said(#call, |#turn| #handling::#method(#handler, #payload #shape, #kind::#variant, #turn))
                }
            }
        });
    let arms: Vec<_> = arms.collect();
    (!arms.is_empty()).then(|| {
        quote! {
            fn hear_correction<'t>(
                #handler: &'t #host,
                #whole: Self,
                #event: &str,
                #call: __flow::Call<'t, Self>,
            ) -> __flow::Option<__flow::Deciding<'t, Self>> {
                __flow::Some(match (#whole, #event) {
                    #(#arms)*
                    _ => return __flow::None,
                })
            }
        }
    })
}
