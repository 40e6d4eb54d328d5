//! How much a worker does at once: [`Places`], bulkheads for what hooks hold up.
//!
//! What is short (timers, expiries, reading what is due) has places that no delivery takes. Each destination has a few of its own,
//! so that one which hangs leaves the others theirs.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout, timeout_at},
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
    moved: Mutex<Moved>,
    /// When the last of those that were turned away is to ask again.
    last_again: Mutex<Instant>,
}

/// How a line moves.
#[derive(Clone, Copy, Debug)]
struct Moved {
    /// When a place was last taken.
    last: Instant,
    /// How long it took lately from one that had waited to the next; none before one has.
    between: Duration,
}

/// How many wait in line for each place, at most, whatever the line does.
const LONGEST_LINE: usize = 4;

/// The same where each of them comes to a place in time, as far as can be told. A channel that keeps to a limit works off as many.
const LONGEST_STEADY_LINE: usize = 32;

/// How many of those that were turned away ask again in a second, unless the line is faster: so many writes it costs that a
/// destination hangs.
const AGAIN_A_SECOND: u32 = 32;

/// A long line is fast if the last in it comes to a place within this: what waits there keeps little from being done.
const FAST: Duration = Duration::from_millis(50);

/// A line moves if the last place in it was taken no longer ago than this. A hook that takes longer delivers less, with its eight
/// places, than those that are turned away ask for.
const MOVES_WITHIN: Duration = Duration::from_millis(250);

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
    ///
    /// The place for what is short is left for it, but not in a long line that moves fast: so no more is claimed of the store
    /// meanwhile than a sound hook works off, and nothing of a burst is turned away. In one that moves slowly, as that of a channel
    /// with a limit does, those are turned away whose time would not come soon: what goes elsewhere is not to wait behind them.
    pub(super) async fn at(
        &self,
        destinations: &[Destination],
        short: &mut Option<Place>,
    ) -> Vec<(Destination, Place)> {
        let at_once = destinations.iter().filter_map(|to| Some((to.clone(), self.line(to).at_once()?)));
        let mut taken: Vec<_> = at_once.collect();
        if let (true, Some(first)) = (taken.is_empty(), destinations.first()) {
            let place = self.line(first).wait(self.for_each, self.patience, short).await;
            taken.extend(place.map(|place| (first.clone(), place)));
        }
        drop(short.take());
        taken
    }

    /// Whether the line for this destination is long already.
    pub(super) fn are_full(&self, to: &Destination) -> bool {
        let line = self.line(to);
        line.places.available_permits() == 0 && line.waiting.load(Ordering::Relaxed) >= LONGEST_LINE * self.for_each
    }

    /// After how long one that was turned away asks again: behind the others that were, a few each second.
    pub(super) fn again_in(&self, to: &Destination) -> Duration {
        let line = self.line(to);
        let (now, between) = (Instant::now(), line.moved().between);
        let slowest = Duration::from_secs(1) / AGAIN_A_SECOND;
        // As fast as the line, or a channel would stand idle while what it is to send waits for its time.
        let step = if between.is_zero() { slowest } else { slowest.min(between) };
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
        let moved = Mutex::new(Moved { last: Instant::now(), between: Duration::ZERO });
        let last_again = Mutex::new(Instant::now());
        let line = Arc::new(Line { places, waiting: AtomicUsize::new(0), moved, last_again });
        lines.insert(to.clone(), Arc::clone(&line));
        line
    }
}

impl Line {
    fn at_once(&self) -> Option<Place> {
        Arc::clone(&self.places).try_acquire_owned().ok().inspect(|_| self.moved().last = Instant::now())
    }

    /// A place that becomes free while it is waited for; none if the line is long already and does not move.
    async fn wait(&self, for_each: usize, patience: Duration, short: &mut Option<Place>) -> Option<Place> {
        let waiting = Waiting::begin(&self.waiting);
        let behind = u32::try_from(waiting.before + 1).unwrap_or(u32::MAX);
        let (expected, is_long) =
            (self.moved().between.saturating_mul(behind), waiting.before >= LONGEST_LINE * for_each);
        if is_long && expected <= FAST {
            return timeout(patience, self.wait_while_it_moves()).await.ok()?;
        }
        if is_long && (expected > patience || waiting.before >= LONGEST_STEADY_LINE * for_each) {
            return None;
        }
        drop(short.take());
        let place = timeout(patience, Arc::clone(&self.places).acquire_owned()).await.ok()?.ok();
        place.inspect(|_| self.moves())
    }

    async fn wait_while_it_moves(&self) -> Option<Place> {
        let mut place = pin!(Arc::clone(&self.places).acquire_owned());
        loop {
            let until = self.moved().last + MOVES_WITHIN;
            if let Ok(place) = timeout_at(until, &mut place).await {
                return place.ok().inspect(|_| self.moves());
            }
            // Others before this one may have come to a place meanwhile.
            if self.moved().last + MOVES_WITHIN <= until {
                return None;
            }
        }
    }

    /// One that has waited comes to a place.
    fn moves(&self) {
        let (now, mut moved) = (Instant::now(), self.moved());
        let since = now.saturating_duration_since(moved.last);
        moved.between = if moved.between.is_zero() { since } else { (moved.between * 7 + since) / 8 };
        moved.last = now;
    }

    fn moved(&self) -> MutexGuard<'_, Moved> {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner)
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
