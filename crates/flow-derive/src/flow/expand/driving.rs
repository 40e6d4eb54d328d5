//! `Drive`, which calls the handler's method for each thing that comes in, and the function `engine`, which takes the handler.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{
    Context, braced,
    handler::{ask_method, deliver_method, event_method},
    needs,
    nested::{first_state, hear_correction, hear_end, runners, runs},
};
use crate::{
    flow::check::{Kind, incoming::Carried},
    names::hygienic,
};

/// The impl, beside the enum.
pub(super) fn drive(context: &Context<'_>) -> TokenStream {
    let (enum_name, arguments, handler) = (&context.model.ident, context.arguments(), context.handler_name());
    let visibility = context.visibility(enum_name.span());
    let host = format_ident!("{enum_name}Host");
    let variables = Variables::new();
    let Variables { handler: given, call, opening, .. } = &variables;
    let (said, ask) = (said(context, &variables), ask(context, &host, &variables));
    let (signalled, reminded) = (signalled(context, &host, &variables), reminded(context, &host, &variables));
    let state = &variables.state;
    let deliver = deliver(context, &host, &variables);
    let inner = [
        runners(context, &host),
        first_state(context, &host, &variables),
        hear_end(context, &host, &variables),
        hear_correction(context, &host, &variables),
    ];
    let inner = inner.into_iter().flatten();
    let runs: Vec<_> = runs(context);
    let arriving = &variables.opening;
    // The bound on a flow inside stands here alone: elsewhere one handler that is missing would be several errors.
    let engine = if runs.is_empty() {
        quote_spanned! {enum_name.span()=>
            #visibility fn engine<#host: #handler + 'static>(#given: #host) -> __flow::EngineBuilder<Self> {
                __flow::EngineBuilder::new(#given)
            }
        }
    } else {
        quote_spanned! {enum_name.span()=>
            #visibility fn engine<#host>(#given: #host) -> __flow::EngineBuilder<Self>
            where
                Self: __flow::Drive<#host>,
                #host: ::core::marker::Send + ::core::marker::Sync + 'static,
            {
                __flow::EngineBuilder::new(#given)
            }
        }
    };
    let bounds = (!runs.is_empty()).then(|| {
        // `for<'never>` has rustc leave the condition open here, where it would tell once more of what is no flow.
        let driven = runs.iter().map(|flow| quote_spanned!(flow.span()=> for<'never> #flow: __flow::Inner<#host>));
        quote!(where #(#driven,)* #host: ::core::marker::Send + ::core::marker::Sync + 'static)
    });
    quote_spanned! {enum_name.span()=>
        impl #enum_name #arguments {
            /// Begins to build an engine that runs this flow with `handler`.
            #engine
        }

        impl<#host: #handler> __flow::Drive<#host> for #enum_name #arguments #bounds {
            fn said<'t>(
                #given: &'t #host,
                #state: Self,
                #call: __flow::Call<'t, Self>,
            ) -> __flow::Deciding<'t, Self> {
                match #state { #said }
            }

            #signalled
            #reminded

            #ask
            #deliver
            #(#inner)*

            fn show_input<'t>(
                #given: &'t #host,
                #arriving: &'t mut __flow::Arriving<'_, Self>,
            ) -> __flow::BoxFuture<'t, __flow::Result<()>> {
                __flow::Box::pin(#handler::on_input(#given, #arriving))
            }

            fn open<'t>(
                #given: &'t #host,
                #opening: &'t mut __flow::Opening<'_, Self>,
            ) -> __flow::BoxFuture<'t, __flow::Result<()>> {
                __flow::Box::pin(#handler::on_open(#given, #opening))
            }

            fn help<'t>(#given: &'t #host, #state: &'t Self) -> __flow::BoxFuture<'t, __flow::Result<__flow::Reply>> {
                __flow::Box::pin(#handler::on_help(#given, #state))
            }
        }
    }
}

