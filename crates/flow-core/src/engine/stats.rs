//! What an engine has done so far: [`Stats`]. Every count passes through [`Counters::count`], so that a metrics backend
//! has one place to hook in.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::resilience::StoreCounts;

/// How the archive follows the store, as far as the workers of this engine archive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArchiveStats {
    /// How many runs there were: a batch each.
    pub runs: u64,
    /// How many sessions are in the runs under way.
    pub queued: usize,
    /// How long the session that waited the longest was overdue in the last run.
    pub lag: Duration,
    /// How long the last run took.
    pub last_run: Duration,
    /// How long the longest run took.
    pub longest_run: Duration,
}

impl Counters {
    /// A run begins with so many sessions.
    pub(super) fn begins_run(&self, sessions: usize, lag: Duration) -> Run<'_> {
        let mut runs = self.runs();
        runs.queued += sessions;
        runs.lag = lag;
        Run { counters: self, sessions }
    }

    fn runs(&self) -> MutexGuard<'_, ArchiveStats> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run under way.
pub(super) struct Run<'c> {
    counters: &'c Counters,
    sessions: usize,
}

impl Run<'_> {
    /// It came to its end.
    pub(super) fn ends(self, took: Duration) {
        let mut runs = self.counters.runs();
        runs.runs += 1;
        runs.last_run = took;
        runs.longest_run = runs.longest_run.max(took);
        // It is locked once more when this is dropped.
        drop(runs);
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.counters.runs().queued -= self.sessions;
    }
}

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
            /// How the archive follows.
            pub archive: ArchiveStats,
        }

        #[derive(Debug, Default)]
        pub(super) struct Counters { $($field: AtomicU64,)* runs: Mutex<ArchiveStats> }

        impl Counters {
            pub(super) fn count(&self, event: Event) {
                let counter = match event { $(Event::$event => &self.$field),* };
                counter.fetch_add(1, Ordering::Relaxed);
            }

            pub(super) fn snapshot(&self, in_flight: usize, store: StoreCounts) -> Stats {
                let archive = *self.runs();
                Stats { $($field: self.$field.load(Ordering::Relaxed),)* in_flight, store, archive }
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
    /// Checkpoints, effects and announcements delivered.
    Delivered => delivered;
    /// Deliveries that failed, to be tried again.
    Undelivered => undelivered;
    /// Deliveries set aside, because they failed too often.
    SetAside => set_aside;
    /// Sessions that a worker looked at, because something was due.
    Woken => woken;
    /// Sessions that were found to have expired on their way.
    Lapsed => lapsed;
    /// Sessions taken up again that had expired, or been lost by their store.
    Resumed => resumed;
    /// Sessions archived.
    Archived => archived;
    /// Sessions that the archive refused, set aside until they change.
    ArchiveRefused => archive_refused;
    /// Sessions of which the archive had another lineage.
    ArchiveRepaired => archive_repaired;
    /// Calls to the archive that failed.
    ArchiveFailed => archive_failures;
}
