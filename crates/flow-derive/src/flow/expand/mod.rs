//! The code of a flow, written from its model and its graph.

mod driving;
mod flow_impl;
mod graph;
mod handler;
mod payloads;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Type, Visibility, parse_quote};

use super::{
    check::Graph,
    model::{FieldModel, Model, Shape, StateModel},
};
use crate::root::{Root, deeper};

/// Everything that is written beside the enum.
///
/// The code of a faulty declaration allows more than it should: every transition, and handlers that are not written.
/// What the user wrote against the flow then compiles, and the mistake itself is the only error.
pub(super) fn expand(model: &Model, graph: &Graph, has_mistakes: bool) -> TokenStream {
    let inner_root = model.root.deeper();
    let context = Context { model, graph, has_mistakes, root: &model.root, inner_root: &inner_root };
    let (payloads, handler) = (payloads::structs(&context), handler::handler_trait(&context));
    let (states, follows) = (payloads::states(&context), payloads::follows(&context));
    let (flow, drive) = (flow_impl::flow(&context), driving::drive(&context));
    let (module, visibility, enum_name) = (&model.module, &model.visibility, &model.ident);
    let doc =
        format!("What [`{enum_name}`](super::{enum_name}) is made of: a struct for each state, and the handler trait.");
    quote! {
        #[doc = #doc]
        #[allow(dead_code, missing_docs, unused_imports, unused_qualifications, unreachable_pub, clippy::all, clippy::pedantic)]
        #visibility mod #module {
            use super::*;
            pub use #inner_root::StepExt as _;
            #payloads
            #handler
        }
        #[allow(dead_code, unused_qualifications, unused_variables, clippy::all, clippy::pedantic)]
        const _: () = {
            #states
            #follows
            #flow
            #drive
        };
    }
}

/// What every part of the expansion needs.
struct Context<'c> {
    model: &'c Model,
    graph: &'c Graph,
    has_mistakes: bool,
    /// The framework's crate, as it is written beside the enum.
    root: &'c Root,
    /// The same crate, as it is written in the generated module.
    inner_root: &'c Root,
}

impl Context<'_> {
    /// The enum's visibility, as seen from inside the module.
    fn inner_visibility(&self) -> TokenStream {
        match &self.model.visibility {
            Visibility::Inherited => quote!(pub(super)),
            Visibility::Restricted(restricted) => {
                let path = deeper(&restricted.path);
                quote!(pub(in #path))
            }
            public @ Visibility::Public(_) => quote!(#public),
        }
    }

    /// The state's struct, as seen from beside the enum.
    fn payload(&self, state: &StateModel) -> TokenStream {
        let (module, ident) = (&self.model.module, &state.ident);
        quote!(#module::#ident)
    }

    /// The type that states share.
    fn shared(&self) -> Type {
        let root = self.root;
        self.model.shared.clone().unwrap_or_else(|| parse_quote!(#root::NothingShared))
    }

    fn handler_name(&self) -> proc_macro2::Ident {
        format_ident!("{}Handler", self.model.ident)
    }
}

/// The fields in the shape of the variant, as in `{ name, email }`: a pattern, and an expression where there are
/// variables of these names.
fn braced(shape: Shape, fields: &[FieldModel]) -> TokenStream {
    let names = fields.iter().map(|field| &field.ident);
    match shape {
        Shape::Unit => quote!(),
        Shape::Tuple => quote!((#(#names),*)),
        Shape::Named => quote!({ #(#names),* }),
    }
}

/// The fields in the shape of the variant, each with its value, as in `{ name: self.name }`.
fn filled(shape: Shape, fields: &[FieldModel], value: impl Fn(&FieldModel) -> TokenStream) -> TokenStream {
    let (names, values) = (fields.iter().map(|field| &field.ident), fields.iter().map(value));
    match shape {
        Shape::Unit => quote!(),
        Shape::Tuple => quote!((#(#values),*)),
        Shape::Named => quote!({ #(#names: #values),* }),
    }
}

/// What stands after the dot to reach the field.
fn member(state: &StateModel, field: &FieldModel) -> TokenStream {
    let ident = &field.ident;
    if state.shape == Shape::Tuple { quote!(0) } else { quote!(#ident) }
}
