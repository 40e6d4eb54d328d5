//! The words that an attribute knows: [`Vocabulary`].

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;

use super::string;
use crate::{errors::Errors, names::nearest};

/// The words of an attribute.
pub(crate) struct Vocabulary {
    /// The attribute's name.
    pub(crate) attribute: &'static str,
    pub(crate) words: &'static [&'static str],
    /// Words that are taken for attributes of their own, as in `#[end]`.
    pub(crate) own: &'static [&'static str],
    /// What others call it, and the word for it.
    pub(crate) synonyms: &'static [(&'static str, &'static str)],
    /// The words of another attribute, and where they are written.
    pub(crate) elsewhere: (&'static [&'static str], &'static str),
    /// What is wrong with a text alone.
    pub(crate) text: &'static str,
}

/// What the first token of an item is.
pub(super) enum Known {
    Word(Ident),
    Guess(Ident),
    Nothing,
}

impl Vocabulary {
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    /// Whether it is one of the words that are taken for attributes.
    pub(super) fn owns(&self, attribute: &Ident) -> bool {
        self.own.iter().any(|word| attribute == word)
    }

    /// Whether it is written for the attribute's name.
    pub(super) fn is_misspelt(&self, attribute: &Ident) -> bool {
        *attribute != self.attribute && nearest(&attribute.to_string(), [self.attribute]).is_some()
    }

    /// The word that an item begins with. `item` is all of it.
    pub(super) fn word(&self, first: &TokenTree, item: &TokenStream, errors: &mut Errors) -> Known {
        let TokenTree::Ident(word) = first else {
            return self.no_word(first, item, errors);
        };
        let name = word.to_string();
        if self.has(&name) {
            return Known::Word(word.clone());
        }
        let (others, place) = self.elsewhere;
        let near = nearest(&name, self.words.iter().copied());
        let synonym = self.synonyms.iter().find(|(other, _)| *other == name.to_lowercase()).map(|(_, word)| *word);
        if others.contains(&name.as_str()) {
            errors.at(item, format!("`{name}` is a word of {place}: remove it here"));
            return Known::Nothing;
        }
        let Some(meant) = synonym.or(near) else {
            let words = self.words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            errors.at(word, format!("there is no `{name}` here: remove it, or write one of {words}"));
            return Known::Nothing;
        };
        errors.at(word, format!("there is no `{name}` here; did you mean `{meant}`?"));
        Known::Guess(Ident::new(meant, word.span()))
    }

    fn no_word(&self, first: &TokenTree, item: &TokenStream, errors: &mut Errors) -> Known {
        let said = string(&first.to_token_stream()).unwrap_or_default();
        if self.has(&said) {
            errors.at(first, format!("a word stands here without quotes: write `{said}`"));
            return Known::Guess(Ident::new(&said, first.span()));
        }
        if string(item).is_some() {
            errors.at(item, self.text);
            return Known::Nothing;
        }
        let words = self.words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        errors.at(item, format!("an item begins with a word: remove this, or write one of {words}"));
        Known::Nothing
    }
}
