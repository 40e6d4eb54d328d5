//! What is wrong with what states take, and with what goes out.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Mistake, Plain,
    reading::{choices, has, is_faulty, item, reminders, signals},
    seconds,
};
use crate::flow::tests::verdict::declaration::{Choice, Item, Place, State, Word};

/// The label of a choice that has no words.
pub(super) fn label(name: &str) -> &'static str {
    match name {
        "Yes" | "YES" => "Yes",
        "No" => "No",
        "NotNow" => "Not now",
        "Stop" => "Stop",
        "Back" => "Back",
        other => panic!("`{other}` is no choice that is used here"),
    }
}

pub(super) fn has_field(word: &str) -> bool {
    match word {
        "{name}" | "{name" => true,
        word if word.contains('{') => panic!("`{word}` is no word that is used here"),
        _ => false,
    }
}

impl Plain<'_> {
    /// Of a state that decides on what is said.
    pub(super) fn forms(&mut self, index: usize) {
        let state = self.state(index);
        match forms(state)[..] {
            [_, second, ..] => self.note(Mistake::SecondForm, Place::Item(index, second)),
            [form] if state.items[form].word() == "offers" => {
                for (item_index, item) in state.items.iter().enumerate() {
                    match item.word() {
                        "ask" | "say" => self.note(Mistake::PromptOfOffer, Place::Value(index, item_index, 0)),
                        "silent" => self.note(Mistake::PromptOfOffer, Place::Item(index, item_index)),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// Of a state that decides on what is said.
    pub(super) fn choices(&mut self, index: usize) {
        let state = self.state(index);
        let Some(item_index) = item(state, "choices") else { return };
        let mut exact = BTreeSet::new();
        let all: Vec<(usize, &Choice)> =
            choices(state).iter().enumerate().filter(|(_, choice)| exact.insert(choice.name)).collect();
        for value in 0..choices(state).len() {
            if !all.iter().any(|(first, _)| *first == value) {
                self.note(Mistake::Twice, Place::Value(index, item_index, value));
            }
        }
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        let mut nameless = BTreeSet::new();
        for (value, choice) in &all {
            if *owners.entry(plain(choice.name)).or_insert(choice.name) != choice.name {
                nameless.insert(choice.name);
                self.note(Mistake::ChoiceTwice, Place::Value(index, item_index, *value));
            }
        }
        for (value, choice) in &all {
            let mut words = Vec::new();
            for (word_index, word) in choice.words.iter().enumerate() {
                let place = Place::ChoiceWord(index, item_index, *value, word_index);
                if plain(word).is_empty() {
                    self.note(Mistake::BlankChoice, place);
                } else if has_field(word) {
                    self.note(Mistake::ChoiceField, place);
                } else {
                    words.push((*word, place));
                }
            }
            if choice.words.is_empty() && !nameless.contains(choice.name) {
                words.push((label(choice.name), Place::Value(index, item_index, *value)));
            }
            for (word, place) in words {
                if *owners.entry(plain(word)).or_insert(choice.name) != choice.name {
                    self.note(Mistake::ChosenTwice, place);
                }
            }
        }
        let counts = |word: &str| {
            let mut entries = self.declaration.words.iter().map(Word::text);
            entries
                .any(|entry| !plain(entry).is_empty() && plain(word) == entry.to_lowercase() && !is_deaf(state, entry))
        };
        let is_heard = |choice: &Choice| {
            counts(choice.name)
                || choice.words.iter().any(|word| counts(word))
                || choice.words.is_empty() && counts(label(choice.name))
        };
        let heard = all.iter().find(|(_, choice)| is_heard(choice));
        if let Some(&(value, _)) = heard
            && !is_faulty(state)
        {
            self.note(Mistake::ChoiceCountsAnywhere, Place::Value(index, item_index, value));
        }
    }

    pub(super) fn signals(&mut self) {
        let mut known: BTreeMap<&str, (Option<&str>, &str)> = BTreeMap::new();
        for (index, state) in self.declaration.states.iter().enumerate() {
            if has(state, "end") {
                continue;
            }
            let mut here = BTreeSet::new();
            for (item, value, name) in signals(state) {
                let Item::Signals(all) = &state.items[item] else { continue };
                let signal = (all[value].kind, all[value].stored.unwrap_or(name));
                let place = Place::Value(index, item, value);
                if !here.insert(name) {
                    self.note(Mistake::Twice, place);
                } else if let Some(first) = known.get(name) {
                    if *first != signal {
                        self.note(Mistake::SignalDiffers, place);
                    }
                } else {
                    if known.values().any(|other| other.1 == signal.1) {
                        self.note(Mistake::StoredTwice, place);
                    }
                    known.insert(name, signal);
                }
            }
        }
    }

    /// Of a state that is no end.
    pub(super) fn reminders(&mut self, index: usize) {
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        for (item, time, name, stored) in reminders(self.state(index)) {
            let place = Place::Value(index, item, 1);
            if known.contains_key(name) {
                self.note(Mistake::Twice, Place::Item(index, item));
                continue;
            }
            if known.values().any(|other| *other == stored) {
                self.note(Mistake::StoredTwice, place);
            }
            known.insert(name, stored);
            if time.is_some_and(|time| seconds(time).is_none()) {
                self.note(Mistake::Time, Place::Value(index, item, 0));
            }
        }
    }

    pub(super) fn effects(&mut self) {
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        for (index, effect) in self.declaration.effects.iter().enumerate() {
            let stored = effect.stored.unwrap_or(effect.name);
            if known.contains_key(effect.name) {
                self.note(Mistake::Twice, Place::Effect(index));
                continue;
            }
            if known.values().any(|other| *other == stored) {
                self.note(Mistake::StoredTwice, Place::Effect(index));
            }
            known.insert(effect.name, stored);
        }
    }
}

/// The places of the forms in which the state says to take an answer.
pub(super) fn forms(state: &State) -> Vec<usize> {
    let is_form = |item: &Item| {
        matches!(item, Item::Choices(_) | Item::Of("choices" | "answer" | "offers", _) | Item::Plain("handled"))
    };
    state.items.iter().enumerate().filter(|(_, item)| is_form(item)).map(|(index, _)| index).collect()
}

pub(super) fn is_deaf(state: &State, entry: &str) -> bool {
    state.items.iter().any(|item| matches!(item, Item::Without(words) if words.contains(&entry)))
}

pub(super) fn plain(word: &str) -> String {
    word.trim().to_lowercase()
}
