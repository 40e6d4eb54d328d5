//! What is wrong with the steps out of a state: where an answer goes, when time leads out, and what is known then.

use std::collections::BTreeSet;

use super::{
    Mistake, Names, Plain,
    incoming::forms,
    reading::{fields, has, item, takes, to},
    seconds,
};
use crate::flow::tests::verdict::declaration::{Item, Place, State};

impl Plain<'_> {
    /// Of a state that decides on what is said.
    pub(super) fn answer(&mut self, index: usize) {
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
            Item::Of("answer" | "choices" | "offers", kind) => Some((*kind).to_owned()),
            Item::Choices(_) => Some(format!("{}Choice", state.name)),
            _ => None,
        });
        let fits = match fits {
            Some(kind) => more.any(|(_, wanted)| *wanted == kind),
            None => has(state, "ask"),
        };
        fits && followers.len() == 1 && known.is_subset(&wanted) && wanted.len() == known.len() + 1
    }

    pub(super) fn times(&mut self, index: usize) {
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

    pub(super) fn fields(&mut self, index: usize) {
        let state = self.state(index);
        for (item_index, item) in state.items.iter().enumerate() {
            let (Item::After(_, target) | Item::Tries(_, target)) = item else { continue };
            let Some(target) = self.named(target.name) else { continue };
            if !has(state, "end") && !fields(target).is_subset(&fields(state)) {
                self.note(Mistake::CannotBeMade, Place::Value(index, item_index, 1));
            }
        }
    }

    pub(super) fn word_fields(&mut self) {
        let mut told = BTreeSet::new();
        for (index, word) in self.declaration.words.iter().enumerate() {
            let Some(target) = word.target() else { continue };
            let said = word.text();
            let Some(target) = self.named(target.name) else { continue };
            let lacks = |state: &State| takes(state, said) && !fields(target).is_subset(&fields(state));
            if self.declaration.states.iter().any(lacks) && told.insert(said) {
                self.note(Mistake::CannotBeMade, Place::WordTarget(index));
            }
        }
    }
}
