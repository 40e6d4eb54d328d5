//! What a plain declaration says.

use std::collections::BTreeSet;

use super::Mistake;
use crate::flow::tests::verdict::declaration::{Choice, Correct, Item, State};

/// What is wrong with an item of an end.
pub(super) fn strange(item: &Item) -> Option<Mistake> {
    match item.word() {
        "to" | "after" | "tries" => Some(Mistake::AfterAnEnd),
        "ask" | "choices" | "offers" | "answer" | "handled" => Some(Mistake::AnswerOnEnd),
        "run" | "begin" => Some(Mistake::RunAtEnd),
        "corrects" => Some(Mistake::CorrectedAtEnd),
        "signals" | "remind" => Some(Mistake::EventOnEnd),
        "without" => Some(Mistake::WordOnEnd),
        _ => None,
    }
}

pub(super) const WORDS: &[&str] = &["start", "end", "endless", "silent", "answer", "handled", "checkpoint", "begin"];

pub(super) fn item(state: &State, word: &str) -> Option<usize> {
    state.items.iter().position(|item| item.word() == word)
}

pub(super) fn has(state: &State, word: &str) -> bool {
    item(state, word).is_some()
}

pub(super) fn is_faulty(state: &State) -> bool {
    state.items.iter().any(|item| matches!(item, Item::Plain(word) if !WORDS.contains(word)))
}

pub(super) fn fields(state: &State) -> BTreeSet<(&'static str, &'static str)> {
    state.fields.iter().copied().collect()
}

pub(super) fn to(item: &Item) -> Vec<&'static str> {
    if let Item::To(targets) = item { targets.iter().map(|target| target.name).collect() } else { Vec::new() }
}

pub(super) fn without_handler(item: &Item) -> Option<&'static str> {
    if let Item::After(_, target) | Item::Tries(_, target) = item { Some(target.name) } else { None }
}

pub(super) fn choices(state: &State) -> &[Choice] {
    state.items.iter().find_map(|item| if let Item::Choices(all) = item { Some(&all[..]) } else { None }).unwrap_or(&[])
}

/// Where each stands, the item and which one of it, and its name.
pub(super) fn signals(state: &State) -> Vec<(usize, usize, &'static str)> {
    let items = state.items.iter().enumerate();
    let all = items.filter_map(|(index, item)| if let Item::Signals(all) = item { Some((index, all)) } else { None });
    all.flat_map(|(index, all)| all.iter().enumerate().map(move |(value, signal)| (index, value, signal.name)))
        .collect()
}

/// The item of each, its time, its name, and that in records.
pub(super) fn reminders(state: &State) -> Vec<(usize, Option<&'static str>, &'static str, &'static str)> {
    let items = state.items.iter().enumerate();
    let all = items.filter_map(|(index, item)| match item {
        Item::Remind(time, name, stored) => Some((index, *time, *name, stored.unwrap_or(name))),
        _ => None,
    });
    all.collect()
}

/// What the state lets correct, and the item that says so.
pub(super) fn corrects(state: &State) -> Option<(usize, &[Correct])> {
    let mut items = state.items.iter().enumerate();
    items.find_map(|(index, item)| if let Item::Corrects(all) = item { Some((index, &all[..])) } else { None })
}

/// Whether the state decides on what the visitor says: it is no end, and no flow asks instead of it.
pub(super) fn decides(state: &State) -> bool {
    !has(state, "end") && !has(state, "run")
}

/// Whether the word leads out of the state.
pub(super) fn takes(state: &State, said: &str) -> bool {
    let opts_out = |item: &Item| matches!(item, Item::Without(words) if words.contains(&said));
    !has(state, "end") && !state.items.iter().any(opts_out)
}
