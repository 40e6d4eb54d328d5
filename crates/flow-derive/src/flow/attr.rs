//! The words of `#[flow(...)]` and `#[state(...)]`, as they are written.

use proc_macro2::{Ident, TokenTree};
use syn::{
    Attribute, Error, Expr, ExprLit, Lit, LitInt, LitStr, Result, Token, Type, parenthesized,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    token,
};

use crate::{errors::Errors, names::nearest};

/// One item of `#[flow(...)]`.
pub(super) enum FlowWord {
    Name(LitStr),
    Version(LitInt),
    Shared(Box<Type>),
    Module(Ident),
    Anywhere(Vec<AnywhereWord>),
}

/// One entry of `anywhere(...)`.
pub(super) enum AnywhereWord {
    To { word: LitStr, target: Ident },
    Back(Ident),
    Help(Ident),
}

/// One item of `#[state(...)]`, beside the word that names it.
pub(super) enum StateWord {
    Start,
    End,
    Checkpoint,
    Answer,
    Handled,
    Silent,
    Ask(LitStr),
    Say(LitStr),
    Choices(Vec<LitStr>),
    To(Vec<Ident>),
    Alias(Vec<LitStr>),
    After(LitStr, Ident),
    Tries(LitInt, Ident),
    Without(Vec<WithoutWord>),
}

/// One entry of `without(...)`.
pub(super) enum WithoutWord {
    Said(LitStr),
    Named(Ident),
}

/// An item with the word that names it, where its mistakes are told.
pub(super) struct Named<T> {
    pub(super) word: Ident,
    pub(super) item: T,
}

/// The items of all attributes called `name`. A mistake in one item leaves the others as they are.
pub(super) fn items<T>(attributes: &[Attribute], name: &str, errors: &mut Errors) -> Vec<Named<T>>
where
    Named<T>: Parse,
{
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
            // What a faulty item left unread is no second mistake.
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

impl Parse for Named<FlowWord> {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let word: Ident = input.parse()?;
        let item = match word.to_string().as_str() {
            "name" => FlowWord::Name(value(input, &word, "\"booking\"")?),
            "version" => FlowWord::Version(value(input, &word, "1")?),
            "shared" => FlowWord::Shared(Box::new(value(input, &word, "Order")?)),
            "module" => FlowWord::Module(value(input, &word, "booking")?),
            "anywhere" => FlowWord::Anywhere(list(input, &word, "\"cancel\" => Cancelled, back, help")?),
            _ => return Err(unknown(&word, &["name", "version", "shared", "module", "anywhere"])),
        };
        Ok(Self { word, item })
    }
}

impl Parse for Named<StateWord> {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let word: Ident = input.parse()?;
        let item = match word.to_string().as_str() {
            "start" => StateWord::Start,
            "end" => StateWord::End,
            "checkpoint" => StateWord::Checkpoint,
            "answer" => StateWord::Answer,
            "handled" => StateWord::Handled,
            "silent" => StateWord::Silent,
            "ask" => StateWord::Ask(value(input, &word, "\"What is your name?\"")?),
            "say" => StateWord::Say(value(input, &word, "\"All set, {name}.\"")?),
            "choices" => StateWord::Choices(list(input, &word, "\"Yes\", \"No\"")?),
            "to" => StateWord::To(list(input, &word, "NextState")?),
            "alias" => StateWord::Alias(list(input, &word, "\"OLD_NAME\"")?),
            "after" => pair(input, &word, "\"24h\", NextState").map(|(time, target)| StateWord::After(time, target))?,
            "tries" => pair(input, &word, "3, NextState").map(|(count, target)| StateWord::Tries(count, target))?,
            "without" => StateWord::Without(list(input, &word, "\"cancel\", back")?),
            _ => return Err(unknown(&word, STATE_WORDS)),
        };
        Ok(Self { word, item })
    }
}

const STATE_WORDS: &[&str] = &[
    "start",
    "end",
    "to",
    "ask",
    "say",
    "silent",
    "choices",
    "answer",
    "handled",
    "checkpoint",
    "alias",
    "after",
    "tries",
    "without",
];

impl Parse for AnywhereWord {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) {
            let word = input.parse()?;
            input.parse::<Token![=>]>()?;
            return Ok(Self::To { word, target: input.parse()? });
        }
        let word: Ident = input.parse()?;
        match word.to_string().as_str() {
            "back" => Ok(Self::Back(word)),
            "help" => Ok(Self::Help(word)),
            _ => Err(Error::new(word.span(), "expected `\"word\" => State`, `back` or `help`")),
        }
    }
}

impl Parse for WithoutWord {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) { input.parse().map(Self::Said) } else { input.parse().map(Self::Named) }
    }
}

impl WithoutWord {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Said(word) => word.value(),
            Self::Named(word) => word.to_string(),
        }
    }
}

/// `= value`
fn value<T: Parse>(input: ParseStream<'_>, word: &Ident, example: &str) -> Result<T> {
    let usage = || Error::new(word.span(), format!("write it as `{word} = {example}`"));
    input.parse::<Token![=]>().map_err(|_| usage())?;
    let fork = input.fork();
    input.parse().map_err(|_| match fork.parse::<Expr>() {
        Ok(Expr::Lit(ExprLit { lit: Lit::Str(_) | Lit::Int(_), .. })) | Err(_) => usage(),
        Ok(other) => Error::new_spanned(other, format!("write it as `{word} = {example}`")),
    })
}

/// `(one, two, …)`, at least one
fn list<T: Parse>(input: ParseStream<'_>, word: &Ident, example: &str) -> Result<Vec<T>> {
    let content = in_parentheses(input, word, example)?;
    if content.is_empty() {
        return Err(Error::new(word.span(), format!("write it as `{word}({example})`")));
    }
    Ok(Punctuated::<T, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

/// `(one, two)`
fn pair<A: Parse, B: Parse>(input: ParseStream<'_>, word: &Ident, example: &str) -> Result<(A, B)> {
    let content = in_parentheses(input, word, example)?;
    let read = || -> Result<(A, B)> {
        let first = content.parse()?;
        content.parse::<Token![,]>()?;
        Ok((first, content.parse()?))
    };
    read().map_err(|error| Error::new(error.span(), format!("write it as `{word}({example})`")))
}

fn in_parentheses<'i>(input: ParseStream<'i>, word: &Ident, example: &str) -> Result<syn::parse::ParseBuffer<'i>> {
    if !input.peek(token::Paren) {
        return Err(Error::new(word.span(), format!("write it as `{word}({example})`")));
    }
    let content;
    parenthesized!(content in input);
    Ok(content)
}

fn unknown(word: &Ident, words: &[&str]) -> Error {
    let hint = match nearest(&word.to_string(), words.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it is one of: {}", words.join(", ")),
    };
    Error::new(word.span(), format!("there is no `{word}` here; {hint}"))
}
