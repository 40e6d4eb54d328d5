//! What is wrong with what states say.

use super::{
    Mistake, Plain,
    incoming::forms,
    reading::{decides, has, item},
};
use crate::flow::tests::verdict::declaration::{Item, Place};

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

impl Plain<'_> {
    pub(super) fn prompt(&mut self, index: usize) {
        let state = self.state(index);
        let (ask, say) = (item(state, "ask"), item(state, "say"));
        // Where something is offered, each prompt is wrong.
        let is_offered = decides(state) && forms(state).len() == 1 && has(state, "offers");
        // So it is where a flow asks instead.
        let is_wrong = is_offered || has(state, "run") && !has(state, "end");
        if let (Some(_), Some(say), false) = (ask, say, is_wrong) {
            self.note(Mistake::AskAndSay, Place::Item(index, say));
        }
        if let (Some(silent), true, false) = (item(state, "silent"), ask.is_some() || say.is_some(), is_wrong) {
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
}