/// The variables of the impl, which stand beside the fields of states and must not be taken for one.
pub(super) struct Variables {
    pub(super) handler: proc_macro2::Ident,
    pub(super) state: proc_macro2::Ident,
    pub(super) call: proc_macro2::Ident,
    pub(super) turn: proc_macro2::Ident,
    pub(super) answer: proc_macro2::Ident,
    pub(super) event: proc_macro2::Ident,
    pub(super) key: proc_macro2::Ident,
    pub(super) opening: proc_macro2::Ident,
}

impl Variables {
    fn new() -> Self {
        Self {
            handler: hygienic("handler"),
            state: hygienic("state"),
            call: hygienic("call"),
            turn: hygienic("turn"),
            answer: hygienic("answer"),
            event: hygienic("event"),
            key: hygienic("key"),
            opening: hygienic("opening"),
        }
    }
}

/// An arm for each state that takes an answer.
fn said(context: &Context<'_>, variables: &Variables) -> TokenStream {
    let (enum_name, handling) = (&context.model.ident, context.handler_name());
    let Variables { handler, call, turn, answer, .. } = variables;
    let arms = context.model.states.iter().enumerate().filter(|(_, state)| state.takes_words());
    let arms = arms.map(|(index, state)| {
        let (ident, method) = (&state.ident, &state.method);
        let (payload, shape) = (context.payload(state), braced(state.shape, &state.fields));
        let given = quote! {
            |#answer, #turn| #handling::#method(#handler, #payload #shape, #answer, #turn)
        };
        let way = match (&context.graph.answers[index].kind, needs::reading(context, index)) {
            (Kind::Offer(kind), _) => {
                let offering = needs::offering(context, kind);
                quote!(__flow::picked(#call, &#offering, #given))
            }
            (_, Some(reading)) => quote!(__flow::answered(#call, &#reading, #given)),
            (_, None) => quote!(__flow::said(#call, |#turn| #handling::#method(#handler, #payload #shape, #turn))),
        };
        quote_spanned!(ident.span()=> #enum_name::#ident #shape => #way,)
    });
    let over = context.model.states.iter().any(|state| !state.takes_words());
    let over = over.then(|| quote!(_ => __flow::over(#call),));
    let arms: Vec<_> = arms.collect();
    quote!(#(#arms)* #over)
}

/// An arm for each state and each of its signals; nothing where none takes any.
fn signalled(context: &Context<'_>, host: &proc_macro2::Ident, variables: &Variables) -> Option<TokenStream> {
    let enum_name = &context.model.ident;
    let handling = context.handler_name();
    let Variables { handler, state: whole, call, turn, answer, event, .. } = variables;
    let signals = context.inside(&context.wire_enum("Signal"));
    let arms = context.model.states.iter().flat_map(|state| state.signals.iter().map(move |signal| (state, signal)));
    let arms = arms.map(|(state, signal)| {
        let (ident, method, payload) = (&state.ident, event_method(state, &signal.method), context.payload(state));
        let (shape, variant) = (braced(state.shape, &state.fields), &signal.ident);
        let carried: Vec<_> = signal.kind.iter().map(|_| answer).collect();
        let pattern = (!carried.is_empty()).then(|| quote!((#answer)));
        quote! {
            (#enum_name::#ident #shape, #signals::#variant #pattern) => __flow::said(#call, |#turn| {
                #handling::#method(#handler, #payload #shape, #(#carried,)* #turn)
            }),
        }
    });
    // Of a flow with mistakes a state may take a signal otherwise than it is declared elsewhere.
    (!context.graph.signals.is_empty() && !context.has_mistakes).then(|| {
        quote! {
            fn signalled<'t>(
                #handler: &'t #host,
                #whole: Self,
                #event: <Self as __flow::Flow>::Signal,
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

/// An arm for each state and each of its reminders; nothing where none has any.
fn reminded(context: &Context<'_>, host: &proc_macro2::Ident, variables: &Variables) -> Option<TokenStream> {
    let (enum_name, handling) = (&context.model.ident, context.handler_name());
    let Variables { handler, state: whole, call, turn, event, .. } = variables;
    let all = context.model.states.iter().zip(&context.graph.reminders);
    let all = all.flat_map(|(state, reminders)| reminders.iter().map(move |reminder| (state, reminder)));
    let arms = all.map(|(state, reminder)| {
        let (ident, method, payload) = (&state.ident, event_method(state, &reminder.method), context.payload(state));
        let (shape, name) = (braced(state.shape, &state.fields), &reminder.name);
        quote! {
            (#enum_name::#ident #shape, #name) => {
                __flow::said(#call, |#turn| #handling::#method(#handler, #payload #shape, #turn))
            }
        }
    });
    let arms: Vec<_> = arms.collect();
    (!arms.is_empty()).then(|| {
        quote! {
            fn reminded<'t>(
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

/// An arm for each state whose question the declaration leaves open; nothing where there is none.
fn ask(context: &Context<'_>, host: &proc_macro2::Ident, variables: &Variables) -> Option<TokenStream> {
    let (enum_name, handling) = (&context.model.ident, context.handler_name());
    let Variables { handler, state: whole, call, .. } = variables;
    let asked = context.model.states.iter().enumerate().filter(|(_, state)| state.is_asked_by_handler());
    let arms: Vec<_> = asked
        .map(|(index, state)| {
            let (ident, method, payload) = (&state.ident, ask_method(state), context.payload(state));
            let shape = braced(state.shape, &state.fields);
            let asking = quote!(async move { #handling::#method(#handler, &#whole, #call.of()).await });
            let way = match (&context.graph.answers[index].kind, needs::reading(context, index)) {
                (Kind::Offer(kind), _) => {
                    let offering = needs::offering(context, kind);
                    quote!(__flow::offered_by(&#offering, #asking))
                }
                (_, Some(reading)) => quote!(__flow::asked_with(&#reading, #asking)),
                (_, None) => quote!(__flow::asked(#asking)),
            };
            quote_spanned! {ident.span()=>
                #enum_name::#ident #shape => {
                    let #whole = #payload #shape;
                    #way
                }
            }
        })
        .collect();
    let rest = (arms.len() < context.model.states.len()).then(|| quote!(_ => __flow::silent(),));
    (!arms.is_empty()).then(|| {
        quote! {
            fn ask<'t>(
                #handler: &'t #host,
                #whole: Self,
                #call: __flow::Asked<'t, Self>,
            ) -> __flow::Asking<'t> {
                match #whole { #(#arms)* #rest }
            }
        }
    })
}

/// An arm for each effect; nothing where the flow has none.
fn deliver(context: &Context<'_>, host: &proc_macro2::Ident, variables: &Variables) -> Option<TokenStream> {
    let (handling, effects) = (context.handler_name(), context.inside(&context.wire_enum("Effect")));
    let Variables { handler, answer, event, key, .. } = variables;
    let arms = context.graph.effects.iter().map(|Carried { ident, method, kind, .. }| {
        let method = deliver_method(method);
        let carried: Vec<_> = kind.iter().map(|_| answer).collect();
        let pattern = (!carried.is_empty()).then(|| quote!((#answer)));
        quote! {
            #effects::#ident #pattern => __flow::Box::pin(#handling::#method(#handler, #(#carried,)* #key)),
        }
    });
    (!context.graph.effects.is_empty()).then(|| {
        quote! {
            fn deliver<'t>(
                #handler: &'t #host,
                #event: <Self as __flow::Flow>::Effect,
                #key: __flow::Key,
            ) -> __flow::BoxFuture<'t, __flow::Result<()>> {
                match #event { #(#arms)* }
            }
        }
    })
}
