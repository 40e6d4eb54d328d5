//! Which sessions this process has written that are still to be archived: [`Unarchived`].

use std::{
    collections::HashSet,
    mem::take,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::SessionId;

/// Sessions that were written here and are still to be archived, as far as this process knows. Bounded: of very many, the
/// latest.
#[derive(Debug, Default)]
pub(in crate::engine) struct Unarchived(Mutex<[HashSet<SessionId>; 2]>);

/// How many are remembered, so that a process whose archiving other processes do stays small. What is forgotten here is left
/// to the workers, which find it by the store.
const MOST: usize = 100_000;

impl Unarchived {
    /// The session is written so that it is to be archived.
    pub(super) fn add(&self, id: SessionId) {
        let mut sessions = self.sessions();
        sessions[1].remove(&id);
        sessions[0].insert(id);
        if sessions[0].len() >= MOST / 2 {
            sessions[1] = take(&mut sessions[0]);
        }
    }

    /// The session need not be archived any more.
    pub(in crate::engine) fn remove(&self, id: SessionId) {
        for sessions in self.sessions().iter_mut() {
            sessions.remove(&id);
        }
    }

    /// All of them, the latest before those of long ago.
    pub(in crate::engine) fn ids(&self) -> Vec<SessionId> {
        self.sessions().iter().flatten().copied().collect()
    }

    /// How many they are.
    pub(in crate::engine) fn len(&self) -> usize {
        self.sessions().iter().map(HashSet::len).sum()
    }

    fn sessions(&self) -> MutexGuard<'_, [HashSet<SessionId>; 2]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_remembered_once_each_and_no_more_than_the_bound() {
        let unarchived = Unarchived::default();
        let ids: Vec<_> = (0..MOST * 2).map(|_| SessionId::random()).collect();
        for id in &ids {
            unarchived.add(*id);
            unarchived.add(*id);
        }
        assert!((MOST / 2..=MOST).contains(&unarchived.len()), "{} are known", unarchived.len());
        let known: HashSet<_> = unarchived.ids().into_iter().collect();
        assert!(ids[MOST + MOST / 2..].iter().all(|id| known.contains(id)), "the latest are among them");
        assert_eq!(known.len(), unarchived.len());
        unarchived.remove(ids[MOST * 2 - 1]);
        assert_eq!(unarchived.len(), known.len() - 1);
    }
}
