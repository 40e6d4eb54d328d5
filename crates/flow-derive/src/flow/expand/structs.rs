//! A struct for each state, and what makes it one.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::{Context, braced, filled, member};
use crate::{
    flow::{
        check::By,
        model::{FieldModel, Notes, Shape, StateModel},
    },
    names::{hygienic, plain},
};

/// The structs, inside the module.
pub(super) fn structs(context: &Context<'_>) -> TokenStream {
    let each = context.model.states.iter().map(|state| {
        let (ident, visibility) = (&state.ident, context.inner_visibility(state.ident.span()));
        let body = definition(context, state);
        let copied = copied(context, state);
        let derives = copied.is_none().then(|| quote!(#[derive(Clone, Debug)]));
        let Notes { doc, deprecated } = &state.notes;
        let name = format!("The state `{}`.", state.name);
        let gap = (!doc.is_empty()).then(|| quote!(#[doc = ""]));
        quote_spanned! {ident.span()=>
            #(#doc)*
            #gap
            #[doc = #name]
            #(#deprecated)*
            #derives
            #visibility struct #ident #body
            #copied
        }
    });
    quote!(#(#each)*)
}

fn definition(context: &Context<'_>, state: &StateModel) -> TokenStream {
    let fields = state.fields.iter().map(|field| {
        let visibility = context.inner_visibility(field.ident.span());
        let (ident, kind, Notes { doc, deprecated }) = (&field.ident, context.field(&field.kind), &field.notes);
        match state.shape {
            Shape::Named => quote!(#(#doc)* #(#deprecated)* #visibility #ident: #kind),
            Shape::Tuple | Shape::Unit => quote!(#(#doc)* #(#deprecated)* #visibility #kind),
        }
    });
    match state.shape {
        Shape::Unit => quote_spanned!(state.ident.span()=> ;),
        Shape::Tuple => quote_spanned!(state.ident.span()=> (#(#fields),*);),
        Shape::Named => quote_spanned!(state.ident.span()=> { #(#fields),* }),
    }
}

/// `Clone` and `Debug` of a state that holds something; none of one that holds nothing, for which they can be derived.
///
/// They ask for it under a condition, so that a type that lacks one of them is told by the derive of the enum alone.
/// `for<'never>` has rustc leave the condition open, where it would say at once that it does not hold.
fn copied(context: &Context<'_>, state: &StateModel) -> Option<TokenStream> {
    let ident = &state.ident;
    let kinds = || state.fields.iter().map(|field| context.field(&field.kind));
    let (cloned, shown): (Vec<_>, Vec<_>) = (
        kinds().map(|kind| quote!(for<'never> #kind: __flow::Clone)).collect(),
        kinds().map(|kind| quote!(for<'never> #kind: __flow::fmt::Debug)).collect(),
    );
    let clone = filled(state.shape, &state.fields, |field| {
        let member = member(state, field);
        quote_spanned!(ident.span()=> __flow::Clone::clone(&self.#member))
    });
    let name = plain(ident);
    let (builder, fields): (_, Vec<_>) = match state.shape {
        Shape::Tuple => {
            let shown = |field| {
                let member = member(state, field);
                quote_spanned!(ident.span()=> .field(&self.#member))
            };
            (quote!(debug_tuple(#name)), state.fields.iter().map(shown).collect())
        }
        Shape::Named | Shape::Unit => {
            let shown = |FieldModel { ident: field, name, .. }: &FieldModel| quote_spanned!(ident.span()=> .field(#name, &self.#field));
            (quote!(debug_struct(#name)), state.fields.iter().map(shown).collect())
        }
    };
    (!state.fields.is_empty()).then(|| {
        quote_spanned! {ident.span()=>
            impl __flow::Clone for #ident
            where
                #(#cloned),*
            {
                fn clone(&self) -> Self {
                    #ident #clone
                }
            }

            impl __flow::fmt::Debug for #ident
            where
                #(#shown),*
            {
                fn fmt(&self, f: &mut __flow::fmt::Formatter<'_>) -> __flow::fmt::Result {
                    f.#builder #(#fields)*.finish()
                }
            }
        }
    })
}

/// Inside the module: the ends, as a flow that runs this one hears of them. Of a flow with mistakes there is none.
pub(super) fn ends(context: &Context<'_>) -> Option<TokenStream> {
    let (name, enum_name) = (&context.model.end_enum, &context.model.ident);
    let visibility = context.inner_visibility(name.span());
    let ends: Vec<_> = ended(context).map(|state| &state.ident).collect();
    let doc = format!("What [`{enum_name}`](super::{enum_name}) ends in, for the flow that runs it.");
    let (f, names) = (hygienic("f"), ends.iter().map(|end| plain(end)));
    (!ends.is_empty() && !context.has_mistakes).then(|| {
        quote_spanned! {name.span()=>
            #[doc = #doc]
            #visibility enum #name { #(#ends(#ends)),* }

            /// Without what it holds.
            impl __flow::fmt::Debug for #name {
                fn fmt(&self, #f: &mut __flow::fmt::Formatter<'_>) -> __flow::fmt::Result {
                    #f.write_str(match self { #(Self::#ends(_) => #names,)* })
                }
            }
        }
    })
}

fn ended<'c>(context: &'c Context<'_>) -> impl Iterator<Item = &'c StateModel> {
    context.model.states.iter().filter(|state| state.end.is_some())
}

/// Beside the enum: which end a state is.
pub(super) fn ending(context: &Context<'_>) -> Option<TokenStream> {
    let (enum_name, arguments, name) =
        (&context.model.ident, context.arguments(), context.inside(&context.model.end_enum));
    let state = hygienic("state");
    let arms: Vec<_> = ended(context)
        .map(|ended| {
            let (ident, payload, shape) = (&ended.ident, context.payload(ended), braced(ended.shape, &ended.fields));
            quote!(#enum_name::#ident #shape => __flow::Some(Self::#ident(#payload #shape)),)
        })
        .collect();
    let rest = (arms.len() < context.model.states.len()).then(|| quote!(_ => __flow::None,));
    (!arms.is_empty() && !context.has_mistakes).then(|| {
        quote_spanned! {enum_name.span()=>
            impl __flow::Ends<#enum_name #arguments> for #name {
                fn of(#state: #enum_name #arguments) -> __flow::Option<Self> {
                    match #state { #(#arms)* #rest }
                }
            }
        }
    })
}

/// Beside the enum: `State` for each struct, the way into the enum, and `Follows` for each declared edge.
pub(super) fn states(context: &Context<'_>) -> TokenStream {
    let (enum_name, arguments) = (&context.model.ident, context.arguments());
    let each = context.model.states.iter().enumerate().map(|(index, state)| {
        let (ident, payload, shape) = (&state.ident, context.payload(state), braced(state.shape, &state.fields));
        let index = Literal::usize_unsuffixed(index);
        quote_spanned! {ident.span()=>
            impl __flow::Member for #payload {
                type Of = #enum_name #arguments;
                const PLACE: usize = #index;
            }

            impl __flow::From<#payload> for #enum_name #arguments {
                fn from(#payload #shape: #payload) -> Self {
                    #enum_name::#ident #shape
                }
            }
        }
    });
    let follows = follows(context);
    quote!(#(#each)* #follows)
}

/// `Follows` for each declared edge; with mistakes in the declaration, for every pair.
fn follows(context: &Context<'_>) -> TokenStream {
    let (states, enum_name, arguments) = (&context.model.states, &context.model.ident, context.arguments());
    // The mistake may stand where the transition is declared, and a transition that is refused is a second error.
    if context.has_mistakes {
        let each = states.iter().map(|to| {
            let payload = context.payload(to);
            let all = states.iter().filter(|_| !to.reminders.is_empty()).map(|from| armed(context, from, to, &payload));
            quote_spanned! {to.ident.span()=>
                impl<S: __flow::State<Flow = #enum_name #arguments>> __flow::Follows<S> for #payload {
                    const DECLARED: __flow::Derived = __flow::Derived;
                }
                #(#all)*
            }
        });
        return quote!(#(#each)*);
    }
    let declared = context.graph.edges.iter().filter(|edge| edge.by == By::Handler);
    let each = declared.map(|edge| {
        let (from, to, payload) = (&states[edge.from], &states[edge.to], context.named(edge.to, &edge.name));
        let (before, span) = (context.payload(from), to.ident.span());
        let armed = (!to.reminders.is_empty()).then(|| armed(context, from, to, &context.payload(to)));
        let head = quote_spanned!(span=> __flow::Follows<#before> for #payload);
        // The compiler tells what is declared by the first and the last token of the head.
        let first = quote_spanned!(edge.name.span()=> impl);
        quote_spanned! {span=>
            #first #head {
                const DECLARED: __flow::Derived = __flow::Derived;
            }
            #armed
        }
    });
    quote!(#(#each)*)
}

/// The state may follow `from` with a reminder too.
fn armed(context: &Context<'_>, from: &StateModel, to: &StateModel, payload: &TokenStream) -> TokenStream {
    let from = context.payload(from);
    quote_spanned! {to.ident.span()=>
        impl __flow::Follows<#from> for __flow::Armed<#payload> {
            const DECLARED: __flow::Derived = __flow::Derived;
        }
    }
}
