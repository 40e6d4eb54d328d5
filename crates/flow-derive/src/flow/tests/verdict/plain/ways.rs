//! What is wrong with where states lead.

use super::{
    Mistake, Names, Plain,
    reading::{decides, has, is_faulty, item, takes, to, without_handler},
};
use crate::flow::tests::verdict::declaration::{Place, State, Word};

impl<'d> Plain<'d> {
    pub(super) fn endless(&mut self) {
        for (index, state) in self.declaration.states.iter().enumerate() {
            let Some(endless) = item(state, "endless") else { continue };
            let place = Place::Item(index, endless);
            if has(state, "end") {
                self.note(Mistake::EndlessEnd, place);
            } else if self.after(state.name, false).into_iter().any(|name| self.is_end(name)) {
                self.note(Mistake::NotEndless, place);
            }
        }
    }

    pub(super) fn ways(&mut self) {
        let states = &self.declaration.states;
        let all: Names<'d> = states.iter().map(|state| state.name).collect();
        let starts: Vec<_> = states.iter().filter(|state| has(state, "start")).map(|state| state.name).collect();
        if starts.is_empty() {
            return;
        }
        let begun = || starts.iter().copied().chain(self.opened());
        let reached: Names<'d> = begun().flat_map(|start| self.after(start, true)).collect();
        let unreached: Names<'d> = all.difference(&reached).copied().collect();
        let before = |plain: &Self, name: &str| -> Names<'d> {
            all.iter().copied().filter(|other| plain.after(other, true).contains(name)).collect()
        };
        for first in self.firsts(&unreached, before) {
            self.note(Mistake::Unreached, Place::State(self.index(first)));
        }
        let goes_on = |name: &&str| !self.after(name, true).into_iter().any(|next| self.is_way_out(next));
        let trapped: Names<'d> = reached.iter().copied().filter(goes_on).collect();
        if !unreached.iter().all(goes_on) {
            return;
        }
        if !all.iter().any(|name| self.is_way_out(name)) {
            return self.note(Mistake::NoEnd, Place::Enum);
        }
        for first in self.firsts(&trapped, |plain, name| plain.after(name, true)) {
            self.note(Mistake::Trap, Place::State(self.index(first)));
        }
    }

    /// Of each group whose states see only each other, the first.
    fn firsts(&self, names: &Names<'d>, seen: impl Fn(&Self, &str) -> Names<'d>) -> Vec<&'d str> {
        let groups = names.iter().map(|name| seen(self, name));
        let closed = groups.filter(|group| group.iter().all(|name| seen(self, name) == *group));
        let firsts: Names<'d> =
            closed.filter_map(|group| group.into_iter().min_by_key(|name| self.index(name))).collect();
        firsts.into_iter().collect()
    }

    /// The state, and all that may follow it; with what a mistake hides, or without.
    fn after(&self, name: &str, with_hidden: bool) -> Names<'d> {
        let mut found: Names<'d> = self.named(name).map(|state| state.name).into_iter().collect();
        loop {
            let next: Names<'d> = found.iter().flat_map(|name| self.next(name, with_hidden)).collect();
            if next.is_subset(&found) {
                return found;
            }
            found.extend(next);
        }
    }

    fn next(&self, name: &str, with_hidden: bool) -> Names<'d> {
        let Some(state) = self.named(name) else { return Names::new() };
        if with_hidden && self.leads_anywhere(state) {
            return self.declaration.states.iter().map(|state| state.name).collect();
        }
        let said = self.declaration.words.iter().filter(|word| takes(state, word.text()));
        let said = said.filter_map(|word| Some(word.target()?.name));
        let targets = state.items.iter().flat_map(|item| to(item).into_iter().chain(without_handler(item)));
        targets.chain(said).filter_map(|target| Some(self.named(target)?.name)).collect()
    }

    fn is_end(&self, name: &str) -> bool {
        self.named(name).is_some_and(|state| has(state, "end"))
    }

    fn is_way_out(&self, name: &str) -> bool {
        self.named(name).is_some_and(|state| has(state, "end") || has(state, "endless") || self.leads_anywhere(state))
    }

    fn leads_anywhere(&self, state: &State) -> bool {
        let by_word = self.declaration.words.iter().filter_map(Word::target);
        let mut targets = by_word.chain(self.declaration.opens.iter().map(|link| link.target));
        let hides_words = self.declaration.is_faulty || targets.any(|target| self.named(target.name).is_none());
        self.is_hidden(state) || hides_words && !has(state, "end")
    }

    /// Whether a mistake of the state hides what follows it.
    pub(super) fn is_hidden(&self, state: &State) -> bool {
        let mut targets = state.items.iter().flat_map(|item| to(item).into_iter().chain(without_handler(item)));
        let is_unfinished =
            !has(state, "end") && !has(state, "to") && (has(state, "ask") && decides(state) || !has(state, "after"));
        is_faulty(state) || is_unfinished || targets.any(|target| self.named(target).is_none())
    }
}
