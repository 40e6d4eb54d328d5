//! How long it took: [`Trip`]s.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The way of one message from a visitor to the bot, and of the reply back.
#[derive(Clone, Debug)]
pub struct Trip {
    chat: String,
    said: Instant,
    deliveries: u32,
    delivered: Option<Instant>,
    taken: Option<Instant>,
    replied: Option<Instant>,
}

impl Trip {
    /// The chat in which it was said.
    pub fn chat(&self) -> &str {
        &self.chat
    }

    /// When the visitor said it.
    pub fn said(&self) -> Instant {
        self.said
    }

    /// How often its delivery was tried.
    pub fn deliveries(&self) -> u32 {
        self.deliveries
    }

    /// When its delivery was first tried.
    pub fn delivered(&self) -> Option<Instant> {
        self.delivered
    }

    /// When the bot first said that it has it.
    pub fn taken(&self) -> Option<Instant> {
        self.taken
    }

    /// When the reply came into the chat.
    ///
    /// Replies are told apart by their order alone: where messages of one chat are under way together, this is right if the bot answers each
    /// with one.
    pub fn replied(&self) -> Option<Instant> {
        self.replied
    }

    /// From the first try to deliver it to the bot's answer.
    pub fn answered_in(&self) -> Option<Duration> {
        Some(self.taken?.saturating_duration_since(self.delivered?))
    }

    /// From what the visitor said to the reply.
    pub fn replied_in(&self) -> Option<Duration> {
        Some(self.replied?.saturating_duration_since(self.said))
    }
}

/// The newest trips. By a number that only grows, so that none is looked for.
#[derive(Default)]
pub(super) struct Trips(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    trips: VecDeque<Trip>,
    first: u64,
    open: HashMap<String, VecDeque<u64>>,
}

/// 100 bytes each.
const KEPT: usize = 1_000_000;

impl Trips {
    pub(super) fn begin(&self, chat: &str) -> u64 {
        let mut inner = self.inner();
        let number = inner.first + inner.trips.len() as u64;
        inner.trips.push_back(Trip {
            chat: chat.to_owned(),
            said: Instant::now(),
            deliveries: 0,
            delivered: None,
            taken: None,
            replied: None,
        });
        inner.open.entry(chat.to_owned()).or_default().push_back(number);
        if inner.trips.len() > KEPT {
            inner.trips.pop_front();
            inner.first += 1;
        }
        number
    }

    pub(super) fn is_delivered(&self, number: u64) {
        self.with(number, |trip| {
            trip.deliveries += 1;
            trip.delivered.get_or_insert_with(Instant::now);
        });
    }

    pub(super) fn is_taken(&self, number: u64) {
        self.with(number, |trip| {
            trip.taken.get_or_insert_with(Instant::now);
        });
    }

    pub(super) fn is_replied(&self, chat: &str) {
        let Some(number) = self.inner().open.get_mut(chat).and_then(VecDeque::pop_front) else { return };
        self.with(number, |trip| trip.replied = Some(Instant::now()));
    }

    pub(super) fn all(&self) -> Vec<Trip> {
        self.inner().trips.iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        let mut inner = self.inner();
        inner.first += inner.trips.len() as u64;
        inner.trips.clear();
        inner.open.clear();
    }

    fn with(&self, number: u64, change: impl FnOnce(&mut Trip)) {
        let mut inner = self.inner();
        let Some(place) = number.checked_sub(inner.first) else { return };
        let place = usize::try_from(place).expect("no more than are kept");
        if let Some(trip) = inner.trips.get_mut(place) {
            change(trip);
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
