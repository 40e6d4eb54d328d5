//! The constant graph.

use proc_macro2::TokenStream;
use quote::quote;

use super::Context;
use crate::{
    flow::{
        check::{Action, By},
        model::StateModel,
    },
    root::Root,
};

/// The graph as a constant expression.
pub(super) fn graph(context: &Context<'_>) -> TokenStream {
    let (model, root) = (context.model, context.root);
    let (name, version, doc) = (&model.name, model.version, &model.doc);
    let nodes = model.states.iter().map(|state| node(root, state));
    let edges = context.graph.edges.iter().map(|edge| {
        let (from, to, by) = (edge.from, edge.to, by(root, &edge.by));
        quote!(#root::graph::Edge::declared(#from, #to, #by))
    });
    let shortcuts = context.graph.shortcuts.iter().map(|shortcut| {
        let (word, except) = (&shortcut.word, &shortcut.except);
        let action = match shortcut.action {
            Action::To(to) => quote!(#root::graph::ShortcutAction::To(#to)),
            Action::Back => quote!(#root::graph::ShortcutAction::Back),
            Action::Help => quote!(#root::graph::ShortcutAction::Help),
        };
        quote!(#root::graph::Shortcut::declared(#word, #action, &[#(#except),*]))
    });
    quote! {
        &#root::Graph::declared(#name, #version, #doc, &[#(#nodes),*], &[#(#edges),*], &[#(#shortcuts),*])
    }
}

fn node(root: &Root, state: &StateModel) -> TokenStream {
    let (name, variant, doc) = (&state.name, state.ident.to_string(), &state.doc);
    let (aliases, choices, checkpoint) = (&state.aliases, &state.choices, state.checkpoint);
    let prompt = state.prompt().map(syn::LitStr::value).unwrap_or_default();
    let role = match (&state.start, &state.end) {
        (Some(_), _) => quote!(Start),
        (None, Some(_)) => quote!(End),
        (None, None) => quote!(Middle),
    };
    let fields = state.fields.iter().map(|field| {
        let (name, kind) = (&field.name, field.kind_text());
        quote!(#root::graph::Field::declared(#name, #kind))
    });
    let tries = state.tries.as_ref().map(|(count, _)| {
        let count: u32 = count.base10_parse().unwrap_or(1);
        quote!(.left_after(#count))
    });
    quote! {
        #root::graph::Node::declared(#name, #variant, #doc, #root::graph::Role::#role)
            .also_known_as(&[#(#aliases),*])
            .with_checkpoint(#checkpoint)
            .asking(#prompt, &[#(#choices),*])
            .knowing(&[#(#fields),*])
            #tries
    }
}

fn by(root: &Root, by: &By) -> TokenStream {
    match by {
        By::Handler => quote!(#root::graph::EdgeKind::Handler),
        By::After(seconds) => {
            quote!(#root::graph::EdgeKind::After(::core::time::Duration::from_secs(#seconds)))
        }
        By::Tries(tries) => quote!(#root::graph::EdgeKind::Tries(#tries)),
        By::Shortcut(word) => quote!(#root::graph::EdgeKind::Shortcut(#word)),
    }
}
