//! What the visitor said, and what it may mean: [`Said`].

use crate::{
    Input, Reask,
    answers::{nothing_said, please_choose},
    handler::offer::{Offered, Picked, picked},
};

/// What the visitor said, where this had been offered.
#[derive(Clone, Copy, Debug)]
pub struct Said<'t> {
    pub(super) input: Option<&'t Input>,
    pub(super) offered: Offered<'t>,
}

impl Said<'_> {
    /// Reads it.
    ///
    /// Fails with how to ask again.
    pub(crate) fn read<T>(self, read: impl FnOnce(&Input) -> Result<T, Reask>) -> Result<T, Reask> {
        self.input.map_or_else(|| Err(nothing_said()), read)
    }

    /// Which of what the state offered was picked: by its words, its button or its number.
    ///
    /// Fails with a request to pick one.
    pub(crate) fn picked<T: Picked>(self) -> Result<T, Reask> {
        picked(self.offered, self.input.ok_or_else(please_choose)?)
    }
}
