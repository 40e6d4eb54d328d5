//! Everything that hears of an engine's work: [`Observers`].

use std::fmt;

use super::{
    caught::caught_call,
    counters::Counters,
    observed::{BatchEnded, DeliveryEnded, LaidOut, LetterTried},
    observer::{CallEnded, Event, Observer, TurnEnded},
    operated::Operated,
};

/// The engine's own counters, and after them the users' observers, none of which another one's panic keeps from hearing.
#[derive(Default)]
pub(super) struct Observers {
    pub(super) counters: Counters,
    others: Vec<Box<dyn Observer>>,
}

impl Observers {
    pub(super) fn new(others: Vec<Box<dyn Observer>>) -> Self {
        Self { counters: Counters::default(), others }
    }

    pub(super) fn turn_ended(&self, turn: &TurnEnded<'_>) {
        self.tell(|observer| observer.turn_ended(turn));
    }

    pub(super) fn operated(&self, operated: &Operated<'_>) {
        self.tell(|observer| observer.operated(operated));
    }

    pub(super) fn call_ended(&self, call: &CallEnded<'_>) {
        self.tell(|observer| observer.call_ended(call));
    }

    pub(super) fn delivery_ended(&self, delivery: &DeliveryEnded<'_>) {
        self.tell(|observer| observer.delivery_ended(delivery));
    }

    pub(super) fn laid_out(&self, laid: &LaidOut<'_>) {
        self.tell(|observer| observer.laid_out(laid));
    }

    pub(super) fn letter_tried(&self, letter: &LetterTried) {
        self.tell(|observer| observer.letter_tried(letter));
    }

    pub(super) fn batch_ended(&self, batch: &BatchEnded<'_>) {
        self.tell(|observer| observer.batch_ended(batch));
    }

    pub(super) fn happened(&self, event: Event) {
        self.tell(|observer| observer.happened(event));
    }

    fn tell(&self, tell: impl Fn(&dyn Observer)) {
        tell(&self.counters);
        for other in &self.others {
            if caught_call(|| tell(&**other)).is_err() {
                tracing::error!("an observer panicked");
            }
        }
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observers").field("others", &self.others.len()).finish_non_exhaustive()
    }
}
