//! What is wrong with a declaration, told from the rules as they are documented, on names and sets of names alone.

mod ways;

use std::collections::{BTreeMap, BTreeSet};

use super::declaration::{Declaration, Item, Place, State, Word};

/// The kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Mistake {
    NoSuchWord,
    NoSuchState,
    EdgeTwice,
    NoStart,
    SecondStart,
    StartWithFields,
    StartAndEnd,
    StoredName,
    Method,
    AliasOfNothing,
    AliasTaken,
    AliasTwice,
    AliasForm,
    Brace,
    NoSuchField,
    AskAndSay,
    SilentPrompt,
    NothingFollows,
    AnswerLeadsNowhere,
    AfterAnEnd,
    AskOnEnd,
    AnswerAndHandled,
    NotInferred,
    Time,
    TimeNeverComes,
    Tries,
    CannotBeMade,
    Unreached,
    NoEnd,
    Trap,
    EndlessEnd,
    NotEndless,
    BlankWord,
    SpacedWord,
    WordTwice,
    NoSuchShortcut,
}

/// Every mistake with its place, in this order.
pub(super) fn verdict(declaration: &Declaration) -> Vec<(Mistake, Place)> {
    let mut plain = Plain { declaration, found: Vec::new() };
    plain.words();
    plain.names();
    plain.start();
    plain.aliases();
    for index in 0..declaration.states.len() {
        plain.targets(index);
        plain.prompt(index);
        plain.end(index);
        plain.answer(index);
        plain.times(index);
        plain.fields(index);
    }
    plain.word_fields();
    plain.endless();
    plain.ways();
    plain.found.sort_unstable();
    plain.found
}

/// How a state of this name is called in a record.
fn stored(name: &str) -> &'static str {
    match name {
        "Begin" => "BEGIN",
        "Name" => "NAME",
        "Size" => "SIZE",
        "Round" => "ROUND",
        "Left" => "LEFT",
        "Done" => "DONE",
        "AskName" => "ASK_NAME",
        "AskURL" | "AskUrl" => "ASK_URL",
        "OnHelp" => "ON_HELP",
        other => panic!("`{other}` is no name that is used here"),
    }
}

/// The form that records have of an alias.
fn stored_alias(alias: &str) -> &'static str {
    match alias {
        "" | " " => "",
        "OLD" | "Old" => "OLD",
        "OLD_NAME" | "OldName" | "old-name" => "OLD_NAME",
        "DONE" | "Done" => "DONE",
        "BEGIN" => "BEGIN",
        "AskURL" => "ASK_URL",
        other => panic!("`{other}` is no alias that is used here"),
    }
}

fn seconds(time: &str) -> Option<u32> {
    match time {
        "30s" => Some(30),
        "1h" | "60m" => Some(3_600),
        "7d" => Some(604_800),
        _ => None,
    }
}

/// The fields that a prompt speaks of; none if it cannot be read.
fn spoken(prompt: &str) -> Option<&'static [&'static str]> {
    match prompt {
        "Well?" | "{{name}}" => Some(&[]),
        "{name}?" | "{name} {name}" => Some(&["name"]),
        "{0}!" => Some(&["0"]),
        "{name}, {szie}" => Some(&["name", "szie"]),
        _ => None,
    }
}

type Names<'d> = BTreeSet<&'d str>;

struct Plain<'d> {
    declaration: &'d Declaration,
    found: Vec<(Mistake, Place)>,
}

impl<'d> Plain<'d> {
    fn note(&mut self, mistake: Mistake, place: Place) {
        self.found.push((mistake, place));
    }

