//! The handler trait: for each state a method that decides on an input, and one that gives the prompt.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Context;
use crate::flow::model::StateModel;

/// The trait, inside the module.
pub(super) fn handler_trait(context: &Context<'_>) -> TokenStream {
    let (visibility, name, enum_name) = (context.inner_visibility(), context.handler_name(), &context.model.ident);
    let root = context.inner_root;
    let methods = context.model.states.iter().enumerate().map(|(index, state)| {
        let (decide, ask) = (decide(context, index, state), ask(context, state));
        quote!(#decide #ask)
    });
    let doc = format!("What [`{enum_name}`] does with what comes in: a method for each state that needs one.");
    let help = help_text(context);
    quote! {
        #[doc = #doc]
        #visibility trait #name: ::core::marker::Send + ::core::marker::Sync {
            #(#methods)*

            /// Sees the input that opens a session, before the start state is entered. It is no answer yet.
            fn on_open(
                &self,
                opening: &mut #root::Opening<'_, #enum_name>,
            ) -> impl ::core::future::Future<Output = #root::Result<()>> + ::core::marker::Send {
                let _ = opening;
                async { ::core::result::Result::Ok(()) }
            }

            /// Explains what can be done in this state; its question is asked again after it.
            fn on_help(
                &self,
                state: &#enum_name,
            ) -> impl ::core::future::Future<Output = #root::Result<#root::Reply>> + ::core::marker::Send {
                let _ = state;
                async { ::core::result::Result::Ok(#root::Reply::new(#help)) }
            }
        }
    }
}

fn help_text(context: &Context<'_>) -> String {
    let words: Vec<_> = context.graph.shortcuts.iter().map(|shortcut| format!("\"{}\"", shortcut.word)).collect();
    format!("At any time you can say {}.", words.join(", "))
}

/// The method that decides on an input. An end takes none.
fn decide(context: &Context<'_>, index: usize, state: &StateModel) -> TokenStream {
    if state.end.is_some() {
        return quote!();
    }
    let (root, method, ident) = (context.inner_root, &state.method, &state.ident);
    let doc = format!("Decides on an input in [`{ident}`].\n\n{}", state.doc).trim().to_owned();
    let body = match &context.graph.answers[index] {
        Some(inferred) => {
            let target = &context.model.states[inferred.target];
            let (carrier, kind) = (&target.carrier, &target.fields[inferred.field].kind);
            // No other answer than a declared choice is taken. The choices of a type are an offer, and the type may
            // understand more.
            let answer = if state.choices.is_empty() {
                quote!(turn.answer::<#kind>()?)
            } else {
                quote!(<#kind as #root::answers::Answer>::parse(turn.choice()?)?)
            };
            quote! {
                {
                    async move {
                        let answer = #answer;
                        turn.to(state.#carrier(answer))
                    }
                }
            }
        }
        None if context.has_mistakes => quote! {
            {
                async move {
                    let _ = state;
                    turn.stay(#root::Reply::silence())
                }
            }
        },
        None => quote!(;),
    };
    quote! {
        #[doc = #doc]
        fn #method(
            &self,
            state: #ident,
            turn: #root::Turn<'_, #ident>,
        ) -> impl ::core::future::Future<Output = #root::Step<#ident>> + ::core::marker::Send #body
    }
}

/// The method that gives the prompt. The user has to write it for a state whose declaration has none.
fn ask(context: &Context<'_>, state: &StateModel) -> TokenStream {
    let (root, ident, enum_name) = (context.inner_root, &state.ident, &context.model.ident);
    let method = ask_method(state);
    let doc = format!("What is said on entering [`{ident}`], and again after an answer that was not understood.");
    let is_declared = state.prompt().is_some() || state.silent.is_some() || state.end.is_some();
    let body = if is_declared || context.has_mistakes {
        quote! {
            {
                let state = <#enum_name as ::core::convert::From<#ident>>::from(::core::clone::Clone::clone(state));
                let prompt = #root::Flow::prompt(&state).unwrap_or_default();
                async move { ::core::result::Result::Ok(prompt) }
            }
        }
    } else {
        quote!(;)
    };
    quote! {
        #[doc = #doc]
        fn #method(
            &self,
            state: &#ident,
        ) -> impl ::core::future::Future<Output = #root::Result<#root::Reply>> + ::core::marker::Send #body
    }
}

pub(super) fn ask_method(state: &StateModel) -> proc_macro2::Ident {
    format_ident!("ask_{}", state.method, span = state.ident.span())
}
