//! A lock for each key that is in use: [`Locks`].

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Mutex as TurnMutex, OwnedMutexGuard};

/// As many locks as there are keys in use; one that nothing uses any more takes no room.
#[derive(Debug)]
pub(super) struct Locks<K>(Mutex<HashMap<K, Arc<TurnMutex<()>>>>);

/// A key that is locked until this is dropped.
#[derive(Debug)]
pub(in crate::engine) struct Locked<'l, K: Eq + Hash + Copy> {
    locks: &'l Locks<K>,
    key: K,
    guard: Option<OwnedMutexGuard<()>>,
}

impl<K> Default for Locks<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Copy> Locks<K> {
    /// Waits until the key is free, behind the callers that came before.
    pub(super) async fn lock(&self, key: K) -> Locked<'_, K> {
        let lock = Arc::clone(self.all().entry(key).or_default());
        self.wait_for(key, lock).await
    }

    /// The same, unless so many callers wait already.
    pub(super) async fn lock_behind(&self, key: K, limit: usize) -> Option<Locked<'_, K>> {
        let lock = {
            let mut all = self.all();
            let lock = all.entry(key).or_default();
            // Beside the map's own and the holder's, each is that of a caller that waits.
            if Arc::strong_count(lock) >= limit.saturating_add(2) {
                return None;
            }
            Arc::clone(lock)
        };
        Some(self.wait_for(key, lock).await)
    }

    /// Whether a caller holds the key, or waits for it.
    pub(super) fn is_held(&self, key: K) -> bool {
        self.all().contains_key(&key)
    }

    async fn wait_for(&self, key: K, lock: Arc<TurnMutex<()>>) -> Locked<'_, K> {
        // Made before the wait, so that a caller that stops waiting tidies up as well.
        let mut locked = Locked { locks: self, key, guard: None };
        locked.guard = Some(lock.lock_owned().await);
        locked
    }

    fn all(&self) -> MutexGuard<'_, HashMap<K, Arc<TurnMutex<()>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Copy> Drop for Locked<'_, K> {
    fn drop(&mut self) {
        // Under the lock of the map no caller takes up a lock that is about to be removed.
        let mut all = self.locks.all();
        drop(self.guard.take());
        // The map's own is the only one left.
        if let Entry::Occupied(lock) = all.entry(self.key)
            && Arc::strong_count(lock.get()) == 1
        {
            lock.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{sleep, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_key_is_given_to_one_at_a_time_in_the_order_of_asking_and_others_do_not_wait() {
        let (locks, order) = (Arc::new(Locks::default()), Arc::new(Mutex::new(Vec::new())));
        let first = locks.lock(1).await;
        let others = [1, 2, 3].map(|number| {
            let (locks, order) = (Arc::clone(&locks), Arc::clone(&order));
            tokio::spawn(async move {
                sleep(Duration::from_millis(number)).await;
                let _lock = locks.lock(1).await;
                order.lock().expect("the order").push(number);
            })
        });
        let _another = locks.lock(2).await;
        sleep(Duration::from_secs(1)).await;
        assert!(order.lock().expect("the order").is_empty());
        drop(first);
        for other in others {
            other.await.expect("it had the lock");
        }
        assert_eq!(*order.lock().expect("the order"), [1, 2, 3]);
        assert_eq!(locks.all().len(), 1, "the lock of the other key alone");
    }

    #[tokio::test(start_paused = true)]
    async fn beyond_the_bound_no_caller_waits_and_one_that_has_gone_makes_room() {
        let locks = Locks::default();
        let first = locks.lock_behind("key", 0).await.expect("it is free");
        assert!(locks.lock_behind("key", 0).await.is_none());
        let (waiting, behind) = (locks.lock_behind("key", 1), locks.lock_behind("key", 1));
        tokio::pin!(waiting, behind);
        assert!(timeout(Duration::from_secs(1), &mut waiting).await.is_err(), "it waits");
        assert!(behind.await.is_none(), "there is no room behind it");
        drop(first);
        let second = waiting.await.expect("it had room");
        assert!(timeout(Duration::from_secs(1), locks.lock_behind("key", 1)).await.is_err(), "it waits, and goes away");
        drop(second);
        assert!(locks.lock_behind("key", 0).await.is_some());
        assert!(locks.all().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_stops_waiting_leaves_nothing_behind_and_holds_nobody_up() {
        let locks = Locks::default();
        let first = locks.lock("key").await;
        assert!(timeout(Duration::from_secs(1), locks.lock("key")).await.is_err());
        drop(first);
        assert!(locks.all().is_empty());
        drop(locks.lock("key").await);
        assert!(locks.all().is_empty());
    }
}
