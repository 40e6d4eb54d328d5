//! Which faults a store has, and how often: [`Faults`].

use std::time::Duration;

/// How many calls in a hundred meet each fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// A write is applied, and its reply is lost.
    pub lose_reply: u8,
    /// A write is lost on its way, and the caller is told that its outcome is unknown.
    pub lose_request: u8,
    /// A call is refused; nothing happens.
    pub refuse: u8,
    /// A call, or its reply, takes up to [`Faults::longest_delay`].
    pub delay: u8,
    /// A write conflicts although nothing stands against it.
    pub conflict: u8,
    /// A write is applied some calls later, if it still can be, and its reply is lost.
    pub late: u8,
    /// How long a delay may be.
    pub longest_delay: Duration,
}

impl Faults {
    /// Each of them, that often, with delays of up to a second.
    pub fn each(percent: u8) -> Self {
        Self {
            lose_reply: percent,
            lose_request: percent,
            refuse: percent,
            delay: percent,
            conflict: percent,
            late: percent,
            longest_delay: Duration::from_secs(1),
        }
    }
}

impl Default for Faults {
    /// None.
    fn default() -> Self {
        Self { longest_delay: Duration::ZERO, ..Self::each(0) }
    }
}

/// What a [`FaultyStore`](super::FaultyStore) has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultCounts {
    /// Writes that were applied at once, or found to be in place.
    pub applied: u64,
    /// Replies lost.
    pub replies_lost: u64,
    /// Requests lost.
    pub requests_lost: u64,
    /// Calls refused.
    pub refused: u64,
    /// Calls and replies delayed.
    pub delayed: u64,
    /// Conflicts with nothing.
    pub conflicts: u64,
    /// Writes put off.
    pub late: u64,
}

/// The generator `splitmix64`: a few lines, the same on every machine, and random enough to choose faults by.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 up to and without `bound`, which is not 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// Whether something happens that happens so many times in a hundred.
    pub(super) fn happens(&mut self, percent: u8) -> bool {
        // No draw for what never happens, so that a fault that is off does not shift the others.
        percent > 0 && self.below(100) < u64::from(percent)
    }
}
