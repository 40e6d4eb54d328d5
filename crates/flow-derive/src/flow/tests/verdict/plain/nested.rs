//! What is wrong with what states run, and with what links open.

use std::collections::BTreeSet;

use super::{
    Mistake, Plain, meant,
    reading::{has, item},
};
use crate::flow::tests::verdict::declaration::{Item, Place, State};

/// What a state does not say that has a flow ask instead.
const ASKING: &[&str] = &["ask", "say", "choices", "offers", "answer", "handled", "silent", "tries", "corrects"];

impl Plain<'_> {
    pub(super) fn runs(&mut self) {
        let mut called = BTreeSet::new();
        for (index, state) in self.declaration.states.iter().enumerate().filter(|(_, state)| !has(state, "end")) {
            let Some((run, flow)) = flow(state) else {
                if let Some(begin) = item(state, "begin") {
                    self.note(Mistake::BeginsNothing, Place::Item(index, begin));
                }
                continue;
            };
            // With a path it is another flow than this one, or one beside the state.
            if matches!(flow, "Chat" | "Self") {
                self.note(Mistake::RunsItself, Place::Value(index, run, 0));
            } else if self.named(flow).is_some() && called.insert(flow) {
                self.note(Mistake::CalledAsFlow, Place::State(self.index(flow)));
            }
            if let Some(asking) = state.items.iter().position(|item| ASKING.contains(&item.word())) {
                self.note(Mistake::RunAsks, Place::Item(index, asking));
            }
        }
    }

    pub(super) fn opens(&mut self) {
        for (index, link) in self.declaration.opens.iter().enumerate() {
            let others = &self.declaration.opens[..index];
            let is_alike = |other: &str| other.to_lowercase() == link.payload.to_lowercase();
            let mut alike = others.iter().map(|other| other.payload).filter(|other| is_alike(other));
            if link.payload.trim() == "" || link.payload.trim() != link.payload {
                self.note(Mistake::LinkForm, Place::Link(index));
            } else if let Some(first) = alike.next() {
                let mistake = if first == link.payload { Mistake::Twice } else { Mistake::LinkTwice };
                self.note(mistake, Place::Link(index));
            }
            self.target(link.target, Place::LinkPath(index), Place::LinkTarget(index));
            if self.named(link.target.name).is_some_and(|state| !state.fields.is_empty()) {
                self.note(Mistake::LinkHolds, Place::LinkTarget(index));
            }
        }
    }

    /// Where links lead, as far as it can be read.
    pub(super) fn opened(&self) -> Vec<&str> {
        let read = |name: &str| self.named(name).or_else(|| self.named(meant(name)));
        self.declaration.opens.iter().filter_map(|link| Some(read(link.target.name)?.name)).collect()
    }
}

/// The flow that the state runs, and the item that says so.
fn flow(state: &State) -> Option<(usize, &'static str)> {
    let mut items = state.items.iter().enumerate();
    items.find_map(|(index, item)| if let Item::Of("run", flow) = item { Some((index, *flow)) } else { None })
}
