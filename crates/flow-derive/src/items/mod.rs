//! Reading an attribute: its items, separated by commas, and the forms that an item is written in.
//!
//! A mistake is told at exactly the tokens that its proposal replaces, and then read as if the proposal stood there, so that
//! it causes no second mistake.

mod path;
mod pieces;
mod text;
mod vocabulary;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, LitStr, Meta, parse::Parse, parse2, spanned::Spanned};

pub(crate) use self::{
    path::path,
    pieces::split,
    text::{literals, number, quoted, sentence, spanned, string, without_sign, written},
    vocabulary::Vocabulary,
};
use self::{pieces::pieces, vocabulary::Known};
use crate::errors::Errors;

/// What stands between two commas: a word, and what follows it.
pub(crate) struct Item {
    pub(crate) word: Ident,
    rest: TokenStream,
    /// Whether the word is a guess, for one that was misspelt.
    pub(crate) is_guess: bool,
}

/// Why an entry of a list is none, and the entries that are meant.
pub(crate) struct Wrong {
    why: String,
    pub(crate) message: String,
    pub(crate) instead: String,
}

impl Wrong {
    pub(crate) fn new(message: &str, instead: impl Into<String>) -> Self {
        let instead = instead.into();
        Self { why: message.to_owned(), message: format!("{message}: write `{instead}`"), instead }
    }
}

/// The items of all attributes of this vocabulary.
///
/// `bare` is what to write into an attribute that has no list, given what it has instead; none if it is of no use.
pub(crate) fn items(
    attributes: &[Attribute],
    vocabulary: &Vocabulary,
    bare: impl Fn(&TokenStream) -> Option<String>,
    errors: &mut Errors,
) -> Vec<Item> {
    let mut items = Vec::new();
    for attribute in attributes {
        let name = attribute.path().get_ident();
        if attribute.path().is_ident(vocabulary.attribute) {
            items.extend(items_of(attribute, vocabulary, &bare, errors));
        } else if name.is_some_and(|name| vocabulary.owns(name)) {
            items.extend(item_alone(attribute, vocabulary, errors));
        } else if name.is_some_and(|name| vocabulary.is_misspelt(name)) {
            // That there is no such attribute is told by rustc.
            let guesses = items_of(attribute, vocabulary, &bare, &mut Errors::default());
            items.extend(guesses.into_iter().map(|item| Item { is_guess: true, ..item }));
        }
    }
    items
}

/// The item of an attribute that is called as a word: `#[end]`.
fn item_alone(attribute: &Attribute, vocabulary: &Vocabulary, errors: &mut Errors) -> Option<Item> {
    let (path, attribute_name) = (attribute.path(), vocabulary.attribute);
    let item = match &attribute.meta {
        Meta::Path(path) => path.to_token_stream(),
        Meta::List(list) => {
            [path.to_token_stream(), Group::new(Delimiter::Parenthesis, list.tokens.clone()).to_token_stream()]
                .into_iter()
                .collect()
        }
        Meta::NameValue(pair) => pair.to_token_stream(),
    };
    let text = written(&item);
    errors.at(attribute, format!("this is a word of `{attribute_name}`: write `#[{attribute_name}({text})]`"));
    let item = Item::read(&item, vocabulary, &mut Errors::default())?;
    Some(Item { is_guess: true, ..item })
}

fn items_of(
    attribute: &Attribute,
    vocabulary: &Vocabulary,
    bare: impl Fn(&TokenStream) -> Option<String>,
    errors: &mut Errors,
) -> Vec<Item> {
    let name = vocabulary.attribute;
    let tokens = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        other => {
            let value =
                if let Meta::NameValue(pair) = other { pair.value.to_token_stream() } else { TokenStream::new() };
            let Some(bare) = bare(&value) else {
                errors.at(
                    attribute,
                    format!("`#[{name}]` says nothing: remove it, or give it a list, as in `#[{name}(…)]`"),
                );
                return Vec::new();
            };
            errors.at(attribute, format!("`{name}` has a list: write `#[{name}({bare})]`"));
            spanned(&bare, attribute.pound_token.span)
        }
    };
    let pieces = pieces(tokens, vocabulary, errors);
    pieces.into_iter().filter_map(|piece| Item::read(&piece, vocabulary, errors)).collect()
}

