//! Tokens as text, to be proposed, and text as tokens, to be read instead of a mistake.

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use syn::{Lit, LitStr, parse2};

/// The tokens as they would be written.
pub(crate) fn written(tokens: &TokenStream) -> String {
    let text = tokens.to_string();
    // A compiler writes them so. What stands in quotes is left as it is.
    if text.contains(['"', '\'']) {
        return text;
    }
    let gaps =
        [(" ::", "::"), (":: ", "::"), (" (", "("), (" <", "<"), ("< ", "<"), (" >", ">"), (" ,", ","), (" .", ".")];
    gaps.into_iter().fold(text, |text, (gap, closed)| text.replace(gap, closed))
}

/// The text as tokens, all told at one place. What cannot be read is nothing.
pub(crate) fn spanned(text: &str, span: Span) -> TokenStream {
    let tokens: TokenStream = text.parse().unwrap_or_default();
    at(tokens, span)
}

fn at(tokens: TokenStream, span: Span) -> TokenStream {
    let each = tokens.into_iter().map(|mut token| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), at(group.stream(), span)).into();
        }
        token.set_span(span);
        token
    });
    each.collect()
}

/// All literals, those in brackets too.
pub(crate) fn literals(tokens: &TokenStream) -> Vec<Literal> {
    let each = tokens.clone().into_iter().flat_map(|token| match token {
        TokenTree::Literal(literal) => vec![literal],
        TokenTree::Group(group) => literals(&group.stream()),
        TokenTree::Ident(_) | TokenTree::Punct(_) => Vec::new(),
    });
    each.collect()
}

/// The one text that the tokens are.
pub(crate) fn string(tokens: &TokenStream) -> Option<String> {
    parse2::<LitStr>(tokens.clone()).ok().map(|text| text.value())
}

/// The tokens as a text in quotes, with letters in it: the one that they hold, or they themselves.
pub(crate) fn quoted(tokens: &TokenStream) -> Option<String> {
    let held = literals(tokens).into_iter().find_map(|literal| match Lit::new(literal) {
        Lit::Str(text) => Some(text.value()),
        Lit::ByteStr(bytes) => String::from_utf8(bytes.value()).ok(),
        Lit::CStr(text) => text.value().into_string().ok(),
        Lit::Char(letter) => Some(letter.value().to_string()),
        _ => None,
    });
    let text = held.unwrap_or_else(|| {
        let is_name = |letter: &char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | ':' | ' ');
        written(tokens).chars().filter(is_name).collect()
    });
    (!text.trim().is_empty()).then(|| format!("{text:?}"))
}

/// The text in quotes that the tokens come to: of several texts all of them, of a format the one with its arguments.
pub(crate) fn sentence(tokens: &TokenStream) -> Option<String> {
    joined(tokens).or_else(|| filled(tokens)).map(|text| format!("{text:?}")).or_else(|| quoted(tokens))
}

/// `"ab"` of `"a" "b"`, of `"a" + "b"` and of `concat!("a", "b")`
fn joined(tokens: &TokenStream) -> Option<String> {
    let all: Vec<_> = tokens.clone().into_iter().collect();
    if let [TokenTree::Ident(name), _, TokenTree::Group(group)] = &all[..]
        && name == "concat"
    {
        return joined(&group.stream());
    }
    let texts = all.into_iter().filter(|token| !matches!(token, TokenTree::Punct(_)));
    let texts: Vec<_> = texts.map(|token| string(&token.into())).collect::<Option<_>>()?;
    (texts.len() > 1).then(|| texts.concat())
}

/// `"For {guests}?"` of `("For {}?", guests)`
fn filled(tokens: &TokenStream) -> Option<String> {
    let group = tokens.clone().into_iter().find_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    })?;
    let mut all = group.into_iter().filter(|token| !matches!(token, TokenTree::Punct(_)));
    let text = string(&all.next()?.into())?;
    let names: Vec<_> = all.map(|token| parse2::<Ident>(token.into()).ok()).collect::<Option<_>>()?;
    let is_meant = !names.is_empty() && text.matches("{}").count() == names.len();
    is_meant.then(|| names.iter().fold(text, |text, name| text.replacen("{}", &format!("{{{name}}}"), 1)))
}

/// The first whole number from 1 up that the tokens hold, in quotes or not.
pub(crate) fn number(tokens: &TokenStream) -> Option<u32> {
    let has_sign =
        tokens.clone().into_iter().any(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '-'));
    let mut numbers = literals(tokens).into_iter().filter_map(|literal| match Lit::new(literal) {
        Lit::Int(number) => number.base10_parse().ok(),
        Lit::Str(text) => text.value().trim().parse().ok(),
        _ => None,
    });
    numbers.find(|&number| number > 0 && !has_sign)
}

/// The tokens as text, without the sign that they may begin with.
pub(crate) fn without_sign(tokens: &TokenStream) -> String {
    let is_sign = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if "=:>".contains(punct.as_char()));
    let rest: TokenStream = tokens.clone().into_iter().skip_while(is_sign).collect();
    match parse2::<Group>(rest.clone()) {
        Ok(group) => string(&group.stream()).unwrap_or_else(|| written(&group.stream())),
        Err(_) => string(&rest).unwrap_or_else(|| written(&rest)),
    }
}
