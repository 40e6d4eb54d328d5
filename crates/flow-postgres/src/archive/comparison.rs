//! The comparison of a compare-and-set: [`Comparison`].

use flow_core::{
    Stamp,
    archive::{Entry, Kept},
};

/// An entry compared with what the archive holds of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// The archive holds what the entry expects: the entry is to be written.
    Matches,
    /// The archive holds this very entry already.
    AlreadyKept,
    /// The archive holds something else.
    Moved(Option<Stamp>),
    /// The session was erased.
    Erased,
}

impl Comparison {
    /// Compares `entry` with `stored`, which the archive holds of its session.
    pub(super) fn of(entry: &Entry, stored: Option<Stamp>, is_erased: bool) -> Self {
        if is_erased {
            Self::Erased
        } else if stored == Some(entry.record.stamp()) {
            Self::AlreadyKept
        } else if stored == entry.expect.stamp() {
            Self::Matches
        } else {
            Self::Moved(stored)
        }
    }
}

impl From<Comparison> for Kept {
    fn from(comparison: Comparison) -> Self {
        match comparison {
            Comparison::Matches | Comparison::AlreadyKept => Self::Done,
            Comparison::Moved(stored) => Self::Moved(stored),
            Comparison::Erased => Self::Erased,
        }
    }
}
