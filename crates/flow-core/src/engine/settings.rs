//! What a user chooses of an engine, in groups: [`Expiry`], [`Deadlines`], [`Retries`], [`Archival`], [`Limits`].

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Said, Shelf,
    intake::Inbox,
    phrases::Phrases,
    policies::{Backlog, Damage, Outage, Resume},
};
use crate::{
    clock::after,
    record::RecordForm,
    resilience::Resilient,
    session::{Memory, OwnIdle},
};

/// Declares a group of settings: private fields, and a setter each.
macro_rules! group {
    ($(#[$about:meta])+ $group:ident { $($(#[doc = $doc:literal])+ $name:ident: $kind:ty = $value:expr $(=> $wrap:expr)?;)* }) => {
        $(#[$about])+
        #[derive(Clone, Debug)]
        #[must_use = "the settings count once the builder has them"]
        pub struct $group { $(pub(super) $name: group!(@field $kind $(, $wrap)?),)* }

        impl Default for $group {
            fn default() -> Self {
                Self { $($name: $value,)* }
            }
        }

        impl $group {
            $($(#[doc = $doc])+
            pub fn $name(self, $name: $kind) -> Self {
                Self { $name: group!(@value $name $(, $wrap)?), ..self }
            })*
        }
    };
    (@field $kind:ty) => { $kind };
    (@field $kind:ty, $wrap:expr) => { Option<$kind> };
    (@value $name:ident) => { $name };
    (@value $name:ident, $wrap:expr) => { $wrap($name) };
}

group! {
    /// When a session expires. Never, unless set.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use flow_core::engine::Expiry;
    ///
    /// let a_day_of_silence = Expiry::default().idle(Duration::from_secs(86_400));
    /// ```
    Expiry {
        /// When nothing was said for so long; every turn renews it. Off unless set.
        idle: Duration = None => Some;
        /// So long after it began, whatever was said since. Off unless set.
        absolute: Duration = None => Some;
        /// How long an expired session is still known, so that its visitor can be told. An hour unless set.
        grace: Duration = Duration::from_secs(3600);
        /// How long an expired session that waits for a worker is kept at most: counted from when something was due for it, and
        /// no shorter than the grace. Off unless set: it is kept until a worker comes.
        ///
        /// Then what was due for it (its archiving, what is told of its expiry, deliveries, timers) is given up, and the next
        /// worker counts it ([`Stats::forgotten`](crate::Stats::forgotten)). So let it be far longer than your workers, hooks and
        /// archive are ever away: days. A session that has not expired is never given up, nor one with dead letters.
        unattended: Duration = None => Some;
        /// How far the clocks of the store and of this machine may be apart. Beyond that one of them is wrong, and no session
        /// is declared expired; all else goes on by the store's time. Five minutes unless set.
        greatest_skew: Duration = Duration::from_secs(300);
    }
}

group! {
    /// How long the engine waits for others.
    ///
    /// A turn has one deadline, and everything that it waits for gets no more than the rest of that. What it has not sent to the
    /// store by then is not stored: the turn ends with the store's error, with the handler's failure, or as
    /// [`Busy::Late`](crate::Busy::Late). If its write was sent and not answered, that is
    /// [`StoreError::Unknown`](crate::StoreError::Unknown).
    ///
    /// None is longer than a day, whatever is set: what a process that has ended had begun must be followed some time.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use flow_core::engine::Deadlines;
    ///
    /// let impatient = Deadlines::default().store(Duration::from_millis(500)).handler(Duration::from_secs(5));
    /// ```
    Deadlines {
        /// How long a turn may take from its beginning, with all that it waits for. Its wait for a place, or for other turns of
        /// its session, is not counted. Unless set, as long as one method of the handler, one look into the archive, and two calls
        /// to the store may take together: 39 seconds, if these are not set either.
        turn: Duration = None => Some;
        /// How long each call to the store may take, with all its tries. Two seconds unless set.
        store: Duration = Resilient::DEADLINE;
        /// How long to wait for each method of the handler. Half a minute unless set.
        handler: Duration = Duration::from_secs(30);
        /// How long to wait for a file that a handler fetches. Twenty seconds unless set; it is part of the handler's time.
        media: Duration = Duration::from_secs(20);
        /// How long to wait for each delivery of a checkpoint, effect, announcement or reply. Ten seconds unless set.
        hook: Duration = Duration::from_secs(10);
        /// After how long a visitor whose message has an address is shown that an answer is coming
        /// ([`Channel::typing`](crate::Channel::typing)). Three quarters of a second unless set.
        typing: Duration = Duration::from_millis(750);
        /// How long each call to the archive may take. Five seconds unless set.
        archive: Duration = Duration::from_secs(5);
    }
}

group! {
    /// How often, and when, a delivery or a timer's turn that failed is tried again.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use flow_core::engine::Retries;
    ///
    /// let three_in_all = Retries::default().tries(3).pause(Duration::from_secs(10));
    /// ```
    Retries {
        /// How often a delivery is tried before it is set aside. 20 unless set.
        tries: u32 = 20;
        /// How long to wait after a try that failed; twice as long after each further one. A second unless set.
        pause: Duration = Duration::from_secs(1);
        /// How long to wait at most after a try that failed. Ten minutes unless set; never more than 30 days.
        longest_pause: Duration = Duration::from_secs(600);
    }
}

group! {
    /// How closely the archive follows the store: its writes are a write-behind, debounced by an interval.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use flow_core::engine::Archival;
    ///
    /// let closely = Archival::default().interval(Duration::from_secs(5)).insist(true);
    /// ```
    Archival {
        /// How long a changed session may wait to be archived. A minute unless set.
        interval: Duration = Duration::from_secs(60);
        /// Whether a message fails, with [`EngineError::Archive`](crate::EngineError::Archive), if the store does not have
        /// its session and the archive cannot tell whether it has. Unless set the session begins anew, so that new visitors
        /// need no archive, and is joined later to what is archived of it.
        insist: bool = false;
    }
}

group! {
    /// How much an engine takes. What is beyond is refused, with an error that says so.
    ///
    /// ```
    /// use flow_core::engine::Limits;
    ///
    /// let small = Limits::default().turns_at_once(100).input(1024);
    /// ```
    Limits {
        /// How many turns are taken at once; the others wait, one of each session, in the order of their coming. 10,000
        /// unless set; at least 1. A handler that waits for a turn of the same engine holds its own place meanwhile.
        turns_at_once: usize = 10_000;
        /// How many turns wait, of all sessions together; one more is [`Busy::Crowded`](crate::Busy::Crowded), at once. 10,000
        /// unless set.
        turns_waiting: usize = 10_000;
        /// How many turns of one session wait for the one that is taken; one more is [`Busy::Queue`](crate::Busy::Queue), at
        /// once. 32 unless set.
        turns_in_line: usize = 32;
        /// How often a turn is run while other writers come first, before it is `Busy`. 16 unless set.
        rounds: u32 = 16;
        /// How many steps of the history a record keeps. 50 unless set.
        history: usize = 50;
        /// How many messages a record keeps with their replies, so that a repeat hears the same. 16 unless set; at least 1.
        remembered_messages: usize = 16;
        /// How many message ids before those a record keeps, so that a repeat is recognised, and hears nothing. 4,096 unless set:
        /// 12 bytes of the record for each. Beyond that the oldest is forgotten, and counted
        /// ([`Stats::forgotten_messages`](crate::Stats::forgotten_messages)).
        known_ids: usize = 4_096;
        /// How long a record keeps those ids. 24 hours unless set: as long as your channel may deliver a message again.
        known_for: Duration = Duration::from_secs(86_400);
        /// How many bytes an input may have. 16 KiB unless set.
        input: usize = 16 * 1024;
        /// How many bytes an answer may have that [`Turn::once`](crate::Turn::once) keeps. 16 KiB unless set.
        answer: usize = 16 * 1024;
        /// How many bytes a file may have that a handler fetches. 20 MiB unless set. Each turn that fetches one holds it in
        /// memory meanwhile.
        media: usize = 20 * 1024 * 1024;
        /// How many bytes a record may have. 1 MiB unless set.
        record: usize = 1024 * 1024;
        /// How many deliveries of a session may be undelivered for each destination: for each kind of hook, and for each kind
        /// of effect. What happens beyond that says [`Backlog`]. 100 unless set.
        undelivered: usize = 100;
    }
}

/// How many bytes of sessions are kept as their last turns here have left them.
#[derive(Clone, Copy, Debug)]
pub(super) struct WarmBytes(pub(super) usize);

impl Default for WarmBytes {
    fn default() -> Self {
        Self(64 * 1024 * 1024)
    }
}

/// Everything that a builder sets and an engine reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) expiry: Expiry,
    pub(super) deadlines: Deadlines,
    pub(super) retries: Retries,
    pub(super) archival: Archival,
    pub(super) limits: Limits,
    pub(super) resume: Resume,
    pub(super) outage: Outage,
    pub(super) backlog: Backlog,
    pub(super) damage: Damage,
    pub(super) inbox: Inbox,
    pub(super) phrases: Phrases,
    pub(super) writes: RecordForm,
    pub(super) warm: WarmBytes,
    pub(super) said: Option<Said>,
    pub(super) shelf: Shelf,
}

impl Expiry {
    /// When a session expires that began and was last renewed at these times; none if it does not. It may have an idle expiry
    /// of its own.
    pub(super) fn expires_at(
        &self,
        own_idle: Option<OwnIdle>,
        created_at: DateTime<Utc>,
        renewed_at: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let idle = own_idle.map_or(self.idle, OwnIdle::time).and_then(|idle| after(renewed_at, idle));
        let absolute = self.absolute.and_then(|absolute| after(created_at, absolute));
        [idle, absolute].into_iter().flatten().min()
    }
}

impl Limits {
    /// What a record remembers of messages whose replies it no longer has.
    pub(super) fn memory(&self) -> Memory {
        Memory { ids: self.known_ids, time: TimeDelta::from_std(self.known_for).unwrap_or(TimeDelta::MAX) }
    }
}

/// A renewed expiry that ends no sooner than it did before.
pub(super) fn later(renewed: Option<DateTime<Utc>>, before: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    renewed.map(|renewed| before.map_or(renewed, |before| renewed.max(before)))
}

/// The longest deadline.
const LONGEST_DEADLINE: Duration = Duration::from_secs(86_400);

/// The longest pause after a try that failed. The end of a far longer one could not be told as a time.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 86_400);

impl Deadlines {
    /// The same, none of them longer than may be.
    pub(super) fn bounded(self) -> Self {
        let bounded = |deadline: Duration| deadline.min(LONGEST_DEADLINE);
        Self {
            turn: self.turn.map(bounded),
            store: bounded(self.store),
            handler: bounded(self.handler),
            media: bounded(self.media),
            hook: bounded(self.hook),
            typing: bounded(self.typing),
            archive: bounded(self.archive),
        }
    }

    /// How long a turn may take, with all that it waits for.
    pub(super) fn whole_turn(&self) -> Duration {
        let of_its_parts = || self.handler.saturating_add(self.archive).saturating_add(self.store.saturating_mul(2));
        self.turn.unwrap_or_else(of_its_parts)
    }

    /// How long a worker may be delivering before it begins another delivery.
    pub(super) fn longest_delivery(&self) -> Duration {
        self.hook.saturating_mul(2)
    }

    /// How long a session with letters is left to the process that goes through them: the last may begin when the others are
    /// done, and then there is a commit.
    pub(super) fn letter(&self) -> Duration {
        self.whole_turn()
    }

    /// How long a worker has deliveries to itself: the last may begin when the deadline of one has passed, and then there is
    /// a commit.
    pub(super) fn claim(&self) -> Duration {
        self.longest_delivery().saturating_add(self.store.saturating_mul(2))
    }
}

impl Retries {
    /// How long to wait after this many tries that failed.
    pub(super) fn pause_after(&self, tries: u32) -> Duration {
        let doubled = 1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
        self.pause.saturating_mul(doubled).min(self.longest_pause).min(LONGEST_PAUSE)
    }

    /// Whether something that failed this often is given up.
    pub(super) fn are_used_up(&self, tries: u32) -> bool {
        tries >= self.tries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_after_a_failed_delivery_doubles_up_to_the_longest() {
        let retries = Retries::default();
        for (tries, seconds) in [(1, 1), (2, 2), (4, 8), (10, 512), (11, 600), (33, 600), (u32::MAX, 600)] {
            assert_eq!(retries.pause_after(tries), Duration::from_secs(seconds), "after {tries}");
        }
    }
}
