//! How much a worker does at once: [`Places`], bulkheads for what hooks hold up.
//!
//! What is short (timers, expiries, reading what is due) has places that no delivery takes. Each destination has a few of its own,
//! so that one which hangs leaves the others theirs.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

use crate::session::Destination;

/// A place that is taken until it is dropped.
pub(super) type Place = OwnedSemaphorePermit;

/// The places of one worker.
#[derive(Debug)]
pub(super) struct Places {
    /// For the short.
    short: Arc<Semaphore>,
    /// How many there are for each destination.
    for_each: usize,
    patience: Duration,
    lines: Mutex<HashMap<Destination, Arc<Line>>>,
}

/// What waits for one destination.
#[derive(Debug)]
struct Line {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// When the last of those that were turned away is to ask again.
    last_again: Mutex<Instant>,
}

/// How many wait in line for each place, at most.
const LONGEST_LINE: usize = 4;

/// How many of those that were turned away ask again in a second: so many writes it costs that a destination hangs.
const AGAIN_A_SECOND: u32 = 32;

impl Places {
    pub(super) fn new(short: usize, for_each: usize, patience: Duration) -> Self {
        Self { short: Arc::new(Semaphore::new(short)), for_each, patience, lines: Mutex::default() }
    }

    /// How many places for the short are free.
    pub(super) fn free(&self) -> usize {
        self.short.available_permits()
    }

    /// A place for what is short, when one is free.
    pub(super) async fn short(&self) -> Option<Place> {
        // None only if it were closed, which it never is.
        Arc::clone(&self.short).acquire_owned().await.ok()
    }

    /// A place for what is short, if one is free.
    pub(super) fn short_at_once(&self) -> Option<Place> {
        Arc::clone(&self.short).try_acquire_owned().ok()
    }

    /// A place at each of these destinations that has one free; if none has, at the first that has one in a moment.
    pub(super) async fn at(&self, destinations: &[Destination]) -> Vec<(Destination, Place)> {
        let at_once = destinations.iter().filter_map(|to| Some((to.clone(), self.line(to).at_once()?)));
        let mut taken: Vec<_> = at_once.collect();
        if let (true, Some(first)) = (taken.is_empty(), destinations.first()) {
            taken.extend(self.line(first).wait(self.for_each, self.patience).await.map(|place| (first.clone(), place)));
        }
        taken
    }

    /// Whether one more for this destination would be turned away.
    pub(super) fn are_full(&self, to: &Destination) -> bool {
        let line = self.line(to);
        line.places.available_permits() == 0 && line.waiting.load(Ordering::Relaxed) >= LONGEST_LINE * self.for_each
    }

    /// After how long one that was turned away asks again: behind the others that were, a few each second.
    pub(super) fn again_in(&self, to: &Destination) -> Duration {
        let line = self.line(to);
        let (now, step) = (Instant::now(), Duration::from_secs(1) / AGAIN_A_SECOND);
        let mut last = line.last_again.lock().unwrap_or_else(PoisonError::into_inner);
        *last = (now + Duration::from_secs(1)).max(*last + step);
        *last - now
    }

    fn line(&self, to: &Destination) -> Arc<Line> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(to) {
            return Arc::clone(line);
        }
        let places = Arc::new(Semaphore::new(self.for_each));
        let line = Arc::new(Line { places, waiting: AtomicUsize::new(0), last_again: Mutex::new(Instant::now()) });
        lines.insert(to.clone(), Arc::clone(&line));
        line
    }
}

impl Line {
    fn at_once(&self) -> Option<Place> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// A place that becomes free while it is waited for; none if the line is long already.
    async fn wait(&self, for_each: usize, patience: Duration) -> Option<Place> {
        let waiting = Waiting::begin(&self.waiting);
        if waiting.before >= LONGEST_LINE * for_each {
            return None;
        }
        timeout(patience, Arc::clone(&self.places).acquire_owned()).await.ok()?.ok()
    }
}

/// One that waits, until it is dropped.
struct Waiting<'w> {
    all: &'w AtomicUsize,
    before: usize,
}

impl<'w> Waiting<'w> {
    fn begin(all: &'w AtomicUsize) -> Self {
        Self { all, before: all.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.all.fetch_sub(1, Ordering::Relaxed);
    }
}
