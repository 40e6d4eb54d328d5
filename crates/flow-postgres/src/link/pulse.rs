//! Whether the server still answers: [`Pulse`].

use std::sync::atomic::{AtomicU32, Ordering};

/// How many answers in a row have not come, on all connections.
#[derive(Default)]
pub(crate) struct Pulse(AtomicU32);

/// After so many, the connections that lie idle are given up too: a firewall may have forgotten all of them.
const MOST_MISSED: u32 = 3;

impl Pulse {
    /// An answer has come.
    pub(super) fn is_felt(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// An answer has not come. Tells whether the other connections are to be given up.
    pub(super) fn is_missed(&self) -> bool {
        let is_lost = self.0.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_MISSED;
        if is_lost {
            self.is_felt();
        }
        is_lost
    }
}
