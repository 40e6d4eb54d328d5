//! What the calls to a store have met: [`StoreCounts`].

use std::sync::atomic::{AtomicU64, Ordering};

use crate::StoreError;

/// What the calls to a store have met so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreCounts {
    /// Tries that failed, or ran into their deadline.
    pub failures: u64,
    /// Those of them that left it open whether something was written.
    pub unknown: u64,
    /// Tries that were made because the one before had failed.
    pub retries: u64,
    /// How often the circuit breaker opened, because the store was thought to be down, so that calls failed at once.
    pub circuit_openings: u64,
}

/// The counts as they are kept.
#[derive(Debug, Default)]
pub(super) struct StoreCounters {
    failures: AtomicU64,
    unknown: AtomicU64,
    retries: AtomicU64,
}

impl StoreCounters {
    pub(super) fn failed(&self, error: &StoreError) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        if matches!(error, StoreError::Unknown(_)) {
            self.unknown.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn snapshot(&self, circuit_openings: u64) -> StoreCounts {
        StoreCounts {
            failures: self.failures.load(Ordering::Relaxed),
            unknown: self.unknown.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            circuit_openings,
        }
    }
}
