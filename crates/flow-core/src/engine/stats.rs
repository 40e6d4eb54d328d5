//! What an engine has done so far: [`Stats`]. Every count passes through [`Counters::count`], so that a metrics backend
//! has one place to hook in.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::resilience::StoreCounts;

/// Declares the events, their counters and their snapshot, in one list.
macro_rules! events {
    ($($(#[doc = $doc:literal])+ $event:ident => $field:ident;)*) => {
        /// Something worth counting.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Event { $($event),* }

        /// What an engine has counted since it was built.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Stats {
            $($(#[doc = $doc])+ pub $field: u64,)*
            /// Turns being taken at this moment.
            pub in_flight: usize,
            /// What the calls to the store have met.
            pub store: StoreCounts,
        }

        #[derive(Debug, Default)]
        pub(super) struct Counters { $($field: AtomicU64),* }

        impl Counters {
            pub(super) fn count(&self, event: Event) {
                let counter = match event { $(Event::$event => &self.$field),* };
                counter.fetch_add(1, Ordering::Relaxed);
            }

            pub(super) fn snapshot(&self, in_flight: usize, store: StoreCounts) -> Stats {
                Stats { $($field: self.$field.load(Ordering::Relaxed),)* in_flight, store }
            }
        }
    };
}

events! {
    /// Turns that were taken and stored.
    Taken => taken;
    /// Messages that had been handled before.
    Repeat => repeats;
    /// Conversations that began.
    Opened => opened;
    /// Conversations that began because the one before had expired.
    Expired => expired;
    /// Conversations that came to an end.
    Ended => ended;
    /// Steps from a state to a state.
    Transition => transitions;
    /// Answers that were not understood.
    Reasked => reasked;
    /// Handlers that failed or panicked.
    Failed => failed;
    /// Times that another writer came first, so that a turn was run again.
    Conflict => conflicts;
    /// Turns given up because other writers always came first, or because too many were being taken.
    Busy => busy;
    /// Turns answered by the outage policy.
    Degraded => degraded;
    /// Turns taken in memory, while the store was away.
    InMemory => in_memory;
    /// Sessions handed back to the store after that.
    HandedBack => handed_back;
    /// Sessions that could not be handed back, because they had moved on elsewhere.
    Lost => lost;
    /// Turns refused because of a bound, or because the engine shuts down.
    Refused => refused;
    /// Checkpoints and effects delivered.
    Delivered => delivered;
    /// Deliveries that failed, to be tried again.
    Undelivered => undelivered;
}
