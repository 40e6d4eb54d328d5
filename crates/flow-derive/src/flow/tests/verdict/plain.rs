//! What is wrong with a declaration, told from the rules as they are documented, on names and sets of names alone.

mod corrections;
mod incoming;
mod names;
mod nested;
mod prompts;
mod reading;
mod steps;
mod ways;

use std::collections::BTreeSet;

use self::reading::{WORDS, decides, has, is_faulty, item, strange};
use super::declaration::{Declaration, Item, Place, State, Target, Word};

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
    CorrectedAtEnd,
    RunAtEnd,
    RunAsks,
    RunsItself,
    CalledAsFlow,
    BeginsNothing,
    NoneAsks,
    SeveralAsk,
    AskedWhereKnown,
    AskedAtEnd,
    CannotBeAsked,
    CorrectedNowhere,
    TwoDependents,
    OwnDependent,
    NoSuchCorrection,
    Circle,
    BlankCorrection,
    CorrectionField,
    WordThere,
    WordTaken,
    LinkForm,
    LinkTwice,
    LinkHolds,
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
            plain.reminders(index);
        }
        if decides(&declaration.states[index]) {
            plain.forms(index);
            plain.choices(index);
            plain.answer(index);
        }
        plain.times(index);
        plain.fields(index);
    }
    plain.runs();
    plain.corrections();
    plain.opens();
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
                let is_aside = matches!(word, Word::Aside(..));
                self.note(Mistake::WordTwice, if is_aside { Place::Aside(index) } else { Place::Word(index) });
            }
            if let Some(target) = word.target() {
                self.target(target, Place::WordPath(index), Place::WordTarget(index));
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
            None if has(state, "run") => {}
            None => ask.into_iter().for_each(|ask| self.note(Mistake::AnswerLeadsNowhere, Place::Item(index, ask))),
        }
    }
}
