//! What is never shown: [`Hidden`].

use std::fmt;

/// A value that `Debug` does not show: a password, a key, or a URL that may hold one.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Hidden<T>(T);

impl<T> Hidden<T> {
    pub(super) fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself, for whom it is meant.
    pub(super) fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
