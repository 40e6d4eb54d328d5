//! What the tokens of a faulty entry hold, from which its proposal is made.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;

use crate::items::{literals, string};

/// The name that an entry begins with, and what follows it.
pub(super) fn named(tokens: &TokenStream) -> (Option<String>, TokenStream) {
    let mut rest = tokens.clone().into_iter();
    match rest.next() {
        Some(TokenTree::Ident(name)) => (Some(name.to_string()), rest.collect()),
        _ => (None, tokens.clone()),
    }
}

/// What a choice may be called in these tokens: the texts, or else all words.
pub(super) fn labels(tokens: &TokenStream) -> Vec<String> {
    let texts = texts(tokens);
    if texts.is_empty() { words(tokens) } else { texts }
}

/// The tokens behind the path that they begin with: `Mail(Ticket)` of `BookingEffect::Mail(Ticket)`.
pub(super) fn without_path(tokens: &TokenStream) -> TokenStream {
    let all: Vec<_> = tokens.clone().into_iter().collect();
    let is_sign = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ':');
    let mut rest = &all[..];
    while let [TokenTree::Ident(_), first, second, after @ ..] = rest
        && is_sign(first)
        && is_sign(second)
    {
        rest = after;
    }
    rest.iter().cloned().collect()
}

/// What stands between signs.
pub(super) fn without_signs(tokens: &TokenStream) -> Vec<TokenStream> {
    let all: Vec<_> = tokens.clone().into_iter().collect();
    let parts = all.split(|token| matches!(token, TokenTree::Punct(_))).filter(|part| !part.is_empty());
    parts.map(|part| part.iter().cloned().collect()).collect()
}

/// What stands behind signs, or in angle brackets.
pub(super) fn within_angles(tokens: &TokenStream) -> TokenStream {
    let all: Vec<_> = tokens.clone().into_iter().collect();
    let is = |token: &TokenTree, sign| matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign);
    match &all[..] {
        [first, inner @ .., last] if is(first, '<') && is(last, '>') => inner.iter().cloned().collect(),
        _ => all.into_iter().skip_while(|token| matches!(token, TokenTree::Punct(_))).collect(),
    }
}

/// Whether an equals sign follows the name.
pub(super) fn has_equals(tokens: &TokenStream) -> bool {
    matches!(tokens.clone().into_iter().nth(1), Some(TokenTree::Punct(sign)) if sign.as_char() == '=')
}

/// What stands after the first colon of a field; all of it if there is none.
pub(super) fn after_colon(tokens: &TokenStream) -> TokenStream {
    let all: Vec<_> = tokens.clone().into_iter().collect();
    let colon = all.iter().position(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == proc_macro2::Spacing::Alone));
    all.into_iter().skip(colon.map_or(0, |place| place + 1)).collect()
}

/// All names, numbers and texts in the tokens.
fn words(tokens: &TokenStream) -> Vec<String> {
    let each = tokens.clone().into_iter().flat_map(|token| match &token {
        TokenTree::Ident(ident) => vec![ident.to_string()],
        TokenTree::Literal(literal) => vec![string(&token.to_token_stream()).unwrap_or_else(|| literal.to_string())],
        TokenTree::Group(group) if group.delimiter() != Delimiter::None => words(&group.stream()),
        TokenTree::Group(_) | TokenTree::Punct(_) => Vec::new(),
    });
    each.collect()
}

/// All texts in the tokens, those in brackets too.
pub(super) fn texts(tokens: &TokenStream) -> Vec<String> {
    literals(tokens).into_iter().filter_map(|literal| string(&TokenTree::from(literal).into())).collect()
}
