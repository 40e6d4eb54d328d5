//! Who is told of changes: [`Tellers`].

use std::sync::{Mutex, MutexGuard, PoisonError};

use flow_core::store::{Changed, Listener, Teller};

/// One for each listener.
#[derive(Default)]
pub(crate) struct Tellers(Mutex<Vec<Teller>>);

impl Tellers {
    pub(crate) fn listen(&self) -> Box<dyn Listener> {
        let (teller, listener) = Teller::new();
        self.lock().push(teller);
        listener
    }

    /// Tells all that listen, and forgets those that do so no more.
    pub(crate) fn tell(&self, changed: Changed) {
        self.lock().retain(|teller| teller.tell(changed));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Teller>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
