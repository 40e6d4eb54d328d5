//! The constant graph.

use proc_macro2::TokenStream;
use quote::quote;

use super::Context;
use crate::flow::{
    check::{Action, By, Kind, incoming::Reminder},
    model::StateModel,
};

/// The graph as a constant expression.
pub(super) fn graph(context: &Context<'_>) -> TokenStream {
    let (model, root) = (context.model, context.root);
    let (name, version, doc) = (&model.name, model.version, &model.doc);
    let nodes = model.states.iter().enumerate().map(|(index, state)| node(context, index, state));
    let edges = context.graph.edges.iter().map(|edge| {
        let (from, to, by) = (edge.from, edge.to, by(context, &edge.by));
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

fn node(context: &Context<'_>, index: usize, state: &StateModel) -> TokenStream {
    let root = context.root;
    let (name, variant, doc, aliases) = (&state.name, crate::names::plain(&state.ident), &state.doc, &state.aliases);
    let role = match (&state.start, &state.end) {
        (Some(_), _) => quote!(Start),
        (None, Some(_)) => quote!(End),
        (None, None) => quote!(Middle),
    };
    let aliases = (!aliases.is_empty()).then(|| quote!(.also_known_as(&[#(#aliases),*])));
    let checkpoint = state.checkpoint.then(|| quote!(.with_checkpoint(true)));
    let prompt = state.prompt().map(|prompt| quote!(.saying(#prompt)));
    let choices = match &context.graph.answers[index].kind {
        Kind::Choice => {
            let kind = context.inside(&state.choice_enum());
            Some(quote!(.offering(<#kind as #root::answers::Choices>::CHOICES)))
        }
        Kind::ChoiceOf(kind) => Some(quote!(.offering(<#kind as #root::answers::Choices>::CHOICES))),
        Kind::Words | Kind::Answer(_) | Kind::Offer(_) => None,
    };
    let fields = state.fields.iter().map(|field| {
        let (name, kind) = (&field.name, field.kind_text());
        quote!(#root::graph::Field::declared(#name, #kind))
    });
    let fields = (!state.fields.is_empty()).then(|| quote!(.knowing(&[#(#fields),*])));
    let tries = state.tries.as_ref().map(|(count, _)| {
        let count: u32 = count.base10_parse().unwrap_or(1);
        quote!(.left_after(#count))
    });
    let reminders = &context.graph.reminders[index];
    let rows = reminders.iter().map(|reminder| self::reminder(context, reminder));
    let reminders = (!reminders.is_empty()).then(|| quote!(.reminding(&[#(#rows),*])));
    quote! {
        #root::graph::Node::declared(#name, #variant, #doc, #root::graph::Role::#role)
            #aliases #checkpoint #prompt #choices #fields #tries #reminders
    }
}

fn reminder(context: &Context<'_>, reminder: &Reminder) -> TokenStream {
    let (root, name) = (context.root, &reminder.name);
    let after = match reminder.after {
        Some(seconds) => {
            quote!(::core::option::Option::Some(::core::time::Duration::from_secs(#seconds)))
        }
        None => quote!(::core::option::Option::None),
    };
    quote!(#root::graph::Reminder::declared(#name, #after))
}

fn by(context: &Context<'_>, by: &By) -> TokenStream {
    let root = context.root;
    match by {
        By::Handler => quote!(#root::graph::EdgeKind::Handler),
        By::After(seconds) => {
            quote!(#root::graph::EdgeKind::After(::core::time::Duration::from_secs(#seconds)))
        }
        By::Tries(tries) => quote!(#root::graph::EdgeKind::Tries(#tries)),
        By::Shortcut(word) => quote!(#root::graph::EdgeKind::Shortcut(#word)),
    }
}
