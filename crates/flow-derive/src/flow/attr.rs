//! The words of `#[flow(...)]` and `#[state(...)]`, as they are written.

use std::fmt;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Error, LitInt, LitStr, Path, Result, Token, Type,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    token,
};

use crate::{
    items::{Named, list, pair, path, unknown, value, word},
    names::{plain, snake, variant, words},
};

/// One item of `#[flow(...)]`.
pub(super) enum FlowWord {
    Crate(Path),
    Name(LitStr),
    Version(LitInt),
    Shared(Box<Type>),
    Module(Ident),
    Anywhere(Vec<AnywhereWord>),
    Effects(Vec<CarriedWord>),
}

/// One entry of `anywhere(...)`.
pub(super) enum AnywhereWord {
    To { word: LitStr, target: Target },
    Back(Ident),
    Help(Ident),
}

/// One item of `#[state(...)]`.
pub(super) enum StateWord {
    Start,
    End,
    Checkpoint,
    Answer(Option<Box<Type>>),
    Handled,
    Silent,
    Endless,
    Ask(LitStr),
    Say(LitStr),
    Choices(Vec<ChoiceWord>),
    ChoicesOf(Box<Type>),
    Offers(Box<Type>),
    Signals(Vec<CarriedWord>),
    Remind(RemindWord),
    To(Vec<Target>),
    Alias(Vec<LitStr>),
    After(LitStr, Target),
    Tries(LitInt, Target),
    Without(Vec<WithoutWord>),
}

/// The name of a state, as the user wrote it: `Confirm`, or `Signup::Confirm`.
pub(super) struct Target {
    /// What stands before the name.
    pub(super) path: Vec<Ident>,
    pub(super) ident: Ident,
}

impl ChoiceWord {
    /// What the visitor reads.
    pub(super) fn label(&self) -> String {
        self.words.first().map_or_else(|| words(&self.ident.unraw().to_string()), LitStr::value)
    }
}

impl Target {
    /// As it is written, with its path.
    pub(super) fn whole(&self) -> TokenStream {
        let (path, ident) = (&self.path, &self.ident);
        quote!(#(#path::)* #ident)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ident.fmt(f)
    }
}

impl ToTokens for Target {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.ident.to_tokens(tokens);
    }
}

impl PartialEq<Ident> for Target {
    fn eq(&self, other: &Ident) -> bool {
        self.ident == *other
    }
}

/// One entry of `choices(...)`: `Yes`, or `Yes("Certainly", "sure")`.
pub(super) struct ChoiceWord {
    pub(super) ident: Ident,
    /// The label, and further words that are understood; none if the name says it.
    pub(super) words: Vec<LitStr>,
}

/// One entry of `signals(...)` or `effects(...)`: `Paid(Receipt)`, `Refused`, or `Refused = "old_name"`.
pub(super) struct CarriedWord {
    pub(super) ident: Ident,
    /// Its part of the names of handler methods: `paid`.
    pub(super) method: Ident,
    pub(super) kind: Option<Type>,
    /// The name in records and on the wire; the ident unless given.
    pub(super) name: Option<LitStr>,
}

/// `remind(Link)`, or `remind("1h", Link)`
pub(super) struct RemindWord {
    pub(super) after: Option<LitStr>,
    pub(super) ident: Ident,
    /// Its part of the names of handler methods.
    pub(super) method: Ident,
    pub(super) name: Option<LitStr>,
}

/// One entry of `without(...)`.
pub(super) enum WithoutWord {
    Said(LitStr),
    Named(Ident),
}

impl Parse for Named<FlowWord> {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let word = word(input)?;
        let item = match word.to_string().as_str() {
            "crate" => FlowWord::Crate(path(input, &word)?),
            "name" => FlowWord::Name(value(input, &word, "\"booking\"")?),
            "version" => FlowWord::Version(value(input, &word, "1")?),
            "shared" => FlowWord::Shared(Box::new(value(input, &word, "Order")?)),
            "module" => FlowWord::Module(value(input, &word, "booking")?),
            "effects" => FlowWord::Effects(list(input, &word, "SendMail(Mail), Ring")?),
            "anywhere" => FlowWord::Anywhere(list(input, &word, "\"cancel\" => Cancelled, back, help")?),
            _ => return Err(unknown(&word, FLOW_WORDS)),
        };
        Ok(Self { word, item })
    }
}

