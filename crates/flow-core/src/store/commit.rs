//! One write to a store: [`Commit`], its condition, and what became of it.

use std::{borrow::Cow, time::Duration};

use chrono::{DateTime, Utc};

use super::Loaded;
use crate::{Prefix, Record, SessionId, Stamp};

/// One write: the only kind there is. It is a compare-and-set, also known as optimistic concurrency.
///
/// Beside the record, which a store need not understand, stands what a store may keep in columns and indexes of its own.
///
/// ```
/// use std::time::Duration;
///
/// use chrono::Utc;
/// use flow_core::{Record, SessionId, Stamp, store::{Commit, Expect}};
///
/// let record = Record::compose(Stamp::first(), b"{}");
/// let commit = Commit::new(SessionId::random(), Expect::Absent, record, "booking", "WELCOME")
///     .time_to_live(Duration::from_secs(1_800))
///     .wake_at(Utc::now());
/// assert_eq!((&*commit.flow, &*commit.state), ("booking", "WELCOME"));
/// assert_eq!(commit.expect.stamp(), None);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Commit {
    /// Whose record this is.
    pub id: SessionId,
    /// What must be stored for the write to happen.
    pub expect: Expect,
    /// What is stored from then on.
    pub record: Record,
    /// The wire name of the flow that the session belongs to, which is not empty: only a worker of this flow is given the
    /// session when it is due.
    pub flow: Cow<'static, str>,
    /// The wire name of the state that the session is in, for people who read the store with other tools.
    pub state: Cow<'static, str>,
    /// After which time the store may forget the record; none keeps it until it is removed.
    pub time_to_live: Option<Duration>,
    /// When the session wants to be looked at; none takes it out of the wake index. While letters are left in its inbox it is
    /// looked at for them: see [`Store::commit`](super::Store::commit).
    pub wake_at: Option<DateTime<Utc>>,
    /// The letters that the record has taken up, in their order: they stand at the head of the inbox, and are taken off in the
    /// same step. One that is no longer there is passed over.
    pub takes: Vec<[u8; 16]>,
    /// Whether nothing is written while a letter waits before those that this commit takes: then it conflicts, and its writer lets it pass.
    pub in_line: bool,
    /// How long the session is left to this writer if letters are left in its inbox; none if the writer does not go on with
    /// them.
    pub while_waiting: Option<Duration>,
    /// What the writer knows of the session's entry in the wake index. It saves a store work, and one that does not look at it is right as well.
    pub wake_index: WakeIndex,
    /// Whether the write is told to those who listen, if the store has [`Changes`](super::Changes).
    pub told: bool,
}

impl Commit {
    /// Writes `record` if what is stored for `id` is what `expect` says: to be kept until it is removed, and not to be
    /// woken.
    pub fn new(
        id: SessionId,
        expect: Expect,
        record: Record,
        flow: impl Into<Cow<'static, str>>,
        state: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            id,
            expect,
            record,
            flow: flow.into(),
            state: state.into(),
            time_to_live: None,
            wake_at: None,
            takes: Vec::new(),
            in_line: false,
            while_waiting: None,
            wake_index: WakeIndex::Unknown,
            told: false,
        }
    }

    /// Lets the store forget the record after this time, or never.
    #[must_use]
    pub fn time_to_live(mut self, time_to_live: impl Into<Option<Duration>>) -> Self {
        self.time_to_live = time_to_live.into();
        self
    }

    /// Has the session looked at then, or not at all.
    #[must_use]
    pub fn wake_at(mut self, wake_at: impl Into<Option<DateTime<Utc>>>) -> Self {
        self.wake_at = wake_at.into();
        self
    }

    /// Takes the letters of these names off the inbox.
    #[must_use]
    pub fn takes(mut self, names: impl Into<Vec<[u8; 16]>>) -> Self {
        self.takes = names.into();
        self
    }

    /// Lets letters pass: nothing is written while one waits before those that it takes.
    #[must_use]
    pub fn in_line(mut self, in_line: bool) -> Self {
        self.in_line = in_line;
        self
    }

    /// Goes on with what is left in the inbox: the session is left to this writer for so long.
    #[must_use]
    pub fn while_waiting(mut self, lease: impl Into<Option<Duration>>) -> Self {
        self.while_waiting = lease.into();
        self
    }

    /// Says what is known of the session's entry in the wake index.
    #[must_use]
    pub fn wake_index(mut self, wake_index: WakeIndex) -> Self {
        self.wake_index = wake_index;
        self
    }

    /// Has those who listen told of the write: see [`Changes`](super::Changes). Without it they are not, and nothing is paid for it.
    #[must_use]
    pub fn told(mut self, told: bool) -> Self {
        self.told = told;
        self
    }
}

/// What the writer of a [`Commit`] knows of the session's entry in the store's wake index, if the record that is written over is what it expects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WakeIndex {
    /// Nothing: an entry may stand under another flow.
    #[default]
    Unknown,
    /// There is none but under the flow of this commit.
    OfItsFlow,
    /// And that, or that there is none, is what this commit wants: the record before was stored with the same wake time, which is still to come.
    Right,
}

/// The condition of a [`Commit`].
///
/// It has all its variants for good: a store that overlooked one would write where it must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Nothing is stored for this id.
    Absent,
    /// The record is stored that begins with this prefix.
    ///
    /// A store that keeps the stamp in columns compares [`stamp`](Self::stamp), and no bytes: no two records have the same.
    At(Prefix),
}

impl Expect {
    /// The stamp that must be stored; none if nothing may be.
    pub fn stamp(&self) -> Option<Stamp> {
        match self {
            Self::Absent => None,
            Self::At(prefix) => Some(prefix.stamp()),
        }
    }
}

/// What became of a [`Commit`].
///
/// It has all its variants for good: a caller that overlooked one would take a lost turn for a stored one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The record is stored.
    Done {
        /// How many letters are left in the inbox.
        waiting: usize,
    },
    /// Nothing was written; this is what is stored instead, and the store's time.
    Conflict(Loaded),
}
