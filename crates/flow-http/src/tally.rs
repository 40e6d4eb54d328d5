//! How many of something each of many has, which are given back: [`Tally`].

use std::{collections::HashMap, hash::Hash};

/// Counts by key. A key that has none is not kept.
#[derive(Debug)]
pub(crate) struct Tally<K>(HashMap<K, usize>);

impl<K> Default for Tally<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq> Tally<K> {
    pub(crate) fn has_less_than(&self, bound: usize, key: &K) -> bool {
        self.0.get(key).copied().unwrap_or_default() < bound
    }

    pub(crate) fn take(&mut self, key: K) {
        *self.0.entry(key).or_default() += 1;
    }

    pub(crate) fn give_back(&mut self, key: &K) {
        if let Some(count) = self.0.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(key);
            }
        }
    }
}
