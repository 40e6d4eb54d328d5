//! What the visitor said, and what it may mean: [`Said`].

use serde_json::Value;

use crate::{
    Input, Reask, Reply,
    answers::please_choose,
    handler::offer::{Picked, key},
    talk::{choice::numbered, offered::Offered},
};

/// What the visitor said, where this had been offered.
#[derive(Clone, Copy, Debug)]
pub struct Said<'t> {
    pub(super) input: Option<&'t Input>,
    pub(super) offered: &'t Offered,
}

impl<'t> Said<'t> {
    /// Reads it: the words, or a button's payload, or else the button's label.
    ///
    /// Fails with how to ask again.
    pub(crate) fn read<T>(self, parse: impl Fn(&str) -> Result<T, Reask>) -> Result<T, Reask> {
        let [said, label] = self.words();
        let said = said.ok_or_else(|| Reask::because(Reply::silence()))?;
        parse(said).or_else(|reask| label.and_then(|label| parse(label).ok()).ok_or(reask))
    }

    /// Which of what the state offered was picked: by its words, its button or its number.
    ///
    /// Fails with a request to pick one.
    pub(crate) fn picked<T: Picked>(self) -> Result<T, Reask> {
        let offered = || self.offered.items().iter().filter_map(|stored| Some((stored, T::deserialize(stored).ok()?)));
        let mut words = self.words().into_iter().flatten();
        let by_word = words.find_map(|said| {
            let is_said = |(stored, item): &(&Value, T)| {
                key(stored).is_some_and(|key| key == said)
                    || item.speak().trim().to_lowercase() == said.trim().to_lowercase()
            };
            offered().find(is_said)
        });
        let by_number = || match self.input {
            Some(Input::Text(said)) => {
                let items = self.offered.items();
                T::deserialize(&items[numbered(said, items.len())?]).ok()
            }
            _ => None,
        };
        // With nothing to take one of, the question alone is asked again: by now it may offer something.
        let ask_again = || if self.offered.is_empty() { Reask::because(Reply::silence()) } else { please_choose() };
        by_word.map(|(_, item)| item).or_else(by_number).ok_or_else(ask_again)
    }

    /// What was said, and what else it may be called: a button has a payload and a label.
    fn words(self) -> [Option<&'t str>; 2] {
        match self.input {
            Some(Input::Text(text)) => [Some(text), None],
            Some(Input::Button(button)) => [Some(&button.payload), button.label.as_deref()],
            Some(Input::Signal(_)) | None => [None, None],
        }
    }
}
