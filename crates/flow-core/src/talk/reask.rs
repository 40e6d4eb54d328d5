//! An answer that was not understood: [`Reask`].

use crate::Reply;

/// An answer was not understood, and this is how to say so. The state's question is asked again after it.
///
/// It is no error: `?` on it in a handler asks again instead of failing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reask {
    hint: Reply,
}

impl Reask {
    /// Asks again, with this hint before the question.
    pub fn because(hint: impl Into<Reply>) -> Self {
        Self { hint: hint.into() }
    }

    /// What is said before the question.
    pub fn hint(&self) -> &Reply {
        &self.hint
    }

    /// What is said before the question, taken out.
    pub fn into_hint(self) -> Reply {
        self.hint
    }
}