    fn state(&self, index: usize) -> &'d State {
        &self.declaration.states[index]
    }

    fn named(&self, name: &str) -> Option<&'d State> {
        self.declaration.states.iter().find(|state| state.name == name)
    }

    fn index(&self, name: &str) -> usize {
        self.declaration.states.iter().position(|state| state.name == name).expect("a state of this name")
    }

    fn words(&mut self) {
        if self.declaration.is_faulty {
            self.note(Mistake::NoSuchWord, Place::Faulty);
        }
        let mut said = BTreeSet::new();
        for (index, word) in self.declaration.words.iter().enumerate() {
            let is_new = said.insert(word.text().to_lowercase());
            if word.text().trim() == "" {
                self.note(Mistake::BlankWord, Place::Word(index));
            } else if word.text().trim() != word.text() {
                self.note(Mistake::SpacedWord, Place::Word(index));
            } else if !is_new {
                self.note(Mistake::WordTwice, Place::Word(index));
            }
            if let Word::To(_, target) = word
                && self.named(target).is_none()
            {
                self.note(Mistake::NoSuchState, Place::WordTarget(index));
            }
        }
    }

    fn names(&mut self) {
        let mut records = BTreeMap::new();
        let states = &self.declaration.states;
        for (index, state) in states.iter().enumerate() {
            if records.insert(stored(state.name), index).is_some() {
                self.note(Mistake::StoredName, Place::State(index));
                // The second has no method that any other could have.
                continue;
            }
            if state.name == "OnHelp" {
                self.note(Mistake::Method, Place::State(index));
            }
            if state.name == "Name" && self.named("AskName").is_some() {
                self.note(Mistake::Method, Place::State(index));
            }
        }
    }

    fn start(&mut self) {
        let states = &self.declaration.states;
        let starts = (0..states.len()).filter_map(|index| Some((index, item(&states[index], "start")?)));
        let starts: Vec<_> = starts.collect();
        let Some(&(first, item_index)) = starts.first() else {
            if !states.iter().any(is_faulty) {
                self.note(Mistake::NoStart, Place::Enum);
            }
            return;
        };
        if !states[first].fields.is_empty() {
            self.note(Mistake::StartWithFields, Place::Item(first, item_index));
        }
        if has(&states[first], "end") {
            self.note(Mistake::StartAndEnd, Place::Item(first, item_index));
        }
        for &(index, item_index) in &starts[1..] {
            self.note(Mistake::SecondStart, Place::Item(index, item_index));
        }
    }

    fn aliases(&mut self) {
        let names: Names<'_> = self.declaration.states.iter().map(|state| stored(state.name)).collect();
        let mut given = BTreeSet::new();
        for index in 0..self.declaration.states.len() {
            for (item_index, item) in self.state(index).items.iter().enumerate() {
                let Item::Alias(aliases) = item else { continue };
                for (value, alias) in aliases.iter().enumerate() {
                    let name = stored_alias(alias);
                    let mistake = if name.is_empty() {
                        Mistake::AliasOfNothing
                    } else if names.contains(name) {
                        Mistake::AliasTaken
                    } else if !given.insert(name) {
                        Mistake::AliasTwice
                    } else if name != *alias {
                        Mistake::AliasForm
                    } else {
                        continue;
                    };
                    self.note(mistake, Place::Value(index, item_index, value));
                }
            }
        }
    }

    fn targets(&mut self, index: usize) {
        for (item_index, item) in self.state(index).items.iter().enumerate() {
            let place = |value| Place::Value(index, item_index, value);
            match item {
                Item::Plain(word) if !WORDS.contains(word) => {
                    self.note(Mistake::NoSuchWord, Place::Item(index, item_index));
                }
                Item::To(names) => {
                    for (value, name) in names.iter().enumerate() {
                        if names[..value].contains(name) {
                            self.note(Mistake::EdgeTwice, place(value));
                        } else if self.named(name).is_none() {
                            self.note(Mistake::NoSuchState, place(value));
                        }
                    }
                }
                Item::After(_, target) | Item::Tries(_, target) if self.named(target).is_none() => {
                    self.note(Mistake::NoSuchState, place(1));
                }
                Item::Without(words) => {
                    for (value, word) in words.iter().enumerate() {
                        let is_told = self.declaration.words.iter().any(|entry| entry.text().trim() == word.trim());
                        if !is_told && !self.declaration.is_faulty {
                            self.note(Mistake::NoSuchShortcut, place(value));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn prompt(&mut self, index: usize) {
        let state = self.state(index);
        let (ask, say) = (item(state, "ask"), item(state, "say"));
        if let (Some(_), Some(say)) = (ask, say) {
            self.note(Mistake::AskAndSay, Place::Value(index, say, 0));
        }
        if let (Some(silent), true) = (item(state, "silent"), ask.is_some() || say.is_some()) {
            self.note(Mistake::SilentPrompt, Place::Item(index, silent));
        }
        for (item_index, item) in state.items.iter().enumerate() {
            let (Item::Ask(text) | Item::Say(text)) = item else { continue };
            let place = Place::Value(index, item_index, 0);
            match spoken(text) {
                None => self.note(Mistake::Brace, place),
                Some(names) => {
                    let unknown = names.iter().filter(|name| !state.fields.iter().any(|(field, _)| field == *name));
                    unknown.for_each(|_| self.note(Mistake::NoSuchField, place));
                }
            }
        }
    }

    fn end(&mut self, index: usize) {
        let state = self.state(index);
        let ask = item(state, "ask");
        match item(state, "end") {
            // Which of the two is wrong is told at the start.
            Some(_) if has(state, "start") => {}
            Some(end) if has(state, "to") || has(state, "after") || has(state, "tries") => {
                self.note(Mistake::AfterAnEnd, Place::Item(index, end));
            }
            Some(_) => ask.into_iter().for_each(|ask| self.note(Mistake::AskOnEnd, Place::Item(index, ask))),
            None if is_faulty(state) || has(state, "to") => {}
            None if !has(state, "after") => self.note(Mistake::NothingFollows, Place::State(index)),
            None => ask.into_iter().for_each(|ask| self.note(Mistake::AnswerLeadsNowhere, Place::Item(index, ask))),
        }
    }

    fn answer(&mut self, index: usize) {
        let state = self.state(index);
        let Some(answer) = item(state, "answer") else { return };
        if let Some(handled) = item(state, "handled") {
            self.note(Mistake::AnswerAndHandled, Place::Item(index, handled));
        } else if !self.is_hidden(state) && !self.is_inferred(state) {
            self.note(Mistake::NotInferred, Place::Item(index, answer));
        }
    }

    fn is_inferred(&self, state: &State) -> bool {
        let followers: Names<'_> = state.items.iter().flat_map(to).collect();
        let Some(target) = followers.first().and_then(|name| self.named(name)) else { return false };
        let (known, wanted) = (fields(state), fields(target));
        has(state, "ask") && followers.len() == 1 && known.is_subset(&wanted) && wanted.len() == known.len() + 1
    }

    fn times(&mut self, index: usize) {
        let mut times = Vec::new();
        for (item_index, item) in self.state(index).items.iter().enumerate() {
            let place = Place::Value(index, item_index, 0);
            match item {
                Item::After(time, _) => match seconds(time) {
                    Some(seconds) => times.push((seconds, item_index)),
                    None => self.note(Mistake::Time, place),
                },
                Item::Tries("0" | "4294967296", _) => self.note(Mistake::Tries, place),
                _ => {}
            }
        }
        times.sort_unstable();
        for (_, item_index) in times.into_iter().skip(1) {
            self.note(Mistake::TimeNeverComes, Place::Item(index, item_index));
        }
    }

    fn fields(&mut self, index: usize) {
        let state = self.state(index);
        for (item_index, item) in state.items.iter().enumerate() {
            let (Item::After(_, target) | Item::Tries(_, target)) = item else { continue };
            let Some(target) = self.named(target) else { continue };
            if !has(state, "end") && !fields(target).is_subset(&fields(state)) {
                self.note(Mistake::CannotBeMade, Place::Value(index, item_index, 1));
            }
        }
    }

    fn word_fields(&mut self) {
        let mut told = BTreeSet::new();
        for (index, word) in self.declaration.words.iter().enumerate() {
            let Word::To(said, target) = word else { continue };
            let Some(target) = self.named(target) else { continue };
            let lacks = |state: &State| takes(state, said) && !fields(target).is_subset(&fields(state));
            if self.declaration.states.iter().any(lacks) && told.insert(*said) {
                self.note(Mistake::CannotBeMade, Place::WordTarget(index));
            }
        }
    }
}

const WORDS: &[&str] = &["start", "end", "endless", "silent", "answer", "handled", "checkpoint"];

fn item(state: &State, word: &str) -> Option<usize> {
    state.items.iter().position(|item| item.word() == word)
}

fn has(state: &State, word: &str) -> bool {
    item(state, word).is_some()
}

fn is_faulty(state: &State) -> bool {
    state.items.iter().any(|item| matches!(item, Item::Plain(word) if !WORDS.contains(word)))
}

fn fields(state: &State) -> BTreeSet<(&'static str, &'static str)> {
    state.fields.iter().copied().collect()
}

fn to(item: &Item) -> Vec<&'static str> {
    if let Item::To(names) = item { names.clone() } else { Vec::new() }
}

fn without_handler(item: &Item) -> Option<&'static str> {
    if let Item::After(_, target) | Item::Tries(_, target) = item { Some(target) } else { None }
}

/// Whether the word leads out of the state.
fn takes(state: &State, said: &str) -> bool {
    let opts_out = |item: &Item| matches!(item, Item::Without(words) if words.contains(&said));
    !has(state, "end") && !state.items.iter().any(opts_out)
}
