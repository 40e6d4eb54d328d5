//! Which erasures of an archive something comes after: [`Epoch`].

use std::num::NonZeroU32;

/// How many erasures an archive has made, counted from 1: a fencing token.
///
/// A session remembers the epoch of the archive's answer that it began with. So the archive knows, without any clock, what
/// was under way when the session was erased.
///
/// ```
/// use flow_core::archive::Epoch;
///
/// let before = Epoch::first();
/// assert!(before < before.next());
/// assert_eq!(Epoch::numbered(before.number()), Some(before));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(NonZeroU32);

impl Epoch {
    /// The epoch of an archive that has erased nothing.
    pub fn first() -> Self {
        Self(NonZeroU32::MIN)
    }

    /// The epoch with this number; none of 0.
    pub fn numbered(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// Its number, as it is stored.
    pub fn number(self) -> u32 {
        self.0.get()
    }

    /// The epoch after the next erasure.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
