//! How many answers of the server are missing: [`Pulse`].

use std::sync::atomic::{AtomicU32, Ordering};

/// Counts the missing answers in a row, on all connections.
#[derive(Default)]
pub(crate) struct Pulse(AtomicU32);

/// After so many, the idle connections are given up too: a firewall may have forgotten all of them.
const MOST_MISSED: u32 = 3;

impl Pulse {
    /// Notes that an answer has come.
    pub(super) fn answered(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Notes that an answer has not come, and tells whether the idle connections are to be given up.
    pub(super) fn missed(&self) -> bool {
        let is_lost = self.0.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_MISSED;
        if is_lost {
            self.answered();
        }
        is_lost
    }
}
