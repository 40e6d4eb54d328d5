//! The words of `#[answer(...)]` on the enum, and the labels that it holds on a variant.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, LitStr, Meta, Path, parse2};

use crate::{
    errors::Errors,
    items::{Item, Vocabulary, Wrong, entries, items, literals, path, quoted, string},
    names::{plain, words},
};

/// One item of `#[answer(...)]` on the enum.
pub(super) enum AnswerWord {
    Crate(Path),
    OwnSpeak,
}

const ANSWER: Vocabulary = Vocabulary {
    attribute: "answer",
    words: WORDS,
    own: &[],
    synonyms: &[("speak", "own_speak"), ("display", "own_speak")],
    elsewhere: (&[], ""),
    text: "what is understood as a choice is written on its variant: remove this",
};

const WORDS: &[&str] = &["own_speak", "crate"];

/// The words of the enum, each with its item. `root` is the path to the framework as users write it.
pub(super) fn answer_words(attributes: &[Attribute], root: &str, errors: &mut Errors) -> Vec<(Item, AnswerWord)> {
    let is_label = |attribute: &&Attribute| {
        attribute.path().is_ident("answer")
            && attribute.meta.require_list().is_ok_and(|list| string(&list.tokens).is_some())
    };
    for label in attributes.iter().filter(is_label) {
        errors.at(label, ANSWER.text);
    }
    let others: Vec<_> = attributes.iter().filter(|attribute| !is_label(attribute)).cloned().collect();
    let bare = |value: &TokenStream| string(value).filter(|word| WORDS.contains(&word.as_str()));
    let items = items(&others, &ANSWER, bare, errors);
    items.into_iter().filter_map(|item| read(&item, root, errors).map(|word| (item, word))).collect()
}

fn read(item: &Item, root: &str, errors: &mut Errors) -> Option<AnswerWord> {
    if item.is("crate") {
        return path(item, root, errors).map(AnswerWord::Crate);
    }
    item.alone(errors);
    Some(AnswerWord::OwnSpeak)
}

/// What is understood as the choice of this variant; nothing if its name says it.
pub(super) fn labels(attributes: &[Attribute], variant: &Ident, errors: &mut Errors) -> Vec<LitStr> {
    let mut labels = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("answer")) {
        match &attribute.meta {
            Meta::List(list) => match parse2::<Ident>(list.tokens.clone()) {
                Ok(word) if WORDS.iter().any(|other| word == other) => {
                    errors.at(attribute, format!("`{word}` is a word of the enum: remove it here"));
                }
                _ => labels.extend(entries(list.tokens.clone(), |tokens| label(tokens, variant), errors)),
            },
            Meta::NameValue(pair) => {
                let value = &pair.value;
                let label = quoted(&quote::quote!(#value)).unwrap_or_else(|| format!("{:?}", words(&plain(variant))));
                errors.at(attribute, format!("a label stands in brackets: write `#[answer({label})]`"));
            }
            Meta::Path(_) => errors.at(attribute, "`#[answer]` says nothing: remove it, or give it a label"),
        }
    }
    labels
}

fn label(tokens: &TokenStream, variant: &Ident) -> Result<LitStr, Wrong> {
    let read = parse2::<LitStr>(tokens.clone()).ok();
    if let Some(label) = read.filter(|label| !label.value().trim().is_empty()) {
        return Ok(label);
    }
    let texts: Vec<_> =
        literals(tokens).into_iter().filter_map(|text| quoted(&proc_macro2::TokenTree::from(text).into())).collect();
    let instead = match &texts[..] {
        [] => quoted(tokens).filter(|text| text != "\"\"" && string(tokens).is_none()),
        texts => Some(texts.join(", ")),
    };
    Err(Wrong::new("a label is a text in quotes", instead.unwrap_or_else(|| format!("{:?}", words(&plain(variant))))))
}
