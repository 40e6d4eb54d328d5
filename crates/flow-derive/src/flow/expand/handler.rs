//! The handler trait: a method for each thing that can come in, and one for each question that the declaration leaves open.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Type, spanned::Spanned};

use super::{
    Context,
    method::{Given, Method},
};
use crate::{
    flow::{
        check::{Kind, incoming::Carried, why_not_inferred},
        model::{StateModel, written},
    },
    names::{self, hygienic, plain, snake},
};

/// The trait, beside the enum.
pub(super) fn handler_trait(context: &Context<'_>) -> TokenStream {
    let (name, enum_name) = (context.handler_name(), &context.model.ident);
    let visibility = context.visibility(enum_name.span());
    let methods = methods(context);
    let doc = format!("What [`{enum_name}`] does with what comes in: a method for each state that needs one.");
    let unhandled = unhandled(context, &methods);
    let methods = methods.iter().map(|method| method.tokens(context));
    let hooks = hooks(context);
    quote_spanned! {enum_name.span()=>
        #[doc = #doc]
        #unhandled
        #[allow(deprecated, unused_qualifications, clippy::all, clippy::pedantic)]
        #visibility trait #name: ::core::marker::Send + ::core::marker::Sync {
            #(#methods)*
            #hooks
        }
    }
}

/// What rustc says of a handler without this trait: the impl to write, with all methods that it must have.
fn unhandled(context: &Context<'_>, methods: &[Method]) -> TokenStream {
    let (name, flow) = (context.handler_name(), &context.model.ident);
    let required = methods.iter().filter(|method| method.is_required());
    let bodies: Vec<_> =
        required.map(|method| format!("\n    {} {{\n        todo!()\n    }}\n", method.signature())).collect();
    let message = format!("`{{Self}}` does not handle the flow `{flow}`");
    let label = format!("what handles `{flow}` belongs here");
    let braced = format!("{{{}}}", bodies.concat()).replace('{', "{{").replace('}', "}}");
    let note = format!("write `impl {name} for {{Self}} {braced}`");
    quote!(#[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)])
}

/// The methods in the order of the source: what each state says and takes, and then the effects.
fn methods(context: &Context<'_>) -> Vec<Method> {
    let of_states = context.model.states.iter().enumerate().flat_map(|(index, state)| {
        let first = [ask(context, index, state), decide(context, index, state)];
        let inner = [begin(context, state), done(context, state), corrected(context, index, state)];
        first
            .into_iter()
            .chain(inner)
            .flatten()
            .chain(on_signals(context, state))
            .chain(on_reminders(context, index, state))
    });
    of_states.chain(context.graph.effects.iter().map(|effect| deliver(context, effect))).collect()
}

/// The methods that no state needs.
fn hooks(context: &Context<'_>) -> TokenStream {
    let (root, enum_name, arguments) = (context.root, &context.model.ident, context.arguments());
    let (opening, state, arriving) = (hygienic("opening"), hygienic("state"), hygienic("arriving"));
    let words: Vec<_> = context.graph.shortcuts.iter().map(|shortcut| format!("\"{}\"", shortcut.word)).collect();
    let help = format!("At any time you can say {}.", words.join(", "));
    quote_spanned! {enum_name.span()=>
        /// Sees the input that opens a session, before the start state is entered. It is no answer yet.
        fn on_open(
            &self,
            #opening: &mut #root::Opening<'_, #enum_name #arguments>,
        ) -> impl ::core::future::Future<Output = #root::Result<()>> + ::core::marker::Send {
            let _ = #opening;
            ::core::future::ready(::core::result::Result::Ok(()))
        }

        /// Sees first what comes in once a session is open, before any method below, and any of the flows that this one runs.
        fn on_input(
            &self,
            #arriving: &mut #root::Arriving<'_, #enum_name #arguments>,
        ) -> impl ::core::future::Future<Output = #root::Result<()>> + ::core::marker::Send {
            let _ = #arriving;
            ::core::future::ready(::core::result::Result::Ok(()))
        }

        /// Explains what can be done in this state; its question is asked again after it.
        fn on_help(
            &self,
            #state: &#enum_name #arguments,
        ) -> impl ::core::future::Future<Output = #root::Result<#root::Reply>> + ::core::marker::Send {
            let _ = #state;
            ::core::future::ready(::core::result::Result::Ok(#root::Reply::new(#help)))
        }
    }
}

