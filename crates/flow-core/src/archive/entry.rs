//! What is kept of a session: an [`Entry`] with its steps and checkpoints, and what is given back of it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Epoch;
use crate::{
    Key, Record, SessionId, Stamp, Transition, Utterance,
    store::{Expect, StoreFailure},
};

/// What is new of one session, and is to be kept together.
///
/// ```
/// use chrono::Utc;
/// use flow_core::{Record, SessionId, Stamp, archive::{Entry, Summary}, store::Expect};
///
/// let record = Record::compose(Stamp::first(), b"{}");
/// let summary = Summary::new("booking", 1, "WELCOME", Utc::now()).language("en".to_owned());
/// let entry = Entry::new(SessionId::random(), Expect::Absent, record, summary);
/// assert!(entry.steps.is_empty() && entry.checkpoints.is_empty());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// Whose it is.
    pub id: SessionId,
    /// What the archive must hold for the entry to be kept.
    pub expect: Expect,
    /// The record, byte for byte.
    pub record: Record,
    /// The archive's epoch when the session began, or was taken up from the archive; none if the archive was not asked then.
    pub epoch: Option<Epoch>,
    /// What the record says, for queries over many sessions.
    pub summary: Summary,
    /// The steps since the last entry.
    pub steps: Vec<ArchivedStep>,
    /// The checkpoints since the last entry.
    pub checkpoints: Vec<ArchivedCheckpoint>,
    /// What was said since the last entry, if that is kept. Only an archive with [`Transcripts`](super::Transcripts) gets any.
    pub said: Vec<Utterance>,
}

impl Entry {
    /// The record of a session of an unknown epoch, with no new steps and no new checkpoints.
    pub fn new(id: SessionId, expect: Expect, record: Record, summary: Summary) -> Self {
        let (steps, checkpoints, said) = Default::default();
        Self { id, expect, record, epoch: None, summary, steps, checkpoints, said }
    }

    /// Of this epoch, or of an unknown one.
    #[must_use]
    pub fn epoch(mut self, epoch: impl Into<Option<Epoch>>) -> Self {
        self.epoch = epoch.into();
        self
    }

    /// How far back it reaches: to the beginning of the conversation, or of what it brings of the conversations before.
    pub fn since(&self) -> DateTime<Utc> {
        let steps = self.steps.iter().map(|step| step.transition.at);
        let checkpoints = self.checkpoints.iter().map(|checkpoint| checkpoint.at);
        let said = self.said.iter().map(|utterance| utterance.moment.at);
        steps.chain(checkpoints).chain(said).fold(self.summary.created_at, DateTime::min)
    }

    /// With these steps instead.
    #[must_use]
    pub fn steps(mut self, steps: Vec<ArchivedStep>) -> Self {
        self.steps = steps;
        self
    }

    /// With these checkpoints instead.
    #[must_use]
    pub fn checkpoints(mut self, checkpoints: Vec<ArchivedCheckpoint>) -> Self {
        self.checkpoints = checkpoints;
        self
    }

    /// With this said instead.
    #[must_use]
    pub fn said(mut self, said: Vec<Utterance>) -> Self {
        self.said = said;
        self
    }
}

/// A session in a few columns.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// The flow's wire name.
    pub flow: String,
    /// The version of the flow that wrote it.
    pub flow_version: u32,
    /// The wire name of the state that it stands in.
    pub state: String,
    /// What is known there.
    pub data: Value,
    /// How it stands.
    pub status: Status,
    /// The language the visitor last wrote in, if the channel tells.
    pub language: Option<String>,
    /// When the conversation began.
    pub created_at: DateTime<Utc>,
    /// When its last turn was.
    pub updated_at: DateTime<Utc>,
    /// When it expires, or expired.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Summary {
    /// An open session that began at `created_at`, with nothing said since and nothing known.
    pub fn new(
        flow: impl Into<String>,
        flow_version: u32,
        state: impl Into<String>,
        created_at: DateTime<Utc>,
    ) -> Self {
        Self {
            flow: flow.into(),
            flow_version,
            state: state.into(),
            data: Value::Null,
            status: Status::Open,
            language: None,
            created_at,
            updated_at: created_at,
            expires_at: None,
        }
    }

    /// With this known in its state.
    #[must_use]
    pub fn data(mut self, data: Value) -> Self {
        self.data = data;
        self
    }

    /// Standing so.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// With this language that the visitor last wrote in, or none.
    #[must_use]
    pub fn language(mut self, language: impl Into<Option<String>>) -> Self {
        self.language = language.into();
        self
    }

    /// With its last turn then.
    #[must_use]
    pub fn updated_at(mut self, updated_at: DateTime<Utc>) -> Self {
        self.updated_at = updated_at;
        self
    }

    /// Expiring then, or never.
    #[must_use]
    pub fn expires_at(mut self, expires_at: impl Into<Option<DateTime<Utc>>>) -> Self {
        self.expires_at = expires_at.into();
        self
    }
}

