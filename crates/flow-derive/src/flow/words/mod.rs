//! Reads the items of `#[flow(...)]` and `#[state(...)]` into the words of [`super::attr`].

mod correcting;
mod entry;
mod flow;
mod meant;
mod state;
mod tokens;

use syn::Attribute;

pub(super) use self::meant::Meant;
use super::attr::{FlowWord, StateWord};
use crate::{
    errors::Errors,
    items::{Item, Vocabulary, items, quoted, string},
};

/// The words of the enum, each with its item.
pub(super) fn flow_words(attributes: &[Attribute], meant: &Meant, errors: &mut Errors) -> Vec<(Item, FlowWord)> {
    let bare = |value: &proc_macro2::TokenStream| Some(format!("name = {}", quoted(value)?));
    let items = items(attributes, &FLOW, bare, errors);
    read(items, |item, errors| flow::read(item, meant, errors), errors)
}

/// The words of the state with this index, each with its item.
pub(super) fn state_words(
    attributes: &[Attribute],
    index: usize,
    meant: &Meant,
    errors: &mut Errors,
) -> Vec<(Item, StateWord)> {
    let bare = |value: &proc_macro2::TokenStream| {
        let word = string(value).unwrap_or_else(|| value.to_string());
        if ["start", "end", "silent", "handled", "checkpoint", "endless"].contains(&word.as_str()) {
            return Some(word);
        }
        Some(meant.follower(index).map_or_else(|| "end".into(), |next| format!("to({next})")))
    };
    let items = items(attributes, &STATE, bare, errors);
    read(items, |item, errors| state::read(item, index, meant, errors), errors)
}

/// Each item with the word that it is. A guess that has a mistake is none.
fn read<W>(items: Vec<Item>, word: impl Fn(&Item, &mut Errors) -> Option<W>, errors: &mut Errors) -> Vec<(Item, W)> {
    let each = items.into_iter().filter_map(|item| {
        if !item.is_guess {
            return word(&item, errors).map(|word| (item, word));
        }
        let mut mistakes = Errors::default();
        let word = word(&item, &mut mistakes)?;
        mistakes.is_empty().then_some((item, word))
    });
    each.collect()
}

/// Notes attributes of these vocabularies where they say nothing.
pub(super) fn refuse(attributes: &[Attribute], misplaced: &[&str], errors: &mut Errors) {
    for attribute in attributes {
        let Some(name) = misplaced.iter().find(|name| attribute.path().is_ident(name)) else { continue };
        let place = if *name == "state" { "a variant" } else { "the enum" };
        errors.at(attribute, format!("`#[{name}(…)]` stands on {place}: remove it here"));
    }
}

const FLOW: Vocabulary = Vocabulary {
    attribute: "flow",
    words: FLOW_WORDS,
    own: &[],
    synonyms: &[
        ("id", "name"),
        ("title", "name"),
        ("context", "shared"),
        ("data", "shared"),
        ("state", "shared"),
        ("mod", "module"),
        ("commands", "anywhere"),
        ("global", "anywhere"),
        ("effect", "effects"),
        ("correct", "corrects"),
        ("corrections", "corrects"),
        ("open", "opens"),
        ("links", "opens"),
        ("root", "crate"),
        ("path", "crate"),
    ],
    elsewhere: (STATE_WORDS, "a variant's `#[state(…)]`"),
    text: "a text stands after its word: write it as `name = \"…\"`, or remove it",
};

const STATE: Vocabulary = Vocabulary {
    attribute: "state",
    words: STATE_WORDS,
    own: &["start", "end", "to", "ask", "say", "silent"],
    synonyms: &[
        ("initial", "start"),
        ("first", "start"),
        ("entry", "start"),
        ("final", "end"),
        ("terminal", "end"),
        ("finish", "end"),
        ("exit", "end"),
        ("next", "to"),
        ("goto", "to"),
        ("transition", "to"),
        ("transitions", "to"),
        ("prompt", "ask"),
        ("question", "ask"),
        ("message", "say"),
        ("text", "say"),
        ("tell", "say"),
        ("quiet", "silent"),
        ("timeout", "after"),
        ("expires", "after"),
        ("retries", "tries"),
        ("attempts", "tries"),
        ("choose", "choices"),
        ("option", "choices"),
        ("options", "choices"),
        ("buttons", "choices"),
        ("runs", "run"),
        ("flow", "run"),
        ("subflow", "run"),
        ("invoke", "run"),
        ("correct", "corrects"),
        ("corrections", "corrects"),
        ("event", "signals"),
        ("events", "signals"),
        ("reminder", "remind"),
        ("input", "answer"),
        ("handler", "handled"),
        ("manual", "handled"),
        ("rename", "alias"),
        ("except", "without"),
        ("forever", "endless"),
    ],
    elsewhere: (FLOW_WORDS, "the enum's `#[flow(…)]`"),
    text: "a text stands after its word: write it as `ask = \"…\"` or `say = \"…\"`, or remove it",
};

const FLOW_WORDS: &[&str] =
    &["name", "version", "shared", "module", "anywhere", "effects", "corrects", "opens", "waiting", "crate"];

const STATE_WORDS: &[&str] = &[
    "start",
    "end",
    "to",
    "ask",
    "say",
    "silent",
    "choices",
    "offers",
    "run",
    "begin",
    "corrects",
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
