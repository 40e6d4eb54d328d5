//! How much is kept, and how much may be: [`Room`] and [`Usage`].

use std::sync::{Mutex, MutexGuard, PoisonError};

/// How much a store keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Records, expired ones that were not swept yet among them.
    pub sessions: usize,
    /// The bytes of these records.
    pub bytes: usize,
}

/// The bounds of a store, and what is taken of them by all its shards.
pub(crate) struct Room {
    bounds: Usage,
    // One lock over both numbers: with two atomics, a record that is then too long for the bytes could for a moment
    // hold the last free session, and have another refused that would have fitted.
    taken: Mutex<Usage>,
}

/// There is no room.
#[derive(Debug)]
pub(crate) struct Full;

impl Room {
    pub(crate) fn new(bounds: Usage) -> Self {
        Self { bounds, taken: Mutex::default() }
    }

    pub(crate) fn bounds(&self) -> Usage {
        self.bounds
    }

    pub(crate) fn taken(&self) -> Usage {
        *self.lock()
    }

    /// Gives back `old` and takes `new`, or changes nothing.
    pub(crate) fn exchange(&self, old: Usage, new: Usage) -> Result<(), Full> {
        if old == new {
            return Ok(());
        }
        let mut taken = self.lock();
        let sessions = taken.sessions - old.sessions + new.sessions;
        let bytes = taken.bytes - old.bytes + new.bytes;
        let fits = sessions <= self.bounds.sessions && bytes <= self.bounds.bytes;
        // Who asks for nothing more is never refused.
        if fits || (new.sessions <= old.sessions && new.bytes <= old.bytes) {
            *taken = Usage { sessions, bytes };
            return Ok(());
        }
        Err(Full)
    }

    pub(crate) fn give_back(&self, old: Usage) {
        let mut taken = self.lock();
        taken.sessions -= old.sessions;
        taken.bytes -= old.bytes;
    }

    fn lock(&self) -> MutexGuard<'_, Usage> {
        // Both numbers are written in one step, so that they are whole whoever panicked.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
