//! What can come in, and what goes out, as types: the choices and reminders of a state, the signals and effects of the flow.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Ident;

use super::{Context, needs};
use crate::{
    answer::{Choice, expand_choices, expand_speak},
    flow::{
        attr::ChoiceWord,
        check::{
            corrections::Correction,
            incoming::{Carried, Reminder},
        },
        model::StateModel,
    },
    names::hygienic,
};

/// The enums, inside the module.
pub(super) fn enums(context: &Context<'_>) -> TokenStream {
    let states = context.model.states.iter().zip(&context.graph.reminders).zip(&context.graph.corrections);
    let of_states = states.map(|((state, reminders), corrections)| {
        let corrections: Vec<_> = corrections.iter().map(|word| word.variant.to_token_stream()).collect();
        let corrections_doc = format!("What can be corrected from [`{}`].", state.ident);
        let corrections = plain_enum(context, &state.correction_enum, &corrections_doc, &corrections);
        let choices: Vec<_> = state.choices.iter().map(variant).collect();
        let reminders: Vec<_> = reminders.iter().map(|reminder| reminder.ident.to_token_stream()).collect();
        let choices_doc = format!("What can be chosen in [`{}`].", state.ident);
        let reminders_doc = format!("What [`{}`] can be reminded of.", state.ident);
        let choices = plain_enum(context, &state.choice_enum, &choices_doc, &choices);
        let reminders = plain_enum(context, &state.reminder_enum, &reminders_doc, &reminders);
        quote!(#choices #reminders #corrections)
    });
    let signals = wire_enum(context, "Signal", "What can be told to the flow from outside.", &context.graph.signals);
    let effects = wire_enum(context, "Effect", "What the flow wants done outside.", &context.graph.effects);
    quote!(#(#of_states)* #signals #effects)
}

/// A choice, with the words that the visitor reads and writes.
fn variant(choice: &ChoiceWord) -> TokenStream {
    let ident = &choice.ident;
    let words: Vec<_> = choice.words.iter().map(|word| format!("{:?}", word.value())).collect();
    let doc = words.join(", ");
    let doc = (!words.is_empty()).then(|| quote!(#[doc = #doc]));
    quote!(#doc #ident)
}

fn plain_enum(context: &Context<'_>, name: &Ident, doc: &str, variants: &[TokenStream]) -> Option<TokenStream> {
    let visibility = context.inner_visibility(name.span());
    (!variants.is_empty()).then(|| {
        quote_spanned! {name.span()=>
            #[doc = #doc]
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            #visibility enum #name { #(#variants),* }
        }
    })
}

fn wire_enum(context: &Context<'_>, role: &str, doc: &str, all: &[Carried]) -> Option<TokenStream> {
    let name = context.wire_enum(role);
    let visibility = context.inner_visibility(name.span());
    let variants = all.iter().map(|Carried { ident, kind, .. }| match kind {
        Some(kind) => {
            let kind = context.carried(kind);
            quote!(#ident(#kind))
        }
        None => quote!(#ident),
    });
    (!all.is_empty()).then(|| {
        quote_spanned! {name.span()=>
            #[doc = #doc]
            #visibility enum #name { #(#variants),* }
        }
    })
}

/// Beside the enum: what the engine needs of these types.
pub(super) fn impls(context: &Context<'_>) -> TokenStream {
    let states = context.model.states.iter().zip(&context.graph.reminders).zip(&context.graph.corrections);
    let of_states = states.map(|((state, reminders), corrections)| {
        let (choices, reminders) = (choices(context, state), reminds(context, state, reminders));
        let corrects = corrects(context, state, corrections);
        quote!(#choices #reminders #corrects)
    });
    let (signals, effects) =
        (wire(context, "Signal", &context.graph.signals), wire(context, "Effect", &context.graph.effects));
    quote!(#(#of_states)* #signals #effects)
}

fn choices(context: &Context<'_>, state: &StateModel) -> Option<TokenStream> {
    let root = context.root;
    let kind = context.inside(&state.choice_enum);
    let choices: Vec<_> = state.choices.iter().map(|choice| Choice::new(&choice.ident, &choice.words)).collect();
    let span = state.ident.span();
    let (answer, speak) = (expand_choices(root, &kind, span, &choices), expand_speak(root, &kind, span, &choices));
    let variants = state.choices.iter().map(|choice| &choice.ident);
    let (serializer, deserializer) = (hygienic("serializer"), hygienic("deserializer"));
    (!choices.is_empty()).then(|| {
        quote_spanned! {span=>
            #answer
            #speak

            impl __flow::serde::Serialize for #kind {
                fn serialize<S: __flow::serde::Serializer>(
                    &self,
                    #serializer: S,
                ) -> __flow::Or<S::Ok, S::Error> {
                    __flow::write_choice::<Self, S>(*self as usize, #serializer)
                }
            }

            impl<'de> __flow::serde::Deserialize<'de> for #kind {
                fn deserialize<D: __flow::serde::Deserializer<'de>>(
                    #deserializer: D,
                ) -> __flow::Or<Self, D::Error> {
                    __flow::read_choice(&[#(Self::#variants),*], #deserializer)
                }
            }
        }
    })
}

fn reminds(context: &Context<'_>, state: &StateModel, reminders: &[Reminder]) -> Option<TokenStream> {
    let (payload, kind) = (context.payload(state), context.inside(&state.reminder_enum));
    let rows = reminders.iter().map(|Reminder { ident, name, .. }| quote!(#kind::#ident => #name,));
    (!reminders.is_empty()).then(|| {
        quote_spanned! {state.ident.span()=>
            impl __flow::Reminds for #payload {
                type Reminder = #kind;
                const REMINDS: __flow::Derived = __flow::Derived;

                fn name(reminder: #kind) -> &'static str {
                    match reminder { #(#rows)* }
                }
            }
        }
    })
}

fn corrects(context: &Context<'_>, state: &StateModel, corrections: &[Correction]) -> Option<TokenStream> {
    let (payload, kind) = (context.payload(state), context.inside(&state.correction_enum));
    let correction = hygienic("correction");
    let rows = corrections.iter().map(|word| {
        let (variant, field) = (&word.variant, word.name());
        quote!(#kind::#variant => #field,)
    });
    (!corrections.is_empty()).then(|| {
        quote_spanned! {state.ident.span()=>
            impl __flow::Corrects for #payload {
                type Correction = #kind;
                const CORRECTS: __flow::Derived = __flow::Derived;

                fn field(#correction: #kind) -> &'static str {
                    match #correction { #(#rows)* }
                }
            }
        }
    })
}

fn wire(context: &Context<'_>, role: &str, all: &[Carried]) -> Option<TokenStream> {
    let kind = context.inside(&context.wire_enum(role));
    let (called, payload) = (hygienic("name"), hygienic("payload"));
    let names = all.iter().map(|Carried { ident, name, .. }| quote!(Self::#ident { .. } => #name,));
    let writes = all.iter().map(|Carried { ident, kind, .. }| match kind {
        Some(kind) => {
            let carried = needs::carried(context, kind);
            quote!(Self::#ident(#payload) => (#carried.write)(#payload),)
        }
        None => quote!(Self::#ident => __flow::Ok(__flow::serde_json::Value::Null),),
    });
    let reads = all.iter().map(|Carried { ident, kind, name, .. }| match kind {
        Some(kind) => {
            let carried = needs::carried(context, kind);
            quote!(#name => (#carried.read)(#payload).map(Self::#ident),)
        }
        None => quote!(#name => __flow::Ok(Self::#ident),),
    });
    (!all.is_empty()).then(|| {
        quote_spanned! {context.model.ident.span()=>
            impl __flow::Wire for #kind {
                fn name(&self) -> &'static str {
                    match self { #(#names)* }
                }

                fn payload(&self) -> __flow::Or<__flow::serde_json::Value, __flow::serde_json::Error> {
                    match self { #(#writes)* }
                }

                fn read(
                    #called: &str,
                    #payload: __flow::serde_json::Value,
                ) -> __flow::Option<__flow::Or<Self, __flow::serde_json::Error>> {
                    __flow::Some(match #called {
                        #(#reads)*
                        _ => return __flow::None,
                    })
                }
            }

            /// Without what it carries.
            impl __flow::fmt::Debug for #kind {
                fn fmt(&self, f: &mut __flow::fmt::Formatter<'_>) -> __flow::fmt::Result {
                    f.write_str(__flow::Wire::name(self))
                }
            }
        }
    })
}
