//! What waits to be delivered, in order: [`Lanes`].

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::Parcel;

/// A queue for each name that something waits under. One task goes through each.
pub(super) struct Lanes {
    inner: Mutex<Inner>,
    generation: watch::Sender<u64>,
}

#[derive(Default)]
struct Inner {
    lanes: HashMap<String, VecDeque<Parcel>>,
    generation: u64,
}

/// That all began anew.
pub(super) struct Ended {
    generation: u64,
    newest: watch::Receiver<u64>,
}

impl Default for Lanes {
    fn default() -> Self {
        Self { inner: Mutex::default(), generation: watch::channel(0).0 }
    }
}

impl Lanes {
    /// Queues this. Gives the generation if nobody goes through its lane yet.
    pub(super) fn push(&self, parcel: Parcel) -> Option<u64> {
        let mut inner = self.inner();
        let generation = inner.generation;
        match inner.lanes.get_mut(&parcel.lane) {
            Some(lane) => {
                lane.push_back(parcel);
                None
            }
            None => {
                inner.lanes.insert(parcel.lane.clone(), VecDeque::from([parcel]));
                Some(generation)
            }
        }
    }

    /// The next of a lane. None if there is none: then nobody goes through it any more.
    pub(super) fn front(&self, lane: &str, generation: u64) -> Option<Parcel> {
        let mut inner = self.inner();
        if inner.generation != generation {
            return None;
        }
        let front = inner.lanes.get(lane)?.front().cloned();
        if front.is_none() {
            inner.lanes.remove(lane);
        }
        front
    }

    pub(super) fn pop(&self, lane: &str, generation: u64) {
        let mut inner = self.inner();
        if inner.generation == generation {
            inner.lanes.get_mut(lane).map(VecDeque::pop_front);
        }
    }

    pub(super) fn clear(&self) {
        let mut inner = self.inner();
        inner.lanes.clear();
        inner.generation += 1;
        self.generation.send_replace(inner.generation);
    }

    pub(super) fn ended(&self, generation: u64) -> Ended {
        Ended { generation, newest: self.generation.subscribe() }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ended {
    pub(super) async fn wait(&mut self) {
        let generation = self.generation;
        // The lanes are there as long as the task that waits here, so the channel is open.
        let _ = self.newest.wait_for(|newest| *newest != generation).await;
    }
}
