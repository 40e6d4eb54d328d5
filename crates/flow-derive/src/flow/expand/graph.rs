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
        quote!(#root::graph::Edge { from: #from, to: #to, by: #by })
    });
    let shortcuts = context.graph.shortcuts.iter().map(|shortcut| {
        let (word, except) = (&shortcut.word, &shortcut.except);
        let action = match shortcut.action {
            Action::To(to) => quote!(#root::graph::ShortcutAction::To(#to)),
            Action::Back => quote!(#root::graph::ShortcutAction::Back),
            Action::Help => quote!(#root::graph::ShortcutAction::Help),
        };
        quote!(#root::graph::Shortcut { word: #word, action: #action, except: &[#(#except),*] })
    });
    quote! {
        &#root::Graph {
            name: #name,
            version: #version,
            doc: #doc,
            states: &[#(#nodes),*],
            edges: &[#(#edges),*],
            shortcuts: &[#(#shortcuts),*],
        }
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
        quote!(#root::graph::Field { name: #name, kind: #kind })
    });
    let tries = match &state.tries {
        Some((count, _)) => {
            let count: u32 = count.base10_parse().unwrap_or(1);
            quote!(::core::option::Option::Some(#count))
        }
        None => quote!(::core::option::Option::None),
    };
    quote! {
        #root::graph::Node {
            name: #name,
            variant: #variant,
            doc: #doc,
            aliases: &[#(#aliases),*],
            role: #root::graph::Role::#role,
            checkpoint: #checkpoint,
            prompt: #prompt,
            choices: &[#(#choices),*],
            fields: &[#(#fields),*],
            tries: #tries,
        }
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
