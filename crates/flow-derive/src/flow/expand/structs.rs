//! A struct for each state, and what makes it one.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::{Context, braced};
use crate::flow::{
    check::By,
    model::{Notes, Shape, StateModel},
};

/// The structs, inside the module.
pub(super) fn structs(context: &Context<'_>) -> TokenStream {
    let visibility = context.inner_visibility();
    let each = context.model.states.iter().map(|state| {
        let (ident, body) = (&state.ident, definition(context, state, &visibility));
        let Notes { doc, deprecated } = &state.notes;
        let name = format!("The state `{}`.", state.name);
        let gap = (!doc.is_empty()).then(|| quote!(#[doc = ""]));
        quote_spanned! {ident.span()=>
            #(#doc)*
            #gap
            #[doc = #name]
            #(#deprecated)*
            #[derive(Clone, Debug)]
            #visibility struct #ident #body
        }
    });
    quote!(#(#each)*)
}

fn definition(context: &Context<'_>, state: &StateModel, visibility: &TokenStream) -> TokenStream {
    let fields = state.fields.iter().map(|field| {
        let (ident, kind, Notes { doc, deprecated }) = (&field.ident, context.field(&field.kind), &field.notes);
        match state.shape {
            Shape::Named => quote!(#(#doc)* #(#deprecated)* #visibility #ident: #kind),
            Shape::Tuple | Shape::Unit => quote!(#(#doc)* #(#deprecated)* #visibility #kind),
        }
    });
    match state.shape {
        Shape::Unit => quote!(;),
        Shape::Tuple => quote!((#(#fields),*);),
        Shape::Named => quote!({ #(#fields),* }),
    }
}

/// Beside the enum: `State` for each struct, the way into the enum, and `Follows` for each declared edge.
pub(super) fn states(context: &Context<'_>) -> TokenStream {
    let enum_name = &context.model.ident;
    let each = context.model.states.iter().enumerate().map(|(index, state)| {
        let (ident, payload, shape) = (&state.ident, context.payload(state), braced(state.shape, &state.fields));
        let index = Literal::usize_unsuffixed(index);
        quote_spanned! {ident.span()=>
            impl __flow::State for #payload {
                type Flow = #enum_name;
                const PLACE: __flow::Place = __flow::Place(#index);
            }

            impl __flow::From<#payload> for #enum_name {
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
    let (states, enum_name) = (&context.model.states, &context.model.ident);
    // The mistake may stand where the transition is declared, and a transition that is refused is a second error.
    if context.has_mistakes {
        let each = states.iter().map(|to| {
            let payload = context.payload(to);
            let all = states.iter().filter(|_| !to.reminders.is_empty()).map(|from| armed(context, from, &payload));
            quote! {
                impl<S: __flow::State<Flow = #enum_name>> __flow::Follows<S> for #payload {
                    const DECLARED: __flow::Derived = __flow::Derived;
                }
                #(#all)*
            }
        });
        return quote!(#(#each)*);
    }
    let declared = context.graph.edges.iter().filter(|edge| edge.by == By::Handler);
    let each = declared.map(|edge| {
        let (from, to, named) = (&states[edge.from], &states[edge.to], context.named(edge.to, &edge.name));
        let (before, payload) = (context.payload(from), context.inside(named));
        let armed = (!to.reminders.is_empty()).then(|| armed(context, from, &payload));
        quote_spanned! {named.span()=>
            impl __flow::Follows<#before> for #payload {
                const DECLARED: __flow::Derived = __flow::Derived;
            }
            #armed
        }
    });
    quote!(#(#each)*)
}

/// The state may follow `from` with a reminder too.
fn armed(context: &Context<'_>, from: &StateModel, payload: &TokenStream) -> TokenStream {
    let from = context.payload(from);
    quote! {
        impl __flow::Follows<#from> for __flow::Armed<#payload> {
            const DECLARED: __flow::Derived = __flow::Derived;
        }
    }
}
