//! The salon's calendar: [`Calendar`], which visitors race for.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use flow_chat::SessionId;
use tokio::time::sleep;

use crate::flow::Slot;

/// Which session has which slot. Clones share it.
#[derive(Clone, Default)]
pub struct Calendar {
    entries: Arc<Mutex<Vec<Entry>>>,
    takes: Duration,
}

struct Entry {
    slot: Slot,
    visitor: Option<SessionId>,
}

impl Calendar {
    /// A calendar with these slots, all free, in this order.
    pub fn of<'s>(slots: impl IntoIterator<Item = &'s str>) -> Self {
        let entries = slots.into_iter().map(|slot| Entry { slot: slot.into(), visitor: None });
        Self { entries: Arc::new(Mutex::new(entries.collect())), takes: Duration::ZERO }
    }

    /// The same, which takes so long to answer.
    pub fn slow(self, takes: Duration) -> Self {
        Self { takes, ..self }
    }

    /// The calendar, once it answers: a real one is asked over a wire.
    pub async fn asked(&self) -> &Self {
        if !self.takes.is_zero() {
            sleep(self.takes).await;
        }
        self
    }

    /// The slots that are not taken.
    pub fn free(&self) -> Vec<Slot> {
        let entries = self.lock();
        let free = entries.iter().filter(|entry| entry.visitor.is_none());
        free.map(|entry| entry.slot.clone()).collect()
    }

    /// Takes the slot for the visitor, and gives back any other slot of the same visitor. Tells whether the visitor has it
    /// now.
    ///
    /// May be called again for the same visitor: a handler can be run more than once for one turn.
    pub fn take(&self, slot: &Slot, visitor: SessionId) -> bool {
        let mut entries = self.lock();
        let is_free = |entry: &Entry| entry.slot == *slot && entry.visitor.is_none_or(|holder| holder == visitor);
        let Some(place) = entries.iter().position(is_free) else { return false };
        for (other, entry) in entries.iter_mut().enumerate() {
            if other == place {
                entry.visitor = Some(visitor);
            } else if entry.visitor == Some(visitor) {
                entry.visitor = None;
            }
        }
        true
    }

    /// Gives back whatever the visitor had.
    pub fn give_back(&self, visitor: SessionId) {
        for entry in self.lock().iter_mut().filter(|entry| entry.visitor == Some(visitor)) {
            entry.visitor = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        // Every change is one assignment, so a panic leaves the calendar whole.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