/// Without what is known.
impl fmt::Debug for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut summary = f.debug_struct("Summary");
        summary.field("flow", &self.flow).field("state", &self.state).field("status", &self.status);
        summary.finish_non_exhaustive()
    }
}

/// How a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// On its way.
    Open,
    /// In an end state.
    Ended,
    /// Expired on its way.
    Lapsed,
}

impl Status {
    /// The status in one word: `open`, `ended`, `lapsed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended => "ended",
            Self::Lapsed => "lapsed",
        }
    }
}

/// One step of a session's life.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArchivedStep {
    /// The number that it has among all steps of the session, from 0.
    pub number: u64,
    /// Which conversation of the session it belongs to, from 1: one that ended or expired may begin anew.
    pub conversation: u64,
    /// The step.
    pub transition: Transition,
    /// Where the state that was entered stands in the flow's declaration, from 0; none if the flow no longer has it.
    pub position: Option<u32>,
    /// Whether the state that was entered is an end.
    pub is_end: bool,
}

impl ArchivedStep {
    /// A step into a state that the flow no longer has, and that is no end.
    pub fn new(number: u64, conversation: u64, transition: Transition) -> Self {
        Self { number, conversation, transition, position: None, is_end: false }
    }

    /// Into the state that stands here in the flow's declaration, from 0.
    #[must_use]
    pub fn position(mut self, position: impl Into<Option<u32>>) -> Self {
        self.position = position.into();
        self
    }

    /// Into an end, or not.
    #[must_use]
    pub fn is_end(mut self, is_end: bool) -> Self {
        self.is_end = is_end;
        self
    }
}

/// A checkpoint that was kept.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ArchivedCheckpoint {
    /// Its name.
    pub key: Key,
    /// The wire name of the state that was entered.
    pub state: String,
    /// What was known there.
    pub data: Value,
    /// What the states shared then.
    pub shared: Value,
    /// When.
    pub at: DateTime<Utc>,
}

impl ArchivedCheckpoint {
    /// What was known under this name.
    pub fn new(key: Key, state: impl Into<String>, data: Value, shared: Value, at: DateTime<Utc>) -> Self {
        Self { key, state: state.into(), data, shared, at }
    }
}

/// Without what was known.
impl fmt::Debug for ArchivedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut checkpoint = f.debug_struct("ArchivedCheckpoint");
        checkpoint.field("key", &self.key).field("state", &self.state).finish_non_exhaustive()
    }
}

/// What an archive tells of a session, whether it keeps something of it or not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Latest {
    /// What was last kept of it; none if there is nothing, or it was purged or erased.
    pub archived: Option<Archived>,
    /// The archive's epoch.
    pub epoch: Epoch,
    /// Whether it was erased at some time, and its tombstone is still there. `false` of an archive that does not tell: a message that
    /// was accepted before the erasure, and has its turn after it, may then begin the session again.
    pub has_tombstone: bool,
}

impl Latest {
    /// This of a session that was never erased, in this epoch.
    pub fn new(archived: Option<Archived>, epoch: Epoch) -> Self {
        Self { archived, epoch, has_tombstone: false }
    }

    /// The same of a session that has a tombstone, or has none.
    #[must_use]
    pub fn with_tombstone(self, has_tombstone: bool) -> Self {
        Self { has_tombstone, ..self }
    }
}

/// What an archive last kept of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Archived {
    /// The record, byte for byte.
    pub record: Record,
    /// The number that the next step has; 0 if no step was kept.
    pub steps: u64,
}

impl Archived {
    /// This record, and the number of the next step.
    pub fn new(record: Record, steps: u64) -> Self {
        Self { record, steps }
    }
}

/// What became of an [`Entry`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Kept {
    /// It is kept, now or since an earlier call.
    Done,
    /// Nothing was written: the archive holds this instead of what was expected.
    Moved(Option<Stamp>),
    /// Nothing was written: the session was erased.
    Erased,
    /// This entry can never be kept as it is.
    Refused(StoreFailure),
}
