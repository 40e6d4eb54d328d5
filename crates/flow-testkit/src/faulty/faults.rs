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
