//! What is remembered in this process alone, and only so much of it: [`Confirmed`] and [`Answerable`].

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Of how many messages, and of how many visitors. What is forgotten costs a message that is sent twice at worst.
const REMEMBERED: usize = 4096;

/// Which messages the platform has told of, by their keys: whether one that is in doubt was sent.
#[derive(Default)]
pub(crate) struct Confirmed(Remembered<bool>);

impl Confirmed {
    pub(crate) fn note(&self, key: &str, is_sent: bool) {
        self.0.note(key, is_sent);
    }

    pub(crate) fn is_sent(&self, key: &str) -> Option<bool> {
        self.0.entries().values.get(key).copied()
    }
}

/// The last message of each visitor, which "is typing" is shown under.
#[derive(Default)]
pub(crate) struct Answerable(Remembered<String>);

impl Answerable {
    pub(crate) fn note(&self, place: &str, message: &str) {
        self.0.note(place, message.to_owned());
    }

    /// Once for each message: what is shown stays until the answer, or for 25 seconds.
    pub(crate) fn take(&self, place: &str) -> Option<String> {
        self.0.entries().values.remove(place)
    }
}

/// The last entries, by their keys.
struct Remembered<V>(Mutex<Entries<V>>);

struct Entries<V> {
    values: HashMap<String, V>,
    /// In the order in which they came; what was taken is still here.
    order: VecDeque<String>,
}

impl<V> Remembered<V> {
    fn note(&self, key: &str, value: V) {
        let mut entries = self.entries();
        if entries.values.insert(key.to_owned(), value).is_none() {
            entries.order.push_back(key.to_owned());
        }
        while entries.order.len() > REMEMBERED {
            let oldest = entries.order.pop_front();
            oldest.map(|oldest| entries.values.remove(&oldest));
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries<V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> Default for Remembered<V> {
    fn default() -> Self {
        Self(Mutex::new(Entries { values: HashMap::new(), order: VecDeque::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_visitors_take_no_more_room_than_the_last_of_them() {
        let answerable = Answerable::default();
        for visitor in 0..100_000 {
            answerable.note(&visitor.to_string(), "wamid");
            // Taken and written again, as a visitor who goes on does.
            answerable.take(&visitor.to_string());
            answerable.note(&visitor.to_string(), "wamid");
        }
        assert_eq!((answerable.take("0"), answerable.take("99999")), (None, Some("wamid".to_owned())));
        let entries = answerable.0.entries();
        assert!(entries.order.len() <= REMEMBERED && entries.values.len() <= REMEMBERED);
    }

    #[test]
    fn a_status_that_comes_later_counts() {
        let confirmed = Confirmed::default();
        assert_eq!(confirmed.is_sent("key"), None);
        confirmed.note("key", true);
        confirmed.note("key", false);
        assert_eq!(confirmed.is_sent("key"), Some(false));
    }
}
