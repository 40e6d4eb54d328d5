//! The handler trait: a method for each thing that can come in, and one for each question that the declaration leaves open.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Type};

use super::{Context, at};
use crate::{
    flow::{
        check::{Kind, incoming::Carried},
        model::StateModel,
    },
    names::{hygienic, plain, snake},
};

/// The trait, beside the enum.
pub(super) fn handler_trait(context: &Context<'_>) -> TokenStream {
    let (name, enum_name) = (context.handler_name(), &context.model.ident);
    let visibility = context.visibility(at(enum_name.span()));
    let root = context.root;
    let of_states = context.model.states.iter().enumerate().map(|(index, state)| {
        let (decide, ask) = (decide(context, index, state), ask(context, index, state));
        let (signals, reminders) = (on_signals(context, state), on_reminders(context, index, state));
        quote!(#ask #decide #signals #reminders)
    });
    let deliveries = context.graph.effects.iter().map(|effect| deliver(context, effect));
    let doc = format!("What [`{enum_name}`] does with what comes in: a method for each state that needs one.");
    let help = help_text(context);
    let (opening, state) = (hygienic("opening"), hygienic("state"));
    quote! {
        #[doc = #doc]
        #[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
        #visibility trait #name: ::core::marker::Send + ::core::marker::Sync {
            #(#of_states)*
            #(#deliveries)*

            /// Sees the input that opens a session, before the start state is entered. It is no answer yet.
            fn on_open(
                &self,
                #opening: &mut #root::Opening<'_, #enum_name>,
            ) -> impl ::core::future::Future<Output = #root::Result<()>> + ::core::marker::Send {
                let _ = #opening;
                ::core::future::ready(::core::result::Result::Ok(()))
            }

            /// Explains what can be done in this state; its question is asked again after it.
            fn on_help(
                &self,
                #state: &#enum_name,
            ) -> impl ::core::future::Future<Output = #root::Result<#root::Reply>> + ::core::marker::Send {
                let _ = #state;
                ::core::future::ready(::core::result::Result::Ok(#root::Reply::new(#help)))
            }
        }
    }
}

fn help_text(context: &Context<'_>) -> String {
    let words: Vec<_> = context.graph.shortcuts.iter().map(|shortcut| format!("\"{}\"", shortcut.word)).collect();
    format!("At any time you can say {}.", words.join(", "))
}

