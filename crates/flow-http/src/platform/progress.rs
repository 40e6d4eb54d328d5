//! How far replies of several parts are sent: [`Progress`].

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use flow_core::Key;

/// Of how many replies it is remembered.
const REMEMBERED: usize = 1024;

/// How many parts of a reply are sent, as long as it is not sent whole. A process that begins anew begins the reply anew: its keys are
/// the same.
#[derive(Debug, Default)]
pub(super) struct Progress(Mutex<VecDeque<(Key, usize)>>);

impl Progress {
    pub(super) fn of(&self, key: Key) -> usize {
        self.replies().iter().find(|(of, _)| *of == key).map_or(0, |(_, sent)| *sent)
    }

    /// So many parts are sent, and more are to be.
    pub(super) fn note(&self, key: Key, sent: usize) {
        let mut replies = self.replies();
        replies.retain(|(of, _)| *of != key);
        replies.push_back((key, sent));
        if replies.len() > REMEMBERED {
            replies.pop_front();
        }
    }

    /// It is sent whole.
    pub(super) fn forget(&self, key: Key) {
        self.replies().retain(|(of, _)| *of != key);
    }

    fn replies(&self) -> MutexGuard<'_, VecDeque<(Key, usize)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
