//! Fields and payloads that borrow what they hold, as `&'static str` does: nothing that is read from a record can.

use syn::{GenericArgument, PathArguments, Type, TypeArray, parse_quote, parse2};

use super::model::{Model, text, written};
use crate::{errors::Errors, nothing::no_type};

/// Notes each type of a field that borrows, where it stands first, and has none in its place: that it cannot be an answer
/// either, or be spoken, would be a second mistake. What is carried is mended. Says whether there is one.
///
/// Where serde's words stand on a field, they may read what is borrowed by other ways, and nothing is told.
pub(super) fn refuse_borrowed(model: &mut Model, errors: &mut Errors) -> bool {
    let mut told: Vec<(String, Type)> = Vec::new();
    for field in model.states.iter_mut().flat_map(|state| &mut state.fields).filter(|field| !field.has_serde) {
        let Some(owned) = owned(&field.kind) else { continue };
        let borrowed = text(&field.kind);
        if !told.iter().any(|(other, _)| *other == borrowed) {
            let message = told_of(&owned);
            errors.at(&field.kind, &message);
            told.extend(parse2(no_type(&field.kind, &message)).map(|none| (borrowed.clone(), none)));
        }
        field.kind = told.iter().find(|(other, _)| *other == borrowed).map_or(owned, |(_, none)| none.clone());
    }
    let signals = model.states.iter_mut().flat_map(|state| &mut state.signals);
    for kind in signals.chain(&mut model.effects).filter_map(|carried| carried.kind.as_mut()) {
        let Some(owned) = owned(kind) else { continue };
        let borrowed = text(kind);
        if !told.iter().any(|(other, _)| *other == borrowed) {
            errors.at(&*kind, told_of(&owned));
            told.push((borrowed, owned.clone()));
        }
        *kind = owned;
    }
    !told.is_empty()
}

fn told_of(owned: &Type) -> String {
    format!("a conversation is stored, so what is in it is not borrowed: write `{}`", written(owned))
}

/// The type that holds the same itself; none of a type that borrows nothing as far as can be seen, or must borrow.
fn owned(kind: &Type) -> Option<Type> {
    match kind {
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => Some(parse_quote!(String)),
            Type::Slice(slice) => {
                let each = owned(&slice.elem).unwrap_or_else(|| (*slice.elem).clone());
                Some(parse_quote!(Vec<#each>))
            }
            other @ (Type::Path(_) | Type::Reference(_) | Type::Tuple(_) | Type::Array(_)) => {
                Some(owned(other).unwrap_or_else(|| other.clone()))
            }
            _ => None,
        },
        Type::Path(path) => {
            let mut path = path.clone();
            let last = path.path.segments.last_mut().filter(|last| HOLDING.iter().any(|name| last.ident == name))?;
            let PathArguments::AngleBracketed(held) = &mut last.arguments else { return None };
            let kinds = held.args.iter_mut().filter_map(|argument| match argument {
                GenericArgument::Type(kind) => Some(kind),
                _ => None,
            });
            any_owned(kinds).then_some(Type::Path(path))
        }
        Type::Tuple(tuple) => {
            let mut tuple = tuple.clone();
            any_owned(tuple.elems.iter_mut()).then_some(Type::Tuple(tuple))
        }
        Type::Array(array) => {
            let elem = Box::new(owned(&array.elem)?);
            Some(Type::Array(TypeArray { elem, ..array.clone() }))
        }
        Type::Group(group) => owned(&group.elem),
        _ => None,
    }
}

/// The types of the standard library that can be read only if what they hold can. Of another type nobody knows here.
const HOLDING: &[&str] = &["Option", "Vec", "VecDeque", "Box", "HashMap", "HashSet", "BTreeMap", "BTreeSet"];

/// Writes the types that hold the same themselves for those that borrow. Says whether there is one.
fn any_owned<'k>(kinds: impl Iterator<Item = &'k mut Type>) -> bool {
    let mut is_any = false;
    for kind in kinds {
        if let Some(owned) = owned(kind) {
            *kind = owned;
            is_any = true;
        }
    }
    is_any
}
