//! What a user chooses of an engine: bounds, expiry, deadlines, the [`Outage`] policy, and the engine's own words.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{Reply, clock::after, resilience::Resilient};

/// What to do when the store is away.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Outage {
    /// The turn fails with the store's error.
    #[default]
    Fail,
    /// The visitor hears this; nothing is stored, and the outcome says so.
    Say(Reply),
    /// The turn is taken in this process's memory, and its outcome says so. When the store is there again the session is
    /// handed back to it. If it has moved on elsewhere meanwhile, what it became here is lost, which a later outcome, the
    /// log and the counts tell.
    ///
    /// A session goes on from where this process last saw it; one that it has not seen begins anew. Checkpoints and
    /// effects wait until it is handed back. Everything here is lost with the process.
    Memory {
        /// How many sessions go on at most. One more fails with the store's error.
        sessions: usize,
    },
}

/// Whether a session goes on where it was, if it had expired, or if its store has lost it and the archive has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resume {
    /// It begins anew.
    Never,
    /// What was lost goes on; what had expired begins anew.
    #[default]
    Unexpired,
    /// It goes on, though it had expired, if its last turn is not longer ago.
    Within(Duration),
}

/// What an engine itself has to say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Phrases {
    /// When a handler failed.
    pub apology: Reply,
    /// When "back" leads nowhere.
    pub cannot_go_back: Reply,
}

impl Default for Phrases {
    fn default() -> Self {
        Self {
            apology: "Sorry, something went wrong on our side. Please try again.".into(),
            cannot_go_back: "There is no way back from here.".into(),
        }
    }
}

/// Everything that a builder sets and an engine reads.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) idle_expiry: Option<Duration>,
    pub(crate) absolute_expiry: Option<Duration>,
    pub(crate) expiry_grace: Duration,
    pub(crate) store_deadline: Duration,
    pub(crate) handler_deadline: Duration,
    pub(crate) hook_deadline: Duration,
    pub(crate) delivery_tries: u32,
    pub(crate) retry_pause: Duration,
    pub(crate) longest_retry_pause: Duration,
    pub(crate) archive_interval: Duration,
    pub(crate) archive_deadline: Duration,
    pub(crate) insist_on_archive: bool,
    pub(crate) resume: Resume,
    pub(crate) rounds: u32,
    pub(crate) turns_at_once: usize,
    pub(crate) history_limit: usize,
    pub(crate) remembered_messages: usize,
    pub(crate) input_limit: usize,
    pub(crate) record_limit: usize,
    pub(crate) pending_limit: usize,
    pub(crate) outage: Outage,
    pub(crate) phrases: Phrases,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            idle_expiry: None,
            absolute_expiry: None,
            expiry_grace: Duration::from_secs(3600),
            store_deadline: Resilient::DEADLINE,
            handler_deadline: Duration::from_secs(30),
            hook_deadline: Duration::from_secs(10),
            delivery_tries: 20,
            retry_pause: Duration::from_secs(1),
            longest_retry_pause: Duration::from_secs(600),
            archive_interval: Duration::from_secs(60),
            archive_deadline: Duration::from_secs(5),
            insist_on_archive: false,
            resume: Resume::default(),
            rounds: 16,
            turns_at_once: 10_000,
            history_limit: 50,
            remembered_messages: 16,
            input_limit: 16 * 1024,
            record_limit: 1024 * 1024,
            pending_limit: 100,
            outage: Outage::Fail,
            phrases: Phrases::default(),
        }
    }
}

impl Settings {
    /// When a session expires that began and was last used at these times; none if it does not.
    pub(crate) fn expiry(&self, created_at: DateTime<Utc>, updated_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let idle = self.idle_expiry.and_then(|idle| after(updated_at, idle));
        let absolute = self.absolute_expiry.and_then(|absolute| after(created_at, absolute));
        [idle, absolute].into_iter().flatten().min()
    }

    /// How long whoever delivers has it to himself: the last delivery may begin when the deadline of one has passed, and
    /// then there is a commit.
    pub(crate) fn claim(&self) -> Duration {
        self.longest_delivery().saturating_add(self.store_deadline.saturating_mul(2))
    }

    /// How long whoever delivers may be at it before that.
    pub(crate) fn longest_delivery(&self) -> Duration {
        self.hook_deadline.saturating_mul(2)
    }

    /// How long to wait after so many tries that failed.
    pub(crate) fn retry_pause(&self, tries: u32) -> Duration {
        let doubled = 1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
        self.retry_pause.saturating_mul(doubled).min(self.longest_retry_pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_after_a_failed_delivery_doubles_up_to_the_longest() {
        let settings = Settings::default();
        for (tries, seconds) in [(1, 1), (2, 2), (4, 8), (10, 512), (11, 600), (33, 600), (u32::MAX, 600)] {
            assert_eq!(settings.retry_pause(tries), Duration::from_secs(seconds), "after {tries}");
        }
    }
}