/// The method that decides on what the visitor said. An end takes nothing.
fn decide(context: &Context<'_>, index: usize, state: &StateModel) -> TokenStream {
    if state.end.is_some() {
        return quote!();
    }
    let answering = &context.graph.answers[index];
    let given = given(context, index, state);
    let doc = match &answering.kind {
        Kind::Words => format!(" Decides on what is said in `{}`.", state.ident),
        Kind::Choice | Kind::ChoiceOf(_) => format!(" Decides on the choice in `{}`.", state.ident),
        Kind::Answer(_) => format!(" Decides on the answer in `{}`.", state.ident),
        Kind::Offer(_) => format!(" Decides on what was picked in `{}`.", state.ident),
    };
    let inferred = answering.inferred.as_ref().map(|inferred| {
        let (carrier, turn, state) =
            (&context.model.states[inferred.target].carrier, hygienic("turn"), hygienic("state"));
        let answer = answer_name(context, index);
        let seam = context.root.seam();
        quote!(#seam::at_once(move || #turn.to(#state.#carrier(#answer))))
    });
    method(context, state, &state.method, &doc, given.as_slice(), inferred)
}

/// What the method is given between the state and the turn.
fn given(context: &Context<'_>, index: usize, state: &StateModel) -> Vec<(Ident, TokenStream)> {
    let answer = answer_name(context, index);
    match &context.graph.answers[index].kind {
        Kind::Words => Vec::new(),
        Kind::Choice => vec![(answer, context.inside(&state.choice_enum))],
        Kind::Answer(kind) | Kind::ChoiceOf(kind) | Kind::Offer(kind) => vec![(answer, quote!(#kind))],
    }
}

/// What the method's argument is called: as the field that it fills, or in general.
fn answer_name(context: &Context<'_>, index: usize) -> Ident {
    let answering = &context.graph.answers[index];
    if let Some(inferred) = &answering.inferred {
        return context.model.states[inferred.target].fields[inferred.field].ident.clone();
    }
    hygienic(match answering.kind {
        Kind::Words | Kind::Answer(_) => "answer",
        Kind::Choice | Kind::ChoiceOf(_) => "choice",
        Kind::Offer(_) => "offer",
    })
}

fn on_signals(context: &Context<'_>, state: &StateModel) -> TokenStream {
    let each = state.signals.iter().map(|signal| {
        let doc = format!(" Decides on the signal `{}` in `{}`.", signal.ident, state.ident);
        let given: Vec<_> = signal.kind.iter().map(|kind| payload(&signal.ident, kind)).collect();
        method(context, state, &event_method(state, &signal.method), &doc, &given, None)
    });
    quote!(#(#each)*)
}

fn on_reminders(context: &Context<'_>, index: usize, state: &StateModel) -> TokenStream {
    let each = context.graph.reminders[index].iter().map(|reminder| {
        let doc = format!(" Decides on what follows when `{}` rings in `{}`.", reminder.ident, state.ident);
        method(context, state, &event_method(state, &reminder.method), &doc, &[], None)
    });
    quote!(#(#each)*)
}

/// An argument that carries what a signal or an effect carries.
fn payload(ident: &Ident, kind: &Type) -> (Ident, TokenStream) {
    let name = snake(&plain(ident));
    (crate::names::ident(&name, ident.span()).unwrap_or_else(|| hygienic("payload")), quote!(#kind))
}

/// A method that decides in this state.
fn method(
    context: &Context<'_>,
    state: &StateModel,
    name: &Ident,
    doc: &str,
    given: &[(Ident, TokenStream)],
    body: Option<TokenStream>,
) -> TokenStream {
    let (root, payload, deprecated) = (context.root, context.payload(state), &state.notes.deprecated);
    let (own_doc, gap) = (&state.notes.doc, (!state.notes.doc.is_empty()).then(|| quote!(#[doc = ""])));
    let (state, turn) = (hygienic("state"), hygienic("turn"));
    let (names, kinds): (Vec<_>, Vec<_>) = given.iter().cloned().unzip();
    let body = match body {
        Some(body) => quote!({ #body }),
        None if context.has_mistakes => quote! {
            {
                let _ = #state;
                #(let _ = #names;)*
                ::core::future::ready(#turn.stay(#root::Reply::silence()))
            }
        },
        None => quote!(;),
    };
    quote_spanned! {at(name.span())=>
        #[doc = #doc]
        #gap
        #(#own_doc)*
        #(#deprecated)*
        fn #name(
            &self,
            #state: #payload,
            #(#names: #kinds,)*
            #turn: #root::Turn<'_, #payload>,
        ) -> impl ::core::future::Future<Output = #root::Step<#payload>> + ::core::marker::Send #body
    }
}

/// The method that gives the question, where the declaration leaves it open.
fn ask(context: &Context<'_>, index: usize, state: &StateModel) -> TokenStream {
    if !state.is_asked_by_handler() {
        return quote!();
    }
    let (root, payload, method) = (context.root, context.payload(state), ask_method(state));
    let doc =
        format!(" What is said on entering `{}`, and again after an answer that was not understood.", state.ident);
    let said = match &context.graph.answers[index].kind {
        Kind::Offer(kind) => quote!(#root::Offer<#kind>),
        _ => quote!(#root::Reply),
    };
    let empty = match &context.graph.answers[index].kind {
        Kind::Offer(_) => quote!(#root::Offer::new("")),
        _ => quote!(#root::Reply::silence()),
    };
    let (state, ask) = (hygienic("state"), hygienic("ask"));
    let body = if context.has_mistakes {
        quote!({ let _ = (#state, #ask); ::core::future::ready(::core::result::Result::Ok(#empty)) })
    } else {
        quote!(;)
    };
    quote_spanned! {at(method.span())=>
        #[doc = #doc]
        fn #method(
            &self,
            #state: &#payload,
            #ask: #root::Ask<'_, #payload>,
        ) -> impl ::core::future::Future<Output = #root::Result<#said>> + ::core::marker::Send #body
    }
}

/// The method that does what an effect wants done.
fn deliver(context: &Context<'_>, effect: &Carried) -> TokenStream {
    let (root, method) = (context.root, deliver_method(&effect.method));
    let doc = format!(
        " Does what `{}` wants done. Once the turn is stored, at least once, each time with the same key.",
        effect.ident
    );
    let (names, kinds): (Vec<_>, Vec<_>) = effect.kind.iter().map(|kind| payload(&effect.ident, kind)).unzip();
    let key = hygienic("key");
    let body = if context.has_mistakes {
        quote!({ let _ = #key; #(let _ = #names;)* ::core::future::ready(::core::result::Result::Ok(())) })
    } else {
        quote!(;)
    };
    quote_spanned! {at(effect.ident.span())=>
        #[doc = #doc]
        fn #method(
            &self,
            #(#names: #kinds,)*
            #key: #root::Key,
        ) -> impl ::core::future::Future<Output = #root::Result<()>> + ::core::marker::Send #body
    }
}

pub(super) fn ask_method(state: &StateModel) -> Ident {
    format_ident!("ask_{}", state.method, span = state.ident.span())
}

pub(super) fn event_method(state: &StateModel, event: &Ident) -> Ident {
    format_ident!("{}_on_{}", plain(&state.method), snake(&plain(event)), span = event.span())
}

pub(super) fn deliver_method(effect: &Ident) -> Ident {
    format_ident!("deliver_{}", snake(&plain(effect)), span = effect.span())
}
