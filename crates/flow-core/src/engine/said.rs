//! Whether and how what was said is kept: [`Said`], the policy of a transcript.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::session::SaidBound;

/// Keeps what was said: a transcript of each session, with a life and a bound of its own. Nothing is kept unless it is set.
///
/// Each turn that is stored adds what came in and what was replied. It stands in the record, up to a bound, until the archive
/// has it; with an archive that keeps [`Transcripts`](crate::archive::Transcripts), as all that come with Flow do, only the life
/// bounds it. Beyond the bound of the record the oldest goes, which is counted
/// ([`Stats::said_dropped`](crate::Stats::said_dropped)); no turn ever fails for it.
///
/// Read it with [`Engine::said`](crate::Engine::said). An export has it, and an erasure takes it.
///
/// ```
/// use flow_core::{EngineBuilder, Flow, engine::Said};
///
/// fn with_transcripts<F: Flow>(builder: EngineBuilder<F>) -> EngineBuilder<F> {
///     builder.keep_said(Said::for_days(30).at_most(200).masked())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the policy counts once the builder has it"]
pub struct Said {
    life: Duration,
    most: usize,
    bytes: usize,
    longest: usize,
    shows: Shows,
}

/// What is kept of the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    Everything,
    /// What is not known to be private.
    Masked,
    /// Nothing.
    Sizes,
}

impl Said {
    /// Keeps what was said for so long, word for word.
    ///
    /// The life counts from when it was said, by the policy of the engine that reads or forgets it: a shorter one holds for what
    /// was said before, too. With none, what there still is of it is no longer told, and goes with each session's next turn.
    pub fn lasting(life: Duration) -> Self {
        Self { life, most: 200, bytes: 64 * 1024, longest: 4 * 1024, shows: Shows::Everything }
    }

    /// Keeps what was said for so many days, word for word.
    pub fn for_days(days: u32) -> Self {
        Self::lasting(Duration::from_secs(u64::from(days) * 86_400))
    }

    /// How much a record keeps at most, in things said: a turn of one question and one answer is two. 200 unless set; at least 1.
    pub fn at_most(self, most: usize) -> Self {
        Self { most: most.max(1), ..self }
    }

    /// How much a record keeps at most, in bytes of JSON. 64 KiB unless set. The bound of the record itself,
    /// [`Limits::record`](crate::Limits::record), holds besides, and what was said makes room for all else.
    pub fn bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }

    /// How many bytes of one thing said are kept. What is longer is cut off, and says so. 4 KiB unless set.
    pub fn longest(self, longest: usize) -> Self {
        Self { longest, ..self }
    }

    /// Keeps the words without what the flow knows to be private: what stands in a private type in the state or in what the states
    /// share, before the turn or after it, or was offered to be picked from.
    ///
    /// An answer that was not understood, what opens a conversation, and what is said while the bot is paused, is masked whole, because
    /// nobody knows what is in it; of a signal the name alone is kept. What the flow keeps in a type that is not private is shown, and so is what the visitor says
    /// besides in an answer that is taken.
    pub fn masked(self) -> Self {
        Self { shows: Shows::Masked, ..self }
    }

    /// Keeps no words: who spoke, when, in which state, what kind of thing it was, and how many bytes it had.
    pub fn sizes_only(self) -> Self {
        Self { shows: Shows::Sizes, ..self }
    }

    pub(super) fn shows(&self) -> Shows {
        self.shows
    }

    pub(super) fn longest_of_one(&self) -> usize {
        self.longest
    }

    /// What was said at this time or before is dead; none if all of it lives.
    pub(super) fn dead_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        now.checked_sub_signed(TimeDelta::from_std(self.life).ok()?)
    }

    /// How much a record keeps.
    pub(super) fn bound(&self, now: DateTime<Utc>) -> SaidBound {
        SaidBound { dead: self.dead_at(now), most: self.most, bytes: self.bytes }
    }
}
