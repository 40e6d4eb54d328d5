//! What is wrong with a declaration, told from the rules as they are documented, on names and sets of names alone.

mod incoming;
mod names;
mod ways;

use std::collections::BTreeSet;

use self::incoming::forms;
use super::declaration::{Choice, Declaration, Item, Place, State, Target, Word};

/// The kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Mistake {
    NoSuchWord,
    NoSuchState,
    StrangePath,
    NoStart,
    SecondStart,
    StartWithFields,
    StartAndEnd,
    StoredName,
    Method,
    Type,
    Twice,
    StoredTwice,
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
    AnswerOnEnd,
    EventOnEnd,
    WordOnEnd,
    SecondForm,
    PromptOfOffer,
    ChoiceTwice,
    ChosenTwice,
    ChoiceCountsAnywhere,
    BlankChoice,
    ChoiceField,
    SignalDiffers,
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
    plain.methods();
    plain.types();
    plain.aliases();
    plain.effects();
    plain.signals();
    plain.start();
    for index in 0..declaration.states.len() {
        plain.targets(index);
        plain.prompt(index);
        plain.end(index);
        if !has(&declaration.states[index], "end") {
            plain.without(index);
            plain.forms(index);
            plain.choices(index);
            plain.reminders(index);
            plain.answer(index);
        }
        plain.times(index);
        plain.fields(index);
    }
    plain.word_fields();
    plain.endless();
    plain.ways();
    plain.found.sort_unstable();
    plain.found
}

fn seconds(time: &str) -> Option<u32> {
    match time {
        "30s" => Some(30),
        "1h" | "60m" => Some(3_600),
        "7d" => Some(604_800),
        _ => None,
    }
}

/// The state that is meant by a misspelt name.
fn meant(name: &str) -> &'static str {
    match name {
        "Dnoe" => "Done",
        "Lfet" => "Left",
        "Nmae" => "Name",
        _ => "",
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
            if let Word::To(_, target) = word {
                self.target(*target, Place::WordPath(index), Place::WordTarget(index));
            }
        }
    }

    fn start(&mut self) {
        let states = &self.declaration.states;
        let starts = (0..states.len()).filter_map(|index| Some((index, item(&states[index], "start")?)));
        let starts: Vec<_> = starts.collect();
        let Some(&(first, _)) = starts.first() else {
            if !states.iter().any(is_faulty) {
                self.note(Mistake::NoStart, Place::Enum);
            }
            return;
        };
        if !states[first].fields.is_empty() {
            self.note(Mistake::StartWithFields, Place::State(first));
        }
        if let Some(end) = item(&states[first], "end") {
            self.note(Mistake::StartAndEnd, Place::Item(first, end));
        }
        for &(index, item_index) in &starts[1..] {
            self.note(Mistake::SecondStart, Place::Item(index, item_index));
        }
    }

    /// What is wrong with the name of a state: a path that leads elsewhere, or a state that is not there.
    fn target(&mut self, target: Target, path: Place, name: Place) {
        let is_strange = target.path.is_some_and(|path| !["Chat", "chat", "Self"].contains(&path));
        let is_known = |name: &str| self.named(name).is_some();
        if is_strange && (is_known(target.name) || is_known(meant(target.name))) {
            self.note(Mistake::StrangePath, path);
        } else if !is_known(target.name) {
            self.note(Mistake::NoSuchState, name);
        }
    }

    fn targets(&mut self, index: usize) {
        for (item_index, item) in self.state(index).items.iter().enumerate() {
            let place = |value| Place::Value(index, item_index, value);
            match item {
                Item::Plain(word) if !WORDS.contains(word) => {
                    self.note(Mistake::NoSuchWord, Place::Item(index, item_index));
                }
                Item::To(targets) => {
                    for (value, target) in targets.iter().enumerate() {
                        if targets[..value].iter().any(|other| other.name == target.name) {
                            self.note(Mistake::Twice, place(value));
                        } else {
                            self.target(*target, Place::Path(index, item_index, value), place(value));
                        }
                    }
                }
                Item::After(_, target) | Item::Tries(_, target) => {
                    self.target(*target, Place::Path(index, item_index, 1), place(1));
                }
                _ => {}
            }
        }
    }

    /// Of a state that is no end.
    fn without(&mut self, index: usize) {
        for (item_index, item) in self.state(index).items.iter().enumerate() {
            let Item::Without(words) = item else { continue };
            for (value, word) in words.iter().enumerate() {
                let is_told = self.declaration.words.iter().any(|entry| entry.text().trim() == word.trim());
                let place = Place::Value(index, item_index, value);
                let is_like = |entry: &Word| entry.text().trim().eq_ignore_ascii_case(word.trim());
                if words[..value].contains(word) {
                    self.note(Mistake::Twice, place);
                } else if !is_told && !self.declaration.is_faulty {
                    // All of it is to be removed, if there is nothing else in it and nothing like it.
                    let is_whole = words.len() == 1 && !self.declaration.words.iter().any(is_like);
                    self.note(Mistake::NoSuchShortcut, if is_whole { Place::Item(index, item_index) } else { place });
                }
            }
        }
    }

    fn prompt(&mut self, index: usize) {
        let state = self.state(index);
        let (ask, say) = (item(state, "ask"), item(state, "say"));
        // Where something is offered, each prompt is wrong.
        let is_offered = !has(state, "end") && forms(state).len() == 1 && has(state, "offers");
        if let (Some(_), Some(say), false) = (ask, say, is_offered) {
            self.note(Mistake::AskAndSay, Place::Item(index, say));
        }
        if let (Some(silent), true, false) = (item(state, "silent"), ask.is_some() || say.is_some(), is_offered) {
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
            Some(_) => {
                let mut strange = state.items.iter().map(strange).enumerate();
                if let Some((item, mistake)) = strange.find_map(|(item, mistake)| Some((item, mistake?))) {
                    self.note(mistake, Place::Item(index, item));
                }
            }
            None if is_faulty(state) || has(state, "to") => {}
            // Where nothing is written on any state, the start is missing.
            None if self.declaration.states.iter().all(|state| state.items.is_empty()) => {}
            None if !has(state, "after") => self.note(Mistake::NothingFollows, Place::State(index)),
            None => ask.into_iter().for_each(|ask| self.note(Mistake::AnswerLeadsNowhere, Place::Item(index, ask))),
        }
    }

    /// Of a state that is no end.
    fn answer(&mut self, index: usize) {
        let state = self.state(index);
        let is_bare = |item: &Item| matches!(item, Item::Plain("answer"));
        let Some(answer) = state.items.iter().position(is_bare) else { return };
        if forms(state).len() > 1 {
            return;
        }
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
        let mut more = wanted.difference(&known);
        let fits = state.items.iter().find_map(|item| match item {
            Item::Of(_, kind) => Some((*kind).to_owned()),
            Item::Choices(_) => Some(format!("{}Choice", state.name)),
            _ => None,
        });
        let fits = match fits {
            Some(kind) => more.any(|(_, wanted)| *wanted == kind),
            None => has(state, "ask"),
        };
        fits && followers.len() == 1 && known.is_subset(&wanted) && wanted.len() == known.len() + 1
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
        let mut names = BTreeSet::new();
        for (item_index, item) in self.state(index).items.iter().enumerate() {
            let Item::Remind(time, name, _) = item else { continue };
            let rings = time.and_then(seconds).zip(times.first());
            let comes = rings.is_none_or(|(rings, (left, _))| rings <= *left);
            if names.insert(*name) && !comes && !has(self.state(index), "end") {
                self.note(Mistake::TimeNeverComes, Place::Item(index, item_index));
            }
        }
        for (_, item_index) in times.into_iter().skip(1) {
            self.note(Mistake::TimeNeverComes, Place::Item(index, item_index));
        }
    }

    fn fields(&mut self, index: usize) {
        let state = self.state(index);
        for (item_index, item) in state.items.iter().enumerate() {
            let (Item::After(_, target) | Item::Tries(_, target)) = item else { continue };
            let Some(target) = self.named(target.name) else { continue };
            if !has(state, "end") && !fields(target).is_subset(&fields(state)) {
                self.note(Mistake::CannotBeMade, Place::Value(index, item_index, 1));
            }
        }
    }

    fn word_fields(&mut self) {
        let mut told = BTreeSet::new();
        for (index, word) in self.declaration.words.iter().enumerate() {
            let Word::To(said, target) = word else { continue };
            let Some(target) = self.named(target.name) else { continue };
            let lacks = |state: &State| takes(state, said) && !fields(target).is_subset(&fields(state));
            if self.declaration.states.iter().any(lacks) && told.insert(*said) {
                self.note(Mistake::CannotBeMade, Place::WordTarget(index));
            }
        }
    }
}

