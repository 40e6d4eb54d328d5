//! `Drive`, which calls the handler's method for each state, and the function `engine`, which takes the handler.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, braced, filled, handler::ask_method};
use crate::flow::model::StateModel;

/// The impl, beside the enum.
pub(super) fn drive(context: &Context<'_>) -> TokenStream {
    let (module, enum_name, handler) = (&context.model.module, &context.model.ident, context.handler_name());
    let decide = context.model.states.iter().map(|state| decide_arm(context, state));
    let ask = context.model.states.iter().map(|state| ask_arm(context, state));
    let (visibility, root, seam) = (&context.model.visibility, context.root, context.root.seam());
    quote! {
        impl #enum_name {
            /// Begins to build an engine that runs this flow with `handler`.
            #visibility fn engine<H: #module::#handler + 'static>(handler: H) -> #root::EngineBuilder<Self> {
                #root::EngineBuilder::new(handler)
            }
        }

        impl<H: #module::#handler> #seam::Drive<H> for #enum_name {
            fn decide<'t>(
                handler: &'t H,
                state: Self,
                call: #seam::Call<'t, Self>,
            ) -> #seam::Deciding<'t, Self> {
                match state { #(#decide)* }
            }

            fn ask<'t>(handler: &'t H, state: &'t Self) -> #seam::Asking<'t> {
                match state { #(#ask)* }
            }

            fn open<'t>(
                handler: &'t H,
                opening: &'t mut #root::Opening<'_, Self>,
            ) -> #seam::BoxFuture<'t, #root::Result<()>> {
                ::std::boxed::Box::pin(handler.on_open(opening))
            }

            fn help<'t>(handler: &'t H, state: &'t Self) -> #seam::Asking<'t> {
                ::std::boxed::Box::pin(handler.on_help(state))
            }
        }
    }
}

fn decide_arm(context: &Context<'_>, state: &StateModel) -> TokenStream {
    let (enum_name, ident, method) = (&context.model.ident, &state.ident, &state.method);
    let (payload, shape) = (context.payload(state), braced(state.shape, &state.fields));
    let (root, seam) = (context.root, context.root.seam());
    if state.end.is_some() {
        return quote! {
            #enum_name::#ident { .. } => #seam::boxed(::core::future::ready(
                #seam::turn::<#payload>(call).stay(#root::Reply::silence()),
            )),
        };
    }
    quote! {
        #enum_name::#ident #shape => {
            #seam::boxed(handler.#method(#payload #shape, #seam::turn(call)))
        }
    }
}

fn ask_arm(context: &Context<'_>, state: &StateModel) -> TokenStream {
    let (enum_name, ident, method) = (&context.model.ident, &state.ident, ask_method(state));
    let (payload, shape) = (context.payload(state), braced(state.shape, &state.fields));
    let cloned = filled(state.shape, &state.fields, |field| {
        let ident = &field.ident;
        quote!(::core::clone::Clone::clone(#ident))
    });
    quote! {
        #enum_name::#ident #shape => {
            let state = #payload #cloned;
            ::std::boxed::Box::pin(async move { handler.#method(&state).await })
        }
    }
}
