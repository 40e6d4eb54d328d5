//! What an engine has done so far: [`Stats`], counted by an observer of its own.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;

use super::{
    Durability, Opened,
    gate::Gate,
    observer::{CallEnded, Event, Observer, TurnEnded, TurnKind, Verb},
};
use crate::{Cause, resilience::StoreCounts};

/// Declares the counters and their snapshot, in one list.
macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident;)*) => {
        /// What an engine has counted since it was built.
        ///
        /// ```
        /// # use flow_core::{Engine, Flow};
        /// # fn example<F: Flow>(engine: &Engine<F>) {
        /// let stats = engine.stats();
        /// println!("{} turns, {} repeats, {} in flight", stats.taken, stats.repeats, stats.in_flight);
        /// # }
        /// ```
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Stats {
            $($(#[doc = $doc])+ pub $name: u64,)*
            /// Turns being taken at this moment.
            pub in_flight: usize,
            /// Turns waiting at this moment, for one of the places or for another turn of their session.
            pub waiting: usize,
            /// Workers that work in this process at this moment.
            pub workers: usize,
            /// Inboxes that this process goes through at this moment, because messages wait there that it has accepted or found.
            pub inboxes: usize,
            /// How long the inbox among these that has waited the longest has had no message handled.
            pub inbox_waits: Duration,
            /// By how much the store's clock was ahead of this machine's when it last told the time, less than nothing if it
            /// was behind; none before that. What an answer takes on its way counts against the store.
            pub skew: Option<TimeDelta>,
            /// Whether something was left to a worker, and none was there, in this process or another, when that was last
            /// looked into: at most once a minute, by a turn that leaves something. Never in a store without a
            /// [`Heartbeat`](crate::store::Heartbeat).
            pub unattended: bool,
            /// What the calls to the store have met.
            pub store: StoreCounts,
            /// How the archive follows.
            pub archive: ArchiveStats,
        }

        #[derive(Debug, Default)]
        pub(super) struct Counters { $($name: AtomicU64,)* runs: Mutex<ArchiveStats> }

        impl Counters {
            pub(super) fn snapshot(
                &self,
                gate: &Gate,
                (inboxes, inbox_waits): (usize, Duration),
                skew: Option<TimeDelta>,
                unattended: bool,
                store: StoreCounts,
            ) -> Stats {
                let archive = *self.runs();
                let (in_flight, waiting, workers) = (gate.taken(), gate.waiting(), gate.workers());
                Stats {
                    $($name: self.$name.load(Ordering::Relaxed),)*
                    in_flight, waiting, workers, inboxes, inbox_waits, skew, unattended, store, archive
                }
            }
        }
    };
}

counters! {
    /// Turns that were taken and stored.
    taken;
    /// Messages that were left to a person, because the bot was paused.
    paused;
    /// Messages that had been handled before.
    repeats;
    /// Buttons that were pressed when their question was over.
    over;
    /// Signals that the state did not take.
    unheard;
    /// Conversations that began.
    opened;
    /// Conversations that began because the one before had expired.
    expired;
    /// Conversations that came to an end.
    ended;
    /// Steps from a state to a state.
    transitions;
    /// Answers that were not understood.
    reasked;
    /// Messages whose ids were forgotten before their time ([`Limits::known_ids`](crate::Limits::known_ids)).
    forgotten_messages;
    /// Handlers that failed or panicked.
    failed;
    /// Times that a handler did not yield for a second, and held up a thread of the runtime.
    stalled;
    /// Messages that were accepted and had to wait for their turn.
    posted;
    /// Messages that were accepted and had their turn at once.
    handled_at_once;
    /// Expiries of sessions that were put off or changed without a turn.
    renewed;
    /// Times that another writer came first, so that a turn was run again, or put on what was stored then.
    conflicts;
    /// Turns that began with what this process had left of their session, and were stored over that
    /// ([`EngineBuilder::warm`](super::EngineBuilder::warm)).
    remembered;
    /// Turns that were decided again, because what this process had left of their session was out of date.
    outdated;
    /// Turns given up because other writers always came first, too many were waiting, or their deadline had passed.
    busy;
    /// Turns answered by the outage policy.
    degraded;
    /// Turns taken in memory, while the store was away.
    in_memory;
    /// Sessions handed back to the store after that.
    handed_back;
    /// Sessions that could not be handed back, because they had moved on elsewhere.
    lost;
    /// Turns refused because of a bound, or because the engine shuts down.
    refused;
    /// Checkpoints, effects and announcements delivered.
    delivered;
    /// Deliveries that failed, to be tried again.
    undelivered;
    /// Deliveries set aside, because they failed too often, and accepted messages, because they could not be handled.
    set_aside;
    /// Damaged sessions put in quarantine.
    quarantined;
    /// Sessions that a worker looked at, because something was due.
    woken;
    /// Sessions that the store no longer had when a worker asked what was due: given up
    /// ([`Expiry::unattended`](crate::Expiry::unattended)), or lost.
    forgotten;
    /// Sessions that were found to have expired on their way.
    lapsed;
    /// Sessions taken up again that had expired, or been lost by their store.
    resumed;
    /// Sessions archived.
    archived;
    /// Sessions that the archive refused, set aside until they change.
    archive_refused;
    /// Sessions of which the archive had another lineage.
    archive_repaired;
    /// Calls to the archive that failed.
    archive_failures;
    /// Things said that are no longer kept, because more was said than a record may keep.
    said_dropped;
    /// Replies that waited to be collected and no longer do, because more wait than may ([`Shelf`](super::Shelf)).
    uncollected;
    /// Days whose work was done by this engine ([`Daily`](super::Daily)).
    days;
    /// Messages that were set aside and have lost their words, to make room ([`Inbox::aside`](crate::engine::Inbox::aside)).
    letters_emptied;
    /// Replies that could not be sent, and are no longer kept for an operator, because more of them are than may be undelivered
    /// ([`Limits::undelivered`](crate::Limits::undelivered)).
    forgotten_replies;
}

impl Observer for Counters {
    fn turn_ended(&self, turn: &TurnEnded<'_>) {
        count(match turn.kind {
            TurnKind::Taken if matches!(turn.durability, Some(Durability::InMemory(_))) => &self.in_memory,
            TurnKind::Taken => &self.taken,
            TurnKind::Paused => &self.paused,
            TurnKind::Repeat => &self.repeats,
            TurnKind::Over => &self.over,
            TurnKind::Unheard => &self.unheard,
            TurnKind::Failed => &self.failed,
            TurnKind::Degraded => &self.degraded,
            TurnKind::Busy => &self.busy,
            TurnKind::Refused => &self.refused,
            // The call itself was counted.
            TurnKind::StoreFailed => return,
        });
        if let Some(opened) = turn.opened {
            count(&self.opened);
            if opened == Opened::AfterExpiry {
                count(&self.expired);
            }
        }
        if turn.ended {
            count(&self.ended);
        }
        for transition in turn.transitions {
            count(match transition.by {
                Cause::Lapsed => &self.lapsed,
                Cause::Resumed => &self.resumed,
                by if by.stays() => continue,
                _ => &self.transitions,
            });
        }
    }

    fn call_ended(&self, call: &CallEnded<'_>) {
        let is_of_store = matches!(
            call.verb,
            Verb::Load
                | Verb::Commit
                | Verb::Post
                | Verb::Remove
                | Verb::Confirm
                | Verb::Due
                | Verb::Beat
                | Verb::Alive
                | Verb::Browse
                | Verb::Count
                | Verb::Quarantine
        );
        if call.error.is_some() && !is_of_store {
            count(&self.archive_failures);
        }
    }

    fn happened(&self, event: Event) {
        count(match event {
            Event::Reasked => &self.reasked,
            Event::Posted => &self.posted,
            Event::HandledAtOnce => &self.handled_at_once,
            Event::Renewed => &self.renewed,
            Event::MessageForgotten => &self.forgotten_messages,
            Event::Conflict => &self.conflicts,
            Event::Remembered => &self.remembered,
            Event::Outdated => &self.outdated,
            Event::Stalled => &self.stalled,
            Event::HandedBack => &self.handed_back,
            Event::Lost => &self.lost,
            Event::Delivered => &self.delivered,
            Event::Undelivered => &self.undelivered,
            Event::SetAside | Event::MessageSetAside => &self.set_aside,
            Event::Quarantined => &self.quarantined,
            Event::Woken => &self.woken,
            Event::Forgotten => &self.forgotten,
            Event::Archived => &self.archived,
            Event::ArchiveRefused => &self.archive_refused,
            Event::ArchiveRepaired => &self.archive_repaired,
            Event::SaidDropped => &self.said_dropped,
            Event::Uncollected => &self.uncollected,
            Event::Daily => &self.days,
            Event::LetterEmptied => &self.letters_emptied,
            Event::ReplyForgotten => &self.forgotten_replies,
        });
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

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
    /// Begins a run over this many sessions.
    pub(super) fn begin_run(&self, sessions: usize, lag: Duration) -> ArchiveRun<'_> {
        let mut runs = self.runs();
        runs.queued += sessions;
        runs.lag = lag;
        ArchiveRun { counters: self, sessions }
    }

    fn runs(&self) -> MutexGuard<'_, ArchiveStats> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run of the archive under way.
#[derive(Debug)]
pub(super) struct ArchiveRun<'c> {
    counters: &'c Counters,
    sessions: usize,
}

impl ArchiveRun<'_> {
    /// The run has come to its end.
    pub(super) fn end(self, took: Duration) {
        let mut runs = self.counters.runs();
        runs.runs += 1;
        runs.last_run = took;
        runs.longest_run = runs.longest_run.max(took);
        // It is locked once more when this is dropped.
        drop(runs);
    }
}

impl Drop for ArchiveRun<'_> {
    fn drop(&mut self) {
        self.counters.runs().queued -= self.sessions;
    }
}
