//! The right flows that the cases make wrong. Each compiles as it stands.

use crate::case::Case;

/// A table in a restaurant: questions whose answers need no handler, and one that has one.
pub(crate) fn table(name: impl Into<String>) -> Case {
    Case::new(name, include_str!("flows/table.rs"))
}

/// The words of the enum and of ways, each in its right form.
pub(crate) fn every_word(name: impl Into<String>) -> Case {
    Case::new(name, include_str!("flows/every_word.rs"))
}

/// The words of what comes in, each in its right form.
pub(crate) fn booking(name: impl Into<String>) -> Case {
    Case::new(name, include_str!("flows/booking.rs"))
}
