//! The entries of `corrects(...)`.

use proc_macro2::{Ident, TokenStream};
use syn::{
    Error, LitStr, Result as Parsed, Token, parenthesized,
    parse::{Parse, ParseStream},
    parse_str, parse2,
    punctuated::Punctuated,
    token,
};

use super::{
    Meant,
    tokens::{labels, named},
};
use crate::{
    errors::Errors,
    flow::attr::CorrectWord,
    items::{Item, Wrong, string},
    names,
};

/// The entries of `corrects(...)`, on the state with this index or on the flow.
pub(super) fn corrects(item: &Item, index: Option<usize>, meant: &Meant, errors: &mut Errors) -> Vec<CorrectWord> {
    let is_guess = item.is_guess || item.list().is_none();
    let entries = item.entries(&meant.fields(index), correct, errors);
    entries.into_iter().map(|word| CorrectWord { is_guess: is_guess || word.is_guess, ..word }).collect()
}

/// One entry of `corrects(...)`.
fn correct(tokens: &TokenStream) -> Result<CorrectWord, Wrong> {
    let read = parse2(tokens.clone()).map(|word| CorrectWord { entry: tokens.clone(), ..word });
    read.map_err(|_| {
        let (name, rest) = named(tokens);
        let quoted = string(tokens).filter(|text| parse_str::<Ident>(text).is_ok());
        let Some(name) = name.or(quoted.clone()).map(|name| names::snake(&name)) else {
            return Wrong::new("a field stands here by its name, and perhaps labels in brackets", "email");
        };
        let rest = if quoted.is_some() { TokenStream::new() } else { rest };
        let labels: Vec<_> = labels(&rest).iter().map(|label| format!("{label:?}")).collect();
        let instead = if labels.is_empty() { name } else { format!("{name}({})", labels.join(", ")) };
        Wrong::new("a field stands here by its name, and perhaps labels in brackets", instead)
    })
}

impl Parse for CorrectWord {
    fn parse(input: ParseStream<'_>) -> Parsed<Self> {
        let ident = input.parse()?;
        let mut words = Vec::new();
        if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            words = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?.into_iter().collect();
            if words.is_empty() {
                return Err(Error::new(content.span(), "no label"));
            }
        }
        let has_asking = input.peek(Token![=]) && !input.peek(Token![=>]);
        let asked_in = if has_asking {
            input.parse::<Token![=]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        let mut dependents = Vec::new();
        if input.parse::<Option<Token![=>]>>()?.is_some() {
            if input.peek(token::Paren) {
                let content;
                parenthesized!(content in input);
                dependents = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?.into_iter().collect();
            } else {
                dependents.push(input.parse()?);
            }
        }
        Ok(Self { ident, words, asked_in, dependents, is_guess: false, entry: TokenStream::new() })
    }
}
