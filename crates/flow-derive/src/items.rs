//! Reading an attribute: its items, separated by commas, and the forms that an item is written in.

use proc_macro2::{Ident, TokenTree};
use syn::{
    Attribute, Error, Path, Result, Token,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseBuffer, ParseStream},
    punctuated::Punctuated,
    token,
};

use crate::{errors::Errors, names::nearest};

/// An item with the word that names it, where its mistakes are told.
pub(crate) struct Named<T> {
    pub(crate) word: Ident,
    pub(crate) item: T,
}

/// The items of all attributes called `name`. A mistake in one item leaves the others as they are.
pub(crate) fn items<T: Parse>(attributes: &[Attribute], name: &str, errors: &mut Errors) -> Vec<T> {
    let mut items = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        let mut mistakes = Vec::new();
        let read = attribute.parse_args_with(|input: ParseStream<'_>| {
            while !input.is_empty() {
                match input.parse().and_then(|item| comma(input).map(|()| item)) {
                    Ok(item) => items.push(item),
                    Err(mistake) => {
                        mistakes.push(mistake);
                        skip_item(input)?;
                    }
                }
            }
            Ok(())
        });
        match read {
            // The parser also complains of what a faulty item left unread, which is no second mistake.
            Err(error) if mistakes.is_empty() => errors.push(error),
            _ => mistakes.into_iter().for_each(|mistake| errors.push(mistake)),
        }
    }
    items
}

fn comma(input: ParseStream<'_>) -> Result<()> {
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(())
}

fn skip_item(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && input.parse::<Option<Token![,]>>()?.is_none() {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// Notes a word that was given before.
pub(crate) fn once(word: &Ident, given: &mut Vec<Ident>, errors: &mut Errors) {
    if given.contains(word) {
        errors.at(word, format!("`{word}` is given already: write all of it in one place"));
    }
    given.push(word.clone());
}

/// The word that names an item. It may be a keyword, as `crate` is.
pub(crate) fn word(input: ParseStream<'_>) -> Result<Ident> {
    input.call(Ident::parse_any)
}

/// `= value`
pub(crate) fn value<T: Parse>(input: ParseStream<'_>, word: &Ident, example: &str) -> Result<T> {
    after_equals(input, word, example, T::parse)
}

/// `= some::path`
pub(crate) fn path(input: ParseStream<'_>, word: &Ident) -> Result<Path> {
    after_equals(input, word, "some::path", Path::parse_mod_style)
}

/// Mistakes are told at the value, or at the word if there is no value.
fn after_equals<T>(
    input: ParseStream<'_>,
    word: &Ident,
    example: &str,
    parse: fn(ParseStream<'_>) -> Result<T>,
) -> Result<T> {
    let usage = |span| Error::new(span, format!("write it as `{word} = {example}`"));
    input.parse::<Token![=]>().map_err(|_| usage(word.span()))?;
    let has_value = !input.is_empty() && !input.peek(Token![,]);
    let span = if has_value { input.span() } else { word.span() };
    parse(input).map_err(|_| usage(span))
}

/// `(one, two, …)`, at least one
pub(crate) fn list<T: Parse>(input: ParseStream<'_>, word: &Ident, example: &str) -> Result<Vec<T>> {
    let content = in_parentheses(input, word, example)?;
    if content.is_empty() {
        return Err(Error::new(word.span(), format!("write it as `{word}({example})`")));
    }
    Ok(Punctuated::<T, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

/// `(one, two)`
pub(crate) fn pair<A: Parse, B: Parse>(input: ParseStream<'_>, word: &Ident, example: &str) -> Result<(A, B)> {
    let content = in_parentheses(input, word, example)?;
    let read = || -> Result<(A, B)> {
        let first = content.parse()?;
        content.parse::<Token![,]>()?;
        Ok((first, content.parse()?))
    };
    read().map_err(|error| Error::new(error.span(), format!("write it as `{word}({example})`")))
}

fn in_parentheses<'i>(input: ParseStream<'i>, word: &Ident, example: &str) -> Result<ParseBuffer<'i>> {
    if !input.peek(token::Paren) {
        return Err(Error::new(word.span(), format!("write it as `{word}({example})`")));
    }
    let content;
    parenthesized!(content in input);
    Ok(content)
}

/// The mistake of a word that does not exist.
pub(crate) fn unknown(word: &Ident, words: &[&str]) -> Error {
    let hint = match nearest(&word.to_string(), words.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it is one of: {}", words.join(", ")),
    };
    Error::new(word.span(), format!("there is no `{word}` here; {hint}"))
}
