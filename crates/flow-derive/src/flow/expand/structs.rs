//! A struct for each state, and what makes it one.

use proc_macro2::TokenStream;
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
    let (root, seam, enum_name) = (context.root, context.root.seam(), &context.model.ident);
    let each = context.model.states.iter().enumerate().map(|(index, state)| {
        let (ident, payload, shape) = (&state.ident, context.payload(state), braced(state.shape, &state.fields));
        quote_spanned! {ident.span()=>
            impl #root::State for #payload {
                type Flow = #enum_name;
                const SEAL: #seam::Derived = #seam::Derived;
                const INDEX: usize = #index;
            }

            impl ::core::convert::From<#payload> for #enum_name {
                fn from(state: #payload) -> Self {
                    let #payload #shape = state;
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
    let states = &context.model.states;
    // The mistake may stand where the transition is declared, and a transition that is refused is a second error.
    if context.has_mistakes {
        let all = states.iter().flat_map(|from| states.iter().map(move |to| (from, to)));
        let each = all.map(|(from, to)| one_follows(context, from, to, &to.ident));
        return quote!(#(#each)*);
    }
    let declared = context.graph.edges.iter().filter(|edge| edge.by == By::Handler);
    let each = declared.map(|edge| one_follows(context, &states[edge.from], &states[edge.to], &edge.named));
    quote!(#(#each)*)
}

/// `to` may follow `from`; `named` is the place where the user said so.
fn one_follows(context: &Context<'_>, from: &StateModel, to: &StateModel, named: &syn::Ident) -> TokenStream {
    let (root, seam) = (context.root, context.root.seam());
    let (from, payload) = (context.payload(from), context.inside(named));
    let armed = (!to.reminders.is_empty()).then(|| {
        quote_spanned! {named.span()=>
            impl #root::Follows<#from> for #root::Armed<#payload> {
                const DECLARED: #seam::Derived = #seam::Derived;
            }
        }
    });
    quote_spanned! {named.span()=>
        impl #root::Follows<#from> for #payload {
            const DECLARED: #seam::Derived = #seam::Derived;
        }
        #armed
    }
}
