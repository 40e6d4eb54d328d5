//! The words of `#[flow(...)]` and `#[state(...)]`, as they are written.

use std::fmt;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{LitInt, LitStr, Path, Token, Type, ext::IdentExt};

use crate::names::words;

/// One item of `#[flow(...)]`.
pub(super) enum FlowWord {
    Crate(Path),
    Name(LitStr),
    Version(LitInt),
    Shared(Box<Type>),
    Module(Ident),
    Anywhere(Vec<AnywhereWord>),
    Effects(Vec<CarriedWord>),
    Waiting(LitStr),
    Corrects(Vec<CorrectWord>),
    Opens(Vec<OpensWord>),
}

/// One entry of `anywhere(...)`.
pub(super) enum AnywhereWord {
    To {
        word: LitStr,
        target: Target,
        arrow: Token![=>],
    },
    /// `aside("/hours" => Hours)`
    Aside {
        aside: Ident,
        word: LitStr,
        target: Target,
        arrow: Token![=>],
    },
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
    Run(Box<Type>),
    Begin,
    Corrects(Vec<CorrectWord>),
    Signals(Vec<CarriedWord>),
    Remind(RemindWord),
    To(Vec<Target>),
    Alias(Vec<LitStr>),
    After(AfterWord),
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
    /// All of it.
    pub(super) entry: TokenStream,
}

/// One entry of `corrects(...)`: `email`, `email("Change e-mail", "other mail")`, `slot = When`, `address => slot`.
pub(super) struct CorrectWord {
    /// The field.
    pub(super) ident: Ident,
    /// The label, and further words that are understood; none if the field says it.
    pub(super) words: Vec<LitStr>,
    /// The state that asks for it, where it is not inferred.
    pub(super) asked_in: Option<Target>,
    /// What is asked again once it is corrected, in this order.
    pub(super) dependents: Vec<Ident>,
    /// Whether it stands for an item that is faulty, and has its mistake.
    pub(super) is_guess: bool,
    /// All of it.
    pub(super) entry: TokenStream,
}

impl CorrectWord {
    /// What the visitor reads, and writes.
    pub(super) fn texts(&self) -> Vec<String> {
        if self.words.is_empty() {
            return vec![format!("Change {}", self.ident.unraw().to_string().replace('_', " "))];
        }
        self.words.iter().map(LitStr::value).collect()
    }
}

/// One entry of `opens(...)`: `"book" => Visit`
pub(super) struct OpensWord {
    pub(super) payload: LitStr,
    pub(super) target: Target,
}

/// One entry of `signals(...)` or `effects(...)`: `Paid(Receipt)`, `Refused`, or `Refused = "old_name"`.
pub(super) struct CarriedWord {
    pub(super) ident: Ident,
    /// Its part of the names of handler methods: `paid`.
    pub(super) method: Ident,
    pub(super) kind: Option<Type>,
    /// The name in records and on the wire; the ident unless given.
    pub(super) name: Option<LitStr>,
    /// All of it.
    pub(super) entry: TokenStream,
}

/// `after("24h", Confirm)`
pub(super) struct AfterWord {
    pub(super) time: LitStr,
    pub(super) target: Target,
    /// All of it.
    pub(super) item: TokenStream,
}

/// `remind(Link)`, or `remind("1h", Link)`
pub(super) struct RemindWord {
    pub(super) after: Option<LitStr>,
    pub(super) ident: Ident,
    /// Its part of the names of handler methods.
    pub(super) method: Ident,
    pub(super) name: Option<LitStr>,
    /// All of it, with its word.
    pub(super) item: TokenStream,
}

/// One entry of `without(...)`.
pub(super) enum WithoutWord {
    Said(LitStr),
    Named(Ident),
}

impl AnywhereWord {
    /// What the visitor says.
    pub(super) fn text(&self) -> String {
        match self {
            Self::To { word, .. } | Self::Aside { word, .. } => word.value(),
            Self::Back(word) | Self::Help(word) => word.to_string(),
        }
    }

    /// As it stands in `without(...)`.
    pub(super) fn written(&self) -> String {
        match self {
            Self::To { word, .. } | Self::Aside { word, .. } => format!("{:?}", word.value()),
            Self::Back(word) | Self::Help(word) => word.to_string(),
        }
    }
}

impl ToTokens for AnywhereWord {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::To { word, target, arrow } => {
                word.to_tokens(tokens);
                arrow.to_tokens(tokens);
                tokens.extend(target.whole());
            }
            Self::Aside { aside, word, target, arrow } => {
                let target = target.whole();
                tokens.extend(quote!(#aside(#word #arrow #target)));
            }
            Self::Back(word) | Self::Help(word) => word.to_tokens(tokens),
        }
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
