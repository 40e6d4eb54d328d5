//! The constant graph.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Context, needs};
use crate::{
    flow::{
        check::{Action, By, Edge, Kind, Shortcut, corrections::Correction, incoming::Reminder},
        model::StateModel,
    },
    names::plain,
};

/// The graph as a constant expression.
pub(super) fn graph(context: &Context<'_>) -> TokenStream {
    let model = context.model;
    let (name, version, doc) = (&model.name, Literal::u32_unsuffixed(model.version), &model.doc);
    let nodes = model.states.iter().enumerate().map(|(index, state)| node(context, index, state));
    let edges = context.graph.edges.iter().map(|edge| self::edge(context, edge));
    let shortcuts = context.graph.shortcuts.iter().map(|shortcut| self::shortcut(context, shortcut));
    let waiting = match model.waiting.as_deref() {
        Some("together") => Some(quote!(.handled_together())),
        Some("latest") => Some(quote!(.handled_by_the_latest())),
        _ => None,
    };
    let entrances = context.graph.opens.iter().map(|(payload, to, name)| {
        let named = context.named(*to, name);
        quote!(__flow::entrance(#payload, __flow::at::<#named>()))
    });
    let opens = (!context.graph.opens.is_empty()).then(|| quote!(.opened_by(&[#(#entrances),*])));
    quote! {
        &__flow::graph((#name, #version, #doc), &[#(#nodes),*], &[#(#edges),*], &[#(#shortcuts),*]) #opens #waiting
    }
}

fn node(context: &Context<'_>, index: usize, state: &StateModel) -> TokenStream {
    let (name, variant, doc, aliases) = (&state.name, plain(&state.ident), &state.doc, &state.aliases);
    let role = match (&state.start, &state.end) {
        (Some(_), _) => quote!(start),
        (None, Some(_)) => quote!(end),
        (None, None) => quote!(middle),
    };
    let aliases = (!aliases.is_empty()).then(|| quote!(.also_known_as(&[#(#aliases),*])));
    let checkpoint = state.checkpoint.then(|| quote!(.checkpoint()));
    let prompt = state.prompt().map(|prompt| quote!(.saying(#prompt)));
    let is_choice = matches!(context.graph.answers[index].kind, Kind::Choice | Kind::ChoiceOf(_));
    let choices = needs::reading(context, index).filter(|_| is_choice);
    let choices = choices.map(|choosing| quote!(.offering(#choosing.words)));
    let fields = state.fields.iter().map(|field| {
        let (name, kind) = (&field.name, field.kind_text());
        quote!(__flow::field(#name, #kind))
    });
    let fields = (!state.fields.is_empty()).then(|| quote!(.knowing(&[#(#fields),*])));
    let tries = state.tries.as_ref().map(|(count, _)| {
        let count: u32 = count.base10_parse().unwrap_or(1);
        let count = Literal::u32_unsuffixed(count);
        quote!(.left_after(#count))
    });
    let reminders = &context.graph.reminders[index];
    let rows = reminders.iter().map(reminder);
    let reminders = (!reminders.is_empty()).then(|| quote!(.reminding(&[#(#rows),*])));
    let corrections = &context.graph.corrections[index];
    let rows = corrections.iter().map(correction);
    let corrects = (!corrections.is_empty()).then(|| quote!(.correcting(&[#(#rows),*])));
    let runs = state.run.as_ref().map(|flow| {
        let graph = quote_spanned!(flow.span()=> <#flow as __flow::Flow>::GRAPH);
        quote!(.running(#graph))
    });
    quote! {
        __flow::#role(#name, #variant, #doc) #aliases #checkpoint #prompt #choices #fields #tries #reminders #corrects #runs
    }
}

fn correction(correction: &Correction) -> TokenStream {
    let (field, texts, asked_in) =
        (correction.name(), &correction.texts, Literal::usize_unsuffixed(correction.asked_in));
    let name = format!("correct:{field}");
    let made = if correction.is_offered { quote!(correction) } else { quote!(correction_by_word) };
    quote!(__flow::#made(#field, &[#(#texts),*], #name, #asked_in))
}

fn reminder(reminder: &Reminder) -> TokenStream {
    let name = &reminder.name;
    match reminder.after.map(Literal::u64_unsuffixed) {
        Some(seconds) => quote!(__flow::reminder_after(#name, #seconds)),
        None => quote!(__flow::reminder(#name)),
    }
}

/// An edge. Where it goes is said by the name that the user wrote, so that an editor finds the state from there.
fn edge(context: &Context<'_>, edge: &Edge) -> TokenStream {
    let (from, to) = (Literal::usize_unsuffixed(edge.from), Literal::usize_unsuffixed(edge.to));
    let named = context.named(edge.to, &edge.name);
    match &edge.by {
        By::Handler => quote!(__flow::by_handler(#from, #to)),
        By::After(seconds) => {
            let seconds = Literal::u64_unsuffixed(*seconds);
            quote!(__flow::by_time(#from, __flow::at::<#named>(), #seconds))
        }
        By::Tries(tries) => {
            let tries = Literal::u32_unsuffixed(*tries);
            quote!(__flow::by_tries(#from, __flow::at::<#named>(), #tries))
        }
        By::Shortcut(word) => quote!(__flow::by_word(#from, #to, #word)),
    }
}

fn shortcut(context: &Context<'_>, shortcut: &Shortcut) -> TokenStream {
    let (word, except) = (&shortcut.word, shortcut.except.iter().map(|index| Literal::usize_unsuffixed(*index)));
    match (shortcut.action, &shortcut.name) {
        (Action::To(to), Some(name)) => {
            let named = context.named(to, name);
            quote!(__flow::word_to(#word, __flow::at::<#named>(), &[#(#except),*]))
        }
        (Action::Aside(to), Some(name)) => {
            let named = context.named(to, name);
            quote!(__flow::word_aside(#word, __flow::at::<#named>(), &[#(#except),*]))
        }
        (Action::Help, _) => quote!(__flow::word_help(#word, &[#(#except),*])),
        (Action::Back | Action::To(_) | Action::Aside(_), _) => quote!(__flow::word_back(#word, &[#(#except),*])),
    }
}
