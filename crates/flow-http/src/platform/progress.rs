//! How far replies of several parts are sent: [`Progress`].

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use flow_core::Key;

/// Of how many replies it is remembered, by each of the two who know.
const REMEMBERED: usize = 1024;

/// How many parts of a reply are sent, as long as it is not sent whole. A process that begins anew begins the reply anew: its keys are
/// the same.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// As this process has sent them.
    sent: Parts,
    /// As the platform tells. It does so of replies that are sent whole, too, and those must not have a reply forgotten that is not.
    told: Parts,
}

/// The last replies of which it is known.
#[derive(Debug, Default)]
struct Parts(Mutex<VecDeque<(Key, usize)>>);

impl Progress {
    /// How many of so many parts are sent. A platform may tell of a part that there is not: that says nothing.
    pub(super) fn of(&self, key: Key, parts: usize) -> usize {
        let known = [&self.sent, &self.told].map(|known| known.of(key));
        known.into_iter().filter(|sent| *sent < parts).max().unwrap_or_default()
    }

    /// So many parts are sent, and more are to be.
    pub(super) fn note(&self, key: Key, sent: usize) {
        self.sent.note(key, sent);
    }

    /// So many parts are sent at least, as the platform tells.
    pub(super) fn reach(&self, key: Key, sent: usize) {
        if self.told.of(key) < sent {
            self.told.note(key, sent);
        }
    }

    /// So many parts are sent at most: the platform had the next one, and has not delivered it.
    pub(super) fn fall_back(&self, key: Key, sent: usize) {
        for parts in [&self.sent, &self.told] {
            if parts.of(key) > sent {
                parts.note(key, sent);
            }
        }
    }

    /// It is sent whole.
    pub(super) fn forget(&self, key: Key) {
        self.sent.forget(key);
        self.told.forget(key);
    }
}

impl Parts {
    fn of(&self, key: Key) -> usize {
        self.replies().iter().find(|(of, _)| *of == key).map_or(0, |(_, sent)| *sent)
    }

    fn note(&self, key: Key, sent: usize) {
        let mut replies = self.replies();
        replies.retain(|(of, _)| *of != key);
        replies.push_back((key, sent));
        if replies.len() > REMEMBERED {
            replies.pop_front();
        }
    }

    fn forget(&self, key: Key) {
        self.replies().retain(|(of, _)| *of != key);
    }

    fn replies(&self) -> MutexGuard<'_, VecDeque<(Key, usize)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use flow_core::{SessionId, Stamp};

    use super::*;

    fn key() -> Key {
        Key::new(SessionId::random(), Stamp::first(), 0)
    }

    #[test]
    fn what_is_told_of_replies_that_are_there_has_no_other_forgotten() {
        let (progress, waits) = (Progress::default(), key());
        progress.note(waits, 2);
        for _ in 0..=REMEMBERED {
            progress.reach(key(), 1);
        }
        assert_eq!((progress.of(waits, 3), progress.of(waits, 2)), (2, 0));
    }

    #[test]
    fn the_part_that_failed_is_sent_again_and_those_before_it_are_not() {
        let (progress, key) = (Progress::default(), key());
        progress.note(key, 1);
        progress.reach(key, 3);
        assert_eq!((progress.of(key, 4), progress.of(key, 3)), (3, 1));
        progress.fall_back(key, 2);
        assert_eq!(progress.of(key, 4), 2);
        progress.fall_back(key, 0);
        assert_eq!(progress.of(key, 4), 0);
    }
}