/// What is wrong with an item of an end.
fn strange(item: &Item) -> Option<Mistake> {
    match item.word() {
        "to" | "after" | "tries" => Some(Mistake::AfterAnEnd),
        "ask" | "choices" | "offers" | "answer" | "handled" => Some(Mistake::AnswerOnEnd),
        "signals" | "remind" => Some(Mistake::EventOnEnd),
        "without" => Some(Mistake::WordOnEnd),
        _ => None,
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
    if let Item::To(targets) = item { targets.iter().map(|target| target.name).collect() } else { Vec::new() }
}

fn without_handler(item: &Item) -> Option<&'static str> {
    if let Item::After(_, target) | Item::Tries(_, target) = item { Some(target.name) } else { None }
}

fn choices(state: &State) -> &[Choice] {
    state.items.iter().find_map(|item| if let Item::Choices(all) = item { Some(&all[..]) } else { None }).unwrap_or(&[])
}

/// Where each stands, the item and which one of it, and its name.
fn signals(state: &State) -> Vec<(usize, usize, &'static str)> {
    let items = state.items.iter().enumerate();
    let all = items.filter_map(|(index, item)| if let Item::Signals(all) = item { Some((index, all)) } else { None });
    all.flat_map(|(index, all)| all.iter().enumerate().map(move |(value, signal)| (index, value, signal.name)))
        .collect()
}

/// The item of each, its time, its name, and that in records.
fn reminders(state: &State) -> Vec<(usize, Option<&'static str>, &'static str, &'static str)> {
    let items = state.items.iter().enumerate();
    let all = items.filter_map(|(index, item)| match item {
        Item::Remind(time, name, stored) => Some((index, *time, *name, stored.unwrap_or(name))),
        _ => None,
    });
    all.collect()
}

/// Whether the word leads out of the state.
fn takes(state: &State, said: &str) -> bool {
    let opts_out = |item: &Item| matches!(item, Item::Without(words) if words.contains(&said));
    !has(state, "end") && !state.items.iter().any(opts_out)
}
