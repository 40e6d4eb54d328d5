//! An attribute's tokens in pieces, at its commas.

use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

use super::{Vocabulary, written};
use crate::errors::Errors;

/// What stands between the commas of a list; nothing of a comma too many.
pub(crate) fn split(tokens: TokenStream) -> Vec<TokenStream> {
    at_commas(tokens)
        .into_iter()
        .map(|(piece, _)| piece.into_iter().collect())
        .filter(|piece: &TokenStream| !piece.is_empty())
        .collect()
}

/// The items of an attribute. Notes a comma that is missing, one too many, and a semicolon for one.
pub(super) fn pieces(tokens: TokenStream, vocabulary: &Vocabulary, errors: &mut Errors) -> Vec<TokenStream> {
    let mut pieces = Vec::new();
    for (piece, comma) in at_commas(tokens) {
        if piece.is_empty()
            && let Some(comma) = comma
        {
            errors.at(comma, "a comma too many: remove it");
        }
        let mut rest: &[TokenTree] = &piece;
        while !rest.is_empty() {
            let (item, after) = rest.split_at(end(rest, vocabulary));
            pieces.push(item.iter().cloned().collect());
            rest = after;
            if let Some((TokenTree::Punct(sign), after)) = rest.split_first() {
                errors.at(sign, "items are separated by commas: write `,`");
                rest = after;
            } else if let (Some(last), Some(word)) = (item.last(), rest.first()) {
                let both: TokenStream = [last.clone(), word.clone()].into_iter().collect();
                let text = format!("{}, {word}", written(&last.to_token_stream()));
                errors.at(both, format!("a comma is missing: write `{text}`"));
            }
        }
    }
    pieces
}

/// Where the first item ends: before a semicolon, or before a word that begins another.
fn end(tokens: &[TokenTree], vocabulary: &Vocabulary) -> usize {
    let begins = |place: usize| {
        let is_value = matches!(&tokens[place - 1], TokenTree::Punct(_));
        let follows = tokens.get(place + 1);
        match &tokens[place] {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            // Two words alone may be two values, as `Confirm Left` without its brackets.
            TokenTree::Ident(word) => {
                let is_path = matches!(follows, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
                !is_value && !is_path && vocabulary.has(&word.to_string())
            }
            _ => false,
        }
    };
    (1..tokens.len()).find(|&place| begins(place)).unwrap_or(tokens.len())
}

/// The tokens between commas, each with the comma after it. A comma within `<>` is one of a type.
fn at_commas(tokens: TokenStream) -> Vec<(Vec<TokenTree>, Option<Punct>)> {
    let (mut pieces, mut piece): (Vec<_>, Vec<TokenTree>) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    for token in tokens {
        let TokenTree::Punct(punct) = &token else {
            piece.push(token);
            continue;
        };
        let is_arrow = matches!(piece.last(), Some(TokenTree::Punct(before)) if before.spacing() == Spacing::Joint && matches!(before.as_char(), '=' | '-'));
        match punct.as_char() {
            ',' if depth == 0 => {
                pieces.push((std::mem::take(&mut piece), Some(punct.clone())));
                continue;
            }
            '<' => depth += 1,
            '>' if !is_arrow => depth = depth.saturating_sub(1),
            _ => {}
        }
        piece.push(token);
    }
    if !piece.is_empty() {
        pieces.push((piece, None));
    }
    pieces
}
