//! What a state and a payload hold.

use std::collections::HashSet;

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Type, parse2};

use crate::{
    errors::Errors,
    flow::model::{Model, text},
    items::written,
};

/// No field and no payload borrows: all of it is written down, and read again. A payload is mended.
///
/// Each such type is noted where it is written first: a field mostly goes along from state to state.
pub(super) fn owned(model: &mut Model, errors: &mut Errors) {
    let mut told = HashSet::new();
    for field in model.states.iter_mut().flat_map(|state| &mut state.fields) {
        if note(&field.kind, &mut told, errors).is_some()
            && let Ok(lasting) = parse2(lasting(field.kind.to_token_stream()))
        {
            field.kind = lasting;
        }
    }
    let signals = model.states.iter_mut().flat_map(|state| &mut state.signals);
    for kind in signals.chain(&mut model.effects).filter_map(|carried| carried.kind.as_mut()) {
        if let Some(owned) = note(kind, &mut told, errors) {
            *kind = owned;
        }
    }
}

/// Notes a type that borrows, and gives one that does not.
fn note(kind: &Type, told: &mut HashSet<String>, errors: &mut Errors) -> Option<Type> {
    if !borrows(kind) {
        return None;
    }
    let owned = without_references(kind.to_token_stream());
    if told.insert(text(kind)) {
        let instead = written(&owned);
        errors.at(kind, format!("a conversation is stored, so what is in it is not borrowed: write `{instead}`"));
    }
    parse2(owned).ok()
}

/// Whether there is a reference in the type, and none in the arguments of a function.
pub(in crate::flow) fn borrows(kind: &Type) -> bool {
    !is_function(&kind.to_token_stream()) && has_reference(kind.to_token_stream())
}

fn is_function(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(word) => ["fn", "Fn", "FnMut", "FnOnce"].iter().any(|function| word == function),
        TokenTree::Group(group) => is_function(&group.stream()),
        _ => false,
    })
}

fn has_reference(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(sign) => sign.as_char() == '&',
        TokenTree::Group(group) => has_reference(group.stream()),
        _ => false,
    })
}

/// `String` for `&'static str`, `Vec<u8>` for `&[u8]`, and `u8` for `&u8`.
fn without_references(tokens: TokenStream) -> TokenStream {
    let mut owned = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenTree::Punct(sign) = &token else {
            owned.extend([match token {
                TokenTree::Group(group) => Group::new(group.delimiter(), without_references(group.stream())).into(),
                token => token,
            }]);
            continue;
        };
        if sign.as_char() != '&' {
            owned.extend([token]);
            continue;
        }
        // A lifetime is a quote and its name.
        if tokens.next_if(|token| token.to_string() == "'").is_some() {
            tokens.next();
        }
        tokens.next_if(|token| token.to_string() == "mut");
        if tokens.next_if(|token| token.to_string() == "str").is_some() {
            owned.extend(quote!(String));
        } else if let Some(TokenTree::Group(list)) = tokens.next_if(|token| token.to_string().starts_with('[')) {
            let items = without_references(list.stream());
            owned.extend(if items.to_string().contains(';') { quote!([#items]) } else { quote!(Vec<#items>) });
        }
    }
    owned
}

/// `&'static str` for `&str`, whose missing lifetime rustc tells at the field.
fn lasting(tokens: TokenStream) -> TokenStream {
    let mut lasting = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_reference = matches!(&token, TokenTree::Punct(sign) if sign.as_char() == '&');
        match token {
            TokenTree::Group(group) => {
                lasting.extend([TokenTree::from(Group::new(group.delimiter(), self::lasting(group.stream())))]);
            }
            token => lasting.extend([token]),
        }
        if is_reference && tokens.peek().is_some_and(|next| next.to_string() != "'") {
            lasting.extend(quote!('static));
        }
    }
    lasting
}