impl Parse for Named<StateWord> {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let word = word(input)?;
        let item = match word.to_string().as_str() {
            "start" => StateWord::Start,
            "end" => StateWord::End,
            "checkpoint" => StateWord::Checkpoint,
            "answer" if input.peek(Token![=]) => StateWord::Answer(Some(Box::new(value(input, &word, "u8")?))),
            "answer" => StateWord::Answer(None),
            "handled" => StateWord::Handled,
            "silent" => StateWord::Silent,
            "endless" => StateWord::Endless,
            "ask" => StateWord::Ask(value(input, &word, "\"What is your name?\"")?),
            "say" => StateWord::Say(value(input, &word, "\"All set, {name}.\"")?),
            "choices" if input.peek(Token![=]) => StateWord::ChoicesOf(Box::new(value(input, &word, "Size")?)),
            "choices" => StateWord::Choices(choices(input, &word)?),
            "offers" => StateWord::Offers(Box::new(value(input, &word, "Slot")?)),
            "signals" => StateWord::Signals(list(input, &word, "Paid(Receipt), Refused")?),
            "remind" => StateWord::Remind(one(input, &word, "Waiting")?),
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

const FLOW_WORDS: &[&str] = &["name", "version", "shared", "module", "anywhere", "effects", "crate"];

const STATE_WORDS: &[&str] = &[
    "start",
    "end",
    "to",
    "ask",
    "say",
    "silent",
    "choices",
    "offers",
    "signals",
    "remind",
    "answer",
    "handled",
    "checkpoint",
    "alias",
    "after",
    "tries",
    "without",
    "endless",
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

impl Parse for Target {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let (mut path, mut ident) = (Vec::new(), input.call(Ident::parse_any)?);
        while input.parse::<Option<Token![::]>>()?.is_some() {
            path.push(ident);
            ident = input.call(Ident::parse_any)?;
        }
        Ok(Self { path, ident })
    }
}

/// `(Yes("Yes", "sure"), No)`
fn choices(input: ParseStream<'_>, word: &Ident) -> Result<Vec<ChoiceWord>> {
    if let Ok(strings) = list::<LitStr>(&input.fork(), word, "") {
        let content;
        parenthesized!(content in input);
        content.parse::<TokenStream>()?;
        let names: Vec<_> = strings.iter().map(|string| variant(&string.value())).collect();
        let message = format!("each choice has a name: write `choices({})`", names.join(", "));
        let mut error = Error::new_spanned(&strings[0], &message);
        if let Some(last) = strings.last().filter(|_| strings.len() > 1) {
            error = Error::new(strings[0].span().join(last.span()).unwrap_or(strings[0].span()), message);
        }
        return Err(error);
    }
    list(input, word, "Yes, No")
}

/// `(Waiting)`
fn one<T: Parse>(input: ParseStream<'_>, word: &Ident, example: &str) -> Result<T> {
    let usage = |span| Error::new(span, format!("write it as `{word}({example})`"));
    if !input.peek(token::Paren) {
        return Err(usage(word.span()));
    }
    let content;
    parenthesized!(content in input);
    if content.is_empty() {
        return Err(usage(word.span()));
    }
    let item = content.parse()?;
    if content.is_empty() { Ok(item) } else { Err(usage(content.span())) }
}

impl Parse for ChoiceWord {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) {
            let label: LitStr = input.parse()?;
            let message = format!("a choice has a name: write `{}`", variant(&label.value()));
            return Err(Error::new(label.span(), message));
        }
        let ident = input.parse::<Ident>().map_err(|error| {
            Error::new(
                error.span(),
                "a choice has a name, and perhaps labels: `Yes`, or `Yes(\"Certainly\", \"sure\")`",
            )
        })?;
        let mut words = Vec::new();
        if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            let usage = || format!("the words of a choice are strings: write `{ident}(\"Certainly\", \"sure\")`");
            let read = Punctuated::<LitStr, Token![,]>::parse_terminated(&content);
            words = read.map_err(|error| Error::new(error.span(), usage()))?.into_iter().collect();
        }
        Ok(Self { ident, words })
    }
}

impl Parse for CarriedWord {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let usage = "write its name, and in brackets what it carries: `Paid(Receipt)`, or `Refused`";
        let ident = input.parse::<Ident>().map_err(|error| Error::new(error.span(), usage))?;
        let mut kind = None;
        if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            kind = Some(content.parse::<Type>().map_err(|error| Error::new(error.span(), usage))?);
            if !content.is_empty() {
                return Err(Error::new(content.span(), "it carries one value: give it a struct with these in it"));
            }
        }
        Ok(Self { method: method(&ident), ident, kind, name: stored_name(input)? })
    }
}

impl Parse for RemindWord {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let after = if input.peek(LitStr) {
            let after = input.parse()?;
            input.parse::<Token![,]>()?;
            Some(after)
        } else {
            None
        };
        let ident = input.parse()?;
        Ok(Self { after, method: method(&ident), ident, name: stored_name(input)? })
    }
}

fn method(ident: &Ident) -> Ident {
    Ident::new(&snake(&plain(ident)), ident.span())
}

/// `= "old_name"`, if it stands there
fn stored_name(input: ParseStream<'_>) -> Result<Option<LitStr>> {
    Ok(if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None })
}

impl AnywhereWord {
    /// What the visitor says.
    pub(super) fn text(&self) -> String {
        match self {
            Self::To { word, .. } => word.value(),
            Self::Back(word) | Self::Help(word) => word.to_string(),
        }
    }

    /// As it stands in `without(...)`.
    pub(super) fn written(&self) -> String {
        match self {
            Self::To { word, .. } => format!("{:?}", word.value()),
            Self::Back(word) | Self::Help(word) => word.to_string(),
        }
    }
}

impl Parse for WithoutWord {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) { input.parse().map(Self::Said) } else { input.parse().map(Self::Named) }
    }
}

impl ToTokens for WithoutWord {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Said(word) => word.to_tokens(tokens),
            Self::Named(word) => word.to_tokens(tokens),
        }
    }
}

impl WithoutWord {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Said(word) => word.value(),
            Self::Named(word) => word.to_string(),
        }
    }

    /// As it stands in `without(...)`.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Said(word) => format!("{:?}", word.value()),
            Self::Named(word) => word.to_string(),
        }
    }
}
