//! What is to become of an entry: [`Fate`].

use flow_core::{
    Stamp,
    archive::{Entry, Kept},
};

/// What is to become of an entry, by what the archive holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is to be written.
    Written,
    /// It is there already.
    Known,
    /// The archive holds something else.
    Moved(Option<Stamp>),
    /// The session was erased.
    Erased,
}

impl Fate {
    /// What becomes of `entry`, where `stored` is what the archive holds of its session.
    pub(super) fn of(entry: &Entry, stored: Option<Stamp>, is_erased: bool) -> Self {
        if is_erased {
            Self::Erased
        } else if stored == Some(entry.record.stamp()) {
            Self::Known
        } else if stored == entry.expect.stamp() {
            Self::Written
        } else {
            Self::Moved(stored)
        }
    }
}

impl From<Fate> for Kept {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::Written | Fate::Known => Self::Done,
            Fate::Moved(stored) => Self::Moved(stored),
            Fate::Erased => Self::Erased,
        }
    }
}
