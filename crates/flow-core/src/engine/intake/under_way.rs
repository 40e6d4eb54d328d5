//! The inboxes that this process goes through at this moment, and how long each has waited: [`UnderWay`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The inboxes that are being gone through.
#[derive(Debug, Default)]
pub(in crate::engine) struct UnderWay(Mutex<Inboxes>);

#[derive(Debug, Default)]
struct Inboxes {
    next: u64,
    /// When each was begun with, or had a message handled last.
    since: HashMap<u64, Instant>,
}

impl UnderWay {
    /// Begins to go through one, until what this gives is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Going {
        let mut inboxes = self.inboxes();
        let number = inboxes.next;
        inboxes.next += 1;
        inboxes.since.insert(number, Instant::now());
        Going { under_way: Arc::clone(self), number }
    }

    /// How many there are, and how long the one that has waited the longest has had no message handled.
    pub(in crate::engine) fn now(&self) -> (usize, Duration) {
        let inboxes = self.inboxes();
        let longest = inboxes.since.values().min().map(Instant::elapsed);
        (inboxes.since.len(), longest.unwrap_or_default())
    }

    fn inboxes(&self) -> MutexGuard<'_, Inboxes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An inbox that is being gone through.
#[derive(Debug)]
pub(super) struct Going {
    under_way: Arc<UnderWay>,
    number: u64,
}

impl Going {
    /// A message of it was handled.
    pub(super) fn goes_on(&self) {
        self.under_way.inboxes().since.insert(self.number, Instant::now());
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        self.under_way.inboxes().since.remove(&self.number);
    }
}
