//! How a store is put together: [`MemoryStoreBuilder`], within bounds that are told as [`Usage`].

use std::fmt;

use flow_core::{Clock, SystemClock};

use crate::MemoryStore;

/// Puts a [`MemoryStore`] together.
pub struct MemoryStoreBuilder {
    bounds: Usage,
    clock: Box<dyn Clock>,
}

impl MemoryStoreBuilder {
    /// How many sessions there is room for, if nothing else is said: 100,000.
    pub const MAX_SESSIONS: usize = 100_000;

    /// How many bytes of records there is room for, if nothing else is said: 256 MiB.
    ///
    /// A long conversation takes about 2 kB, so that both bounds are reached at about the same time.
    pub const MAX_BYTES: usize = 256 << 20;

    pub(crate) fn new() -> Self {
        let bounds = Usage { sessions: Self::MAX_SESSIONS, bytes: Self::MAX_BYTES };
        Self { bounds, clock: Box::new(SystemClock) }
    }

    /// Keeps this many sessions, and not one more.
    #[must_use]
    pub fn max_sessions(mut self, max_sessions: usize) -> Self {
        self.bounds.sessions = max_sessions;
        self
    }

    /// Keeps this many bytes of records, and not one more.
    ///
    /// What the store needs beside them, about 300 bytes a session, comes on top.
    #[must_use]
    pub fn max_bytes(mut self, max_bytes: usize) -> Self {
        self.bounds.bytes = max_bytes;
        self
    }

    /// Has `clock` for its time, instead of the machine's. When it is set back, the store's time stands still until it has
    /// caught up.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// The store, empty.
    pub fn build(self) -> MemoryStore {
        MemoryStore::with(self.bounds, self.clock)
    }
}

impl fmt::Debug for MemoryStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStoreBuilder").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

/// How much a store keeps, or may keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Records, expired ones that were not swept yet among them.
    pub sessions: usize,
    /// The bytes of these records, of those in quarantine, and of the letters that wait beside them.
    pub bytes: usize,
}
