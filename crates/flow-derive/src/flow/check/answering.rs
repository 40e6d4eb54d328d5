//! What a state's method is given, and where an answer goes that needs none: [`Answering`].

use proc_macro2::Ident;
use syn::Type;

use super::{By, Edge};
use crate::flow::model::{FieldModel, Model, StateModel, text};

/// Where an answer goes: to the one state that follows, and in it to the one field that is not known yet.
pub(in crate::flow) struct Inferred {
    pub(in crate::flow) target: usize,
    pub(in crate::flow) field: usize,
}

/// What a state takes from the visitor, and hands to its method.
pub(in crate::flow) struct Answering {
    pub(in crate::flow) kind: Kind,
    /// Where it goes without a method of the user's.
    pub(in crate::flow) inferred: Option<Inferred>,
}

/// In what form.
#[derive(Clone)]
pub(in crate::flow) enum Kind {
    /// The words as they were said.
    Words,
    /// A value of this type, read from the words.
    Answer(Type),
    /// One of the choices that the state declares.
    Choice,
    /// One of the variants of this type.
    ChoiceOf(Type),
    /// One of what the handler offered, of this type.
    Offer(Type),
}

/// What the state's method is given, and whether the state needs no method: one state follows, which has exactly one field
/// more, and that is what is given.
pub(super) fn answering(model: &Model, index: usize, state: &StateModel, edges: &[Edge]) -> Answering {
    let (more, place) = match one_field_more(model, index, state, edges) {
        Some((field, place)) => (Some(field), Some(place)),
        None => (None, None),
    };
    let kind = declared_kind(state).or_else(|| {
        // A question says what it is for, as does `answer`.
        let is_asked = state.ask.is_some() || state.answer.is_some();
        let is_inferred = is_asked && state.handled.is_none();
        more.filter(|_| is_inferred).map(|field| Kind::Answer(field.kind.clone()))
    });
    let kind = kind.unwrap_or(Kind::Words);
    let fits = match (&kind, more) {
        (_, None) | (Kind::Words, _) => false,
        (Kind::Choice, Some(field)) => is_called(&field.kind, &state.choice_enum),
        (Kind::Answer(given) | Kind::ChoiceOf(given) | Kind::Offer(given), Some(field)) => {
            text(given) == text(&field.kind)
        }
    };
    let inferred = place.filter(|_| fits && state.handled.is_none());
    Answering { kind, inferred }
}

fn declared_kind(state: &StateModel) -> Option<Kind> {
    if !state.choices.is_empty() {
        return Some(Kind::Choice);
    }
    let choices_of = state.choices_of.clone().map(Kind::ChoiceOf);
    let answer = || Some(Kind::Answer(state.answer.as_ref()?.1.clone()?));
    choices_of.or_else(|| state.offers.clone().map(Kind::Offer)).or_else(answer)
}

/// The field that the one state that follows has more, if one follows, and it has exactly one more.
fn one_field_more<'m>(
    model: &'m Model,
    from: usize,
    state: &StateModel,
    edges: &[Edge],
) -> Option<(&'m FieldModel, Inferred)> {
    let mut targets = edges.iter().filter(|edge| edge.from == from && edge.by == By::Handler);
    let (edge, None) = (targets.next()?, targets.next()) else { return None };
    let target = &model.states[edge.to];
    let missing = state.missing_for(target);
    let [more] = missing[..] else { return None };
    let field = target.fields.iter().position(|field| std::ptr::eq(field, more))?;
    (target.fields.len() == state.fields.len() + 1).then_some((more, Inferred { target: edge.to, field }))
}

/// Whether a type is called so, with whatever path.
fn is_called(kind: &Type, name: &Ident) -> bool {
    matches!(kind, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == *name))
}
