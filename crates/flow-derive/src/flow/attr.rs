//! The words of `#[flow(...)]` and `#[state(...)]`, as they are written.

use proc_macro2::Ident;
use syn::{
    Error, LitInt, LitStr, Path, Result, Token, Type,
    parse::{Parse, ParseStream},
};

use crate::items::{Named, list, pair, path, unknown, value, word};

/// One item of `#[flow(...)]`.
pub(super) enum FlowWord {
    Crate(Path),
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

/// One item of `#[state(...)]`.
pub(super) enum StateWord {
    Start,
    End,
    Checkpoint,
    Answer,
    Handled,
    Silent,
    Endless,
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

impl Parse for Named<FlowWord> {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let word = word(input)?;
        let item = match word.to_string().as_str() {
            "crate" => FlowWord::Crate(path(input, &word)?),
            "name" => FlowWord::Name(value(input, &word, "\"booking\"")?),
            "version" => FlowWord::Version(value(input, &word, "1")?),
            "shared" => FlowWord::Shared(Box::new(value(input, &word, "Order")?)),
            "module" => FlowWord::Module(value(input, &word, "booking")?),
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
            "answer" => StateWord::Answer,
            "handled" => StateWord::Handled,
            "silent" => StateWord::Silent,
            "endless" => StateWord::Endless,
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

const FLOW_WORDS: &[&str] = &["name", "version", "shared", "module", "anywhere", "crate"];

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

impl AnywhereWord {
    pub(super) fn text(&self) -> String {
        match self {
            Self::To { word, .. } => word.value(),
            Self::Back(word) | Self::Help(word) => word.to_string(),
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