impl Item {
    /// An item that begins with a word that there is, or with one that is meant for one.
    fn read(piece: &TokenStream, vocabulary: &Vocabulary, errors: &mut Errors) -> Option<Self> {
        let mut tokens = piece.clone().into_iter();
        let first = tokens.next()?;
        let rest = tokens.collect();
        match vocabulary.word(&first, piece, errors) {
            Known::Word(word) => Some(Self { word, rest, is_guess: false }),
            Known::Guess(word) => Some(Self { word, rest, is_guess: true }),
            Known::Nothing => None,
        }
    }

    pub(crate) fn is(&self, word: &str) -> bool {
        self.word == word
    }

    /// Whether there is an equals sign after the word, and none of an arrow.
    pub(crate) fn has_equals(&self) -> bool {
        let mut tokens = self.rest.clone().into_iter();
        let is_punct =
            |token: Option<TokenTree>, sign| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
        is_punct(tokens.next(), '=') && !is_punct(tokens.next(), '>')
    }

    /// What stands after the equals sign, if anything does.
    pub(crate) fn value(&self) -> Option<TokenStream> {
        let value: TokenStream = self.rest.clone().into_iter().skip(1).collect();
        (self.has_equals() && !value.is_empty()).then_some(value)
    }

    /// The entries in the brackets after the word; none if there are no brackets, or nothing in them.
    pub(crate) fn list(&self) -> Option<Vec<TokenStream>> {
        let mut tokens = self.rest.clone().into_iter();
        match (tokens.next(), tokens.next()) {
            (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Parenthesis => {
                Some(split(group.stream())).filter(|entries| !entries.is_empty())
            }
            _ => None,
        }
    }

    /// What could be entries if the item were written as a list.
    pub(crate) fn loose(&self) -> Vec<TokenStream> {
        let is_sign = |token: &TokenTree| matches!(token, TokenTree::Punct(_));
        let tokens: Vec<_> = self.rest.clone().into_iter().skip_while(is_sign).collect();
        match &tokens[..] {
            [] => Vec::new(),
            [TokenTree::Group(group)] => split(group.stream()),
            tokens => vec![tokens.iter().cloned().collect()],
        }
    }

    /// What follows the word, in whatever form.
    pub(crate) fn rest(&self) -> &TokenStream {
        &self.rest
    }

    /// Notes whatever follows a word that stands alone.
    pub(crate) fn alone(&self, errors: &mut Errors) {
        if !self.rest.is_empty() {
            errors.at(self, format!("this word stands alone: write `{}`", self.word));
        }
    }

    /// Notes that the item is written otherwise: `value` is what follows the word.
    pub(crate) fn usage(&self, value: &str, errors: &mut Errors) {
        errors.at(self, format!("write it as `{}{value}`", self.word));
    }

    /// The value after the equals sign, if it is right.
    ///
    /// `meant` makes the text of a right value from what stands in its place. If it cannot, `example` tells the form.
    pub(crate) fn value_of<T: Parse>(
        &self,
        what: &str,
        is_right: impl Fn(&T) -> bool,
        meant: impl Fn(&TokenStream) -> Option<String>,
        example: &str,
        errors: &mut Errors,
    ) -> Option<T> {
        let value = self.value();
        if let Some(right) = value.clone().and_then(|value| parse2::<T>(value).ok()).filter(&is_right) {
            return Some(right);
        }
        let tokens = value.as_ref().unwrap_or(&self.rest);
        let meant = meant(tokens);
        let text = meant.as_deref().unwrap_or(example);
        match &value {
            Some(value) => errors.at(value, format!("{what}: write `{text}`")),
            None => self.usage(&format!(" = {text}"), errors),
        }
        parse2(spanned(&meant?, self.word.span())).ok()
    }

    /// A text after the equals sign, with letters in it. `what` says what it is.
    pub(crate) fn text(&self, what: &str, example: &str, errors: &mut Errors) -> Option<LitStr> {
        let example = format!("{example:?}");
        let is_blank = self.value().and_then(|value| string(&value)).is_some();
        let what = if is_blank { format!("{what} has letters") } else { format!("{what} is a text in quotes") };
        let meant = |tokens: &TokenStream| Some(sentence(tokens).unwrap_or_else(|| example.clone()));
        self.value_of(&what, |text: &LitStr| !text.value().trim().is_empty(), meant, &example, errors)
    }

    /// The entries in the brackets after the word, each as `entry` reads it.
    ///
    /// `example` is what the brackets hold if there is no telling what is meant.
    pub(crate) fn entries<T>(
        &self,
        example: &str,
        entry: impl Fn(&TokenStream) -> Result<T, Wrong>,
        errors: &mut Errors,
    ) -> Vec<T> {
        let Some(entries) = self.list() else {
            let texts: Vec<_> = self
                .loose()
                .iter()
                .map(|tokens| match entry(tokens) {
                    Ok(_) => written(tokens),
                    Err(wrong) => wrong.instead,
                })
                .collect();
            let texts = texts.join(", ");
            let text = if texts.is_empty() { example } else { &texts };
            self.usage(&format!("({text})"), errors);
            return self.guessed(text, entry);
        };
        read(&entries, entry, errors)
    }

    /// The entries that a proposal has, told at this item. Their mistakes are not noted.
    pub(crate) fn guessed<T>(&self, text: &str, entry: impl Fn(&TokenStream) -> Result<T, Wrong>) -> Vec<T> {
        guessed(text, self.word.span(), entry)
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.word.to_tokens(tokens);
        self.rest.to_tokens(tokens);
    }
}

/// Notes an item whose word was given before, and keeps the others.
pub(crate) fn once(item: &Item, given: &mut Vec<Ident>, errors: &mut Errors) -> bool {
    let is_new = !given.contains(&item.word);
    if !is_new && !item.is_guess {
        errors.at(item, format!("`{}` is given already: remove this, and write all of it there", item.word));
    }
    given.push(item.word.clone());
    is_new
}

/// The entries of a list, each as `entry` reads it. Where it cannot, that is noted, and its proposal is read.
pub(crate) fn entries<T>(
    tokens: TokenStream,
    entry: impl Fn(&TokenStream) -> Result<T, Wrong>,
    errors: &mut Errors,
) -> Vec<T> {
    read(&split(tokens), entry, errors)
}

fn read<T>(entries: &[TokenStream], entry: impl Fn(&TokenStream) -> Result<T, Wrong>, errors: &mut Errors) -> Vec<T> {
    // What is there already would be declared twice.
    let mut given: Vec<_> = entries.iter().map(ToString::to_string).collect();
    let read = entries.iter().flat_map(|tokens| match entry(tokens) {
        Ok(entry) => vec![entry],
        Err(wrong) => {
            let instead = split(spanned(&wrong.instead, tokens.span())).into_iter();
            let new: Vec<_> = instead.filter(|tokens| !given.contains(&tokens.to_string())).collect();
            let message = if new.is_empty() { format!("{}: remove this", wrong.why) } else { wrong.message };
            errors.at(tokens, message);
            given.extend(new.iter().map(ToString::to_string));
            new.iter().filter_map(|tokens| entry(tokens).ok()).collect()
        }
    });
    read.collect()
}

fn guessed<T>(text: &str, span: Span, entry: impl Fn(&TokenStream) -> Result<T, Wrong>) -> Vec<T> {
    split(spanned(text, span)).iter().filter_map(|tokens| entry(tokens).ok()).collect()
}