/// The method that decides on what the visitor said. An end takes nothing.
fn decide(context: &Context<'_>, index: usize, state: &StateModel) -> Option<Method> {
    if !state.takes_words() {
        return None;
    }
    let answering = &context.graph.answers[index];
    let what = match &answering.kind {
        Kind::Words => "what is said",
        Kind::Choice | Kind::ChoiceOf(_) => "the choice",
        Kind::Answer(_) => "the answer",
        Kind::Offer(_) => "what was picked",
    };
    let could_be_inferred = state.ask.is_some() && state.handled.is_none() && answering.inferred.is_none();
    let why = could_be_inferred.then(|| why_not_inferred(context.model, context.graph, index));
    let why = why.map_or_else(String::new, |why| format!(" Where that goes cannot be inferred: {why}."));
    let doc = format!(" Decides on {what} in `{}`.{why}", state.ident);
    let inferred = answering.inferred.as_ref().map(|inferred| {
        let carrier = &context.model.states[inferred.target].carrier;
        let (turn, state, seam) = (hygienic("turn"), hygienic("state"), context.root.seam());
        let answer = answer_name(context, index);
        quote!(#seam::at_once(move || #turn.to(#state.#carrier(#answer))))
    });
    Some(Method::of_state(context, state, &state.method, doc, given(context, index, state), inferred))
}

/// What the method is given between the state and the turn.
fn given(context: &Context<'_>, index: usize, state: &StateModel) -> Option<Given> {
    let name = answer_name(context, index);
    match &context.graph.answers[index].kind {
        Kind::Words => None,
        Kind::Choice => Some(Given::inside(context, name, &state.choice_enum)),
        Kind::Answer(kind) | Kind::ChoiceOf(kind) | Kind::Offer(kind) => Some(Given::of(name, kind)),
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

/// The method that says in which state the flow begins that the state runs, where the declaration asks for it.
fn begin(context: &Context<'_>, state: &StateModel) -> Option<Method> {
    let (flow, begin) = (state.run.as_ref()?, state.begin.as_ref()?);
    let (root, named, payload) = (context.root, &state.ident, context.payload(state));
    let given = vec![
        Given { name: hygienic("state"), kind: quote!(&#payload), text: format!("&{named}") },
        Given { name: hygienic("ask"), kind: quote!(#root::Ask<'_, #payload>), text: format!("Ask<'_, {named}>") },
    ];
    Some(Method {
        doc: vec![format!(" In which state of its own the flow begins that `{named}` runs.")],
        given,
        output: quote!(#root::Result<#flow>),
        output_text: format!("{}::Result<{}>", root.text(), written(flow)),
        nothing: quote!(async { ::core::unreachable!() }),
        notes: state.notes.all().cloned().collect(),
        ..Method::new(begin_method(state), begin.span())
    })
}

/// The method that decides on what the flow has ended in that the state runs.
fn done(context: &Context<'_>, state: &StateModel) -> Option<Method> {
    let flow = state.run.as_ref()?;
    let seam = context.root.seam();
    let doc = format!(" Decides on what follows in `{}` when the flow that it runs has come to an end.", state.ident);
    let text = format!("{}End", written(flow).rsplit("::").next().unwrap_or_default());
    let end = Given { name: hygienic("end"), kind: quote_spanned!(flow.span()=> <#flow as #seam::Flow>::End), text };
    Some(Method::of_state(context, state, &done_method(state), doc, Some(end), None))
}

/// The method that decides on what follows a correction: what depends on it is asked again, and else it is back.
fn corrected(context: &Context<'_>, index: usize, state: &StateModel) -> Option<Method> {
    let corrections = &context.graph.corrections[index];
    if corrections.is_empty() {
        return None;
    }
    let doc = format!(
        " Decides on what follows in `{}` once a field of it was corrected, as the state here has it. Unless it is written, what is \
         declared to depend on it is asked again, and nothing else.",
        state.ident
    );
    let (what, own, turn, seam) = (hygienic("what"), hygienic("state"), hygienic("turn"), context.root.seam());
    let kind = context.inside(&state.correction_enum);
    let arms = corrections.iter().filter_map(|word| {
        let (variant, first) = (&word.variant, word.dependents.first()?);
        Some(quote!(#kind::#variant => #turn.correct(#own, #kind::#first),))
    });
    let arms: Vec<_> = arms.collect();
    let rest = quote!(_ => #turn.keep(#own),);
    let body = quote! {
        #seam::at_once(move || {
            #[allow(unreachable_patterns)]
            match #what { #(#arms)* #rest }
        })
    };
    let what = Given::inside(context, what, &state.correction_enum);
    Some(Method::of_state(context, state, &corrected_method(state), doc, Some(what), Some(body)))
}

fn on_signals(context: &Context<'_>, state: &StateModel) -> impl Iterator<Item = Method> {
    state.signals.iter().map(move |signal| {
        let doc = format!(" Decides on the signal `{}` in `{}`.", signal.ident, state.ident);
        let given = signal.kind.as_ref().map(|kind| payload(&signal.ident, kind));
        Method::of_state(context, state, &event_method(state, &signal.method), doc, given, None)
    })
}

fn on_reminders(context: &Context<'_>, index: usize, state: &StateModel) -> impl Iterator<Item = Method> {
    context.graph.reminders[index].iter().map(move |reminder| {
        let doc = format!(" Decides on what follows when `{}` rings in `{}`.", reminder.ident, state.ident);
        Method::of_state(context, state, &event_method(state, &reminder.method), doc, None, None)
    })
}

/// An argument that carries what a signal or an effect carries.
fn payload(ident: &Ident, kind: &Type) -> Given {
    let name = names::ident(&snake(&plain(ident)), Span::mixed_site());
    Given::of(name.unwrap_or_else(|| hygienic("payload")), kind)
}

/// The method that gives the question, where the declaration leaves it open.
fn ask(context: &Context<'_>, index: usize, state: &StateModel) -> Option<Method> {
    let (root, named) = (context.root, &state.ident);
    let doc = format!(" What is said on entering `{named}`, and again after an answer that was not understood.");
    let (said, said_text, nothing) = match &context.graph.answers[index].kind {
        Kind::Offer(kind) => {
            (quote!(#root::Offer<#kind>), format!("Offer<{}>", written(kind)), quote!(#root::Offer::new("")))
        }
        _ => (quote!(#root::Reply), "Reply".to_owned(), quote!(#root::Reply::silence())),
    };
    let payload = context.payload(state);
    let given = vec![
        Given { name: hygienic("state"), kind: quote!(&#payload), text: format!("&{named}") },
        Given { name: hygienic("ask"), kind: quote!(#root::Ask<'_, #payload>), text: format!("Ask<'_, {named}>") },
    ];
    state.is_asked_by_handler().then(|| Method {
        doc: vec![doc],
        given,
        output: quote!(#root::Result<#said>),
        output_text: format!("{}::Result<{said_text}>", context.root.text()),
        nothing: quote!(::core::future::ready(::core::result::Result::Ok(#nothing))),
        notes: state.notes.all().cloned().collect(),
        ..Method::new(ask_method(state), state.ident.span())
    })
}

/// The method that does what an effect wants done.
fn deliver(context: &Context<'_>, effect: &Carried) -> Method {
    let (root, crate_name) = (context.root, context.root.text());
    let doc = format!(
        " Does what `{}` wants done. Once the turn is stored, at least once, each time with the same key.",
        effect.ident
    );
    let key = Given { name: hygienic("key"), kind: quote!(#root::Key), text: format!("{crate_name}::Key") };
    Method {
        doc: vec![doc],
        given: effect.kind.iter().map(|kind| payload(&effect.ident, kind)).chain([key]).collect(),
        output: quote!(#root::Result<()>),
        output_text: format!("{crate_name}::Result<()>"),
        nothing: quote!(::core::future::ready(::core::result::Result::Ok(()))),
        ..Method::new(deliver_method(&effect.method), context.model.ident.span())
    }
}

pub(super) fn ask_method(state: &StateModel) -> Ident {
    format_ident!("ask_{}", plain(&state.method), span = state.ident.span())
}

pub(super) fn begin_method(state: &StateModel) -> Ident {
    format_ident!("{}_begin", plain(&state.method), span = state.ident.span())
}

pub(super) fn done_method(state: &StateModel) -> Ident {
    format_ident!("{}_done", plain(&state.method), span = state.ident.span())
}

pub(super) fn corrected_method(state: &StateModel) -> Ident {
    format_ident!("{}_corrected", plain(&state.method), span = state.ident.span())
}

pub(super) fn event_method(state: &StateModel, event: &Ident) -> Ident {
    format_ident!("{}_on_{}", plain(&state.method), snake(&plain(event)), span = event.span())
}

pub(super) fn deliver_method(effect: &Ident) -> Ident {
    format_ident!("deliver_{}", snake(&plain(effect)), span = effect.span())
}
