//! What the visitor said, and what it may mean: [`Said`].

use crate::{
    Input, Reask, Reply,
    answers::please_choose,
    handler::offer::{Offered, Picked, picked},
};

/// What the visitor said, where this had been offered.
#[derive(Clone, Copy, Debug)]
pub struct Said<'t> {
    pub(super) input: Option<&'t Input>,
    pub(super) offered: Offered<'t>,
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
        picked(self.offered, self.input.ok_or_else(please_choose)?)
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
