//! A session as a record and back: JSON behind a header that says the rest.

mod data;
mod stack;

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use super::{
    Checkpoint, Errand, KnownIds, OwnIdle, Past, Pause, Pending, Question, SaidLog, Seen, Session, Shelf, Snapshot,
    Taken, Todo, Trail, Transition, Tried, Visit,
};
use crate::{
    Address, Flow, Record, SessionId, Unreadable,
    declare::AnyShared as _,
    record::{Header, Hold, Owner},
};

pub use data::keeping;

use data::read_state;
use stack::{ReadFrame, WrittenFrame, read_inner, read_stack, readable_text};

pub(crate) use stack::Inner;

/// The body of a record, as it is written. What its header says is not said again.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'s> {
    flow: &'s str,
    flow_version: u32,
    current: &'s str,
    data: &'s RawValue,
    history: &'s [Transition],
    #[serde(skip_serializing_if = "is_nothing")]
    past: Past,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lapsed_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    own_idle: Option<OwnIdle>,
    lang: Option<&'s str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'s Address>,
    shared: &'s RawValue,
    tries: u32,
    seen: &'s [Seen],
    #[serde(rename = "known", skip_serializing_if = "KnownIds::is_empty")]
    known_ids: &'s KnownIds,
    /// Written even if it is empty: without it, the way back is that of the history.
    trail: &'s Trail,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stack: &'s [WrittenFrame<'s>],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    kept_tries: &'s BTreeMap<String, u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visit: Option<&'s Visit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    taken: Option<Taken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offered: Option<&'s [Value]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pause: Option<&'s Pause>,
    todo: &'s Todo,
    #[serde(skip_serializing_if = "Option::is_none")]
    tried: Option<Tried>,
    #[serde(skip_serializing_if = "Option::is_none")]
    letters_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    once: &'s [Errand],
    #[serde(skip_serializing_if = "SaidLog::is_empty")]
    said: &'s SaidLog,
    #[serde(skip_serializing_if = "Shelf::is_untouched")]
    shelf: &'s Shelf,
}

fn is_nothing(past: &Past) -> bool {
    *past == Past::default()
}

/// A body as it is read: all but the state, whose form depends on its name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read<'r> {
    #[serde(borrow)]
    flow: Cow<'r, str>,
    flow_version: u32,
    #[serde(borrow)]
    data: &'r RawValue,
    current: String,
    history: Vec<Transition>,
    #[serde(default)]
    past: Past,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    lapsed_at: Option<DateTime<Utc>>,
    own_idle: Option<OwnIdle>,
    lang: Option<String>,
    address: Option<Address>,
    #[serde(borrow)]
    shared: &'r RawValue,
    tries: u32,
    trail: Option<Trail>,
    #[serde(borrow, default)]
    stack: Vec<ReadFrame<'r>>,
    #[serde(default)]
    kept_tries: BTreeMap<String, u32>,
    seen: Vec<Seen>,
    #[serde(rename = "known", default)]
    known_ids: KnownIds,
    visit: Option<Visit>,
    taken: Option<Taken>,
    offered: Option<Vec<Value>>,
    pause: Option<Pause>,
    todo: Todo,
    tried: Option<Tried>,
    letters_at: Option<DateTime<Utc>>,
    #[serde(default)]
    once: Vec<Errand>,
    #[serde(default)]
    said: SaidLog,
    #[serde(default)]
    shelf: Shelf,
    /// Said here before the first edition alone, as is the hold: later the header says both.
    expires_at: Option<DateTime<Utc>>,
    #[serde(rename = "held")]
    hold: Option<Hold>,
}

/// The part of a body that says which flow and which version can read the rest.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Speaker {
    flow: String,
    flow_version: u32,
}

impl Speaker {
    /// Fails if the record is not one that the flow `F` can read.
    fn check<F: Flow>(flow: &str, found: u32) -> Result<(), Unreadable> {
        let spoken = F::GRAPH.version;
        match found {
            _ if flow != F::GRAPH.name => Err(Unreadable::OtherFlow),
            found if found > spoken => Err(Unreadable::UnsupportedVersion { found, spoken }),
            _ => Ok(()),
        }
    }
}

/// Whether a record says of itself that it is of another flow than `F`.
pub(crate) fn is_of_another<F: Flow>(record: &Record) -> bool {
    serde_json::from_slice(record.json()).is_ok_and(|speaker: Speaker| speaker.flow != F::GRAPH.name)
}

/// The name of the state that a record of the flow `F` stands in, by its record alone; none if it is of no such flow.
pub(crate) fn state_of<F: Flow>(record: &Record) -> Option<String> {
    /// Nothing else of the record is built.
    #[derive(Deserialize)]
    struct Standing<'r> {
        #[serde(borrow)]
        flow: Cow<'r, str>,
        current: String,
    }
    let standing: Standing<'_> = serde_json::from_slice(record.json()).ok()?;
    (standing.flow == F::GRAPH.name).then_some(standing.current)
}

impl<F: Flow> Session<F> {
    /// The session as a record.
    ///
    /// Fails if the state or what is shared cannot be written as JSON, or would not read back.
    pub(crate) fn to_record(&self) -> Result<Record, serde_json::Error> {
        let (data, shared) = (readable_text(&self.state)?, self.shared.text()?);
        let stack = self.frames.iter().map(WrittenFrame::of).collect::<Result<Vec<_>, _>>()?;
        let body = Body {
            flow: F::GRAPH.name,
            flow_version: F::GRAPH.version,
            current: self.state.name(),
            data: &data,
            history: &self.history,
            past: self.past,
            created_at: self.created_at,
            updated_at: self.updated_at,
            lapsed_at: self.lapsed_at,
            own_idle: self.own_idle,
            lang: self.language.as_deref(),
            address: self.address.as_ref(),
            shared: &shared,
            tries: self.question.tries,
            seen: &self.seen,
            known_ids: &self.known_ids,
            trail: &self.trail,
            stack: &stack,
            kept_tries: &self.kept_tries,
            visit: self.question.visit.as_ref(),
            taken: self.taken,
            offered: self.question.offered.as_deref(),
            pause: self.pause.as_ref(),
            todo: &self.todo,
            tried: self.tried,
            letters_at: self.letters_at,
            once: &self.errands,
            said: &self.said,
            shelf: &self.shelf,
        };
        let header = Header {
            stamp: self.stamp,
            origin: self.origin,
            owner: Owner::of(self.id),
            expires_at: self.expires_at,
            wake_at: self.wake_at(),
            last_turn: self.last_turn,
            epoch: self.epoch,
            // A hold is gone with the turn that it was for.
            hold: None,
        };
        Record::write(header, |bytes| serde_json::to_writer(bytes, &body))
    }

    /// The session that a record holds.
    ///
    /// Fails if the record is another session's, is not one of this flow's, is of a later version of it, or cannot be read.
    pub(crate) fn from_record(id: SessionId, record: &Record) -> Result<Self, Unreadable> {
        record.check_owner(id)?;
        let read: Result<Read<'_>, _> = serde_json::from_slice(record.json());
        let read = read.map_err(|error| match serde_json::from_slice::<Speaker>(record.json()) {
            // A record of a later version may well look otherwise: that is then the reason.
            Ok(speaker) => {
                Speaker::check::<F>(&speaker.flow, speaker.flow_version).err().unwrap_or(Unreadable::corrupt(error))
            }
            Err(_) => Unreadable::corrupt(error),
        })?;
        Speaker::check::<F>(&read.flow, read.flow_version)?;
        let (expires_at, hold, epoch) = match record.header() {
            Some(header) => (header.expires_at, header.hold, header.epoch),
            None => (read.expires_at, read.hold, None),
        };
        let state: F = read_state(&read.current, |index| (F::KEEPING.read_text)(index, read.data.get()))?;
        let shared = serde_json::from_str(read.shared.get()).map_err(Unreadable::corrupt)?;
        let frames = read_stack(&state, read.stack)?;
        let trail = read.trail.unwrap_or_else(|| Trail::of_history(&read.history, F::GRAPH));
        Ok(Self {
            id,
            stamp: record.stamp(),
            form: record.prefix().form(),
            origin: record.origin(),
            last_turn: record.last_turn(),
            epoch,
            state,
            shared,
            history: read.history,
            past: read.past,
            created_at: read.created_at,
            updated_at: read.updated_at,
            expires_at,
            lapsed_at: read.lapsed_at,
            own_idle: read.own_idle,
            language: read.lang,
            address: read.address,
            question: Question { tries: read.tries, visit: read.visit, offered: read.offered },
            trail,
            frames,
            kept_tries: read.kept_tries,
            seen: read.seen,
            known_ids: read.known_ids,
            taken: read.taken,
            pause: read.pause,
            todo: read.todo,
            tried: read.tried,
            letters_at: read.letters_at,
            errands: read.once,
            said: read.said,
            shelf: read.shelf,
            hold,
        })
    }
}

impl Snapshot {
    /// What is known where the session stands.
    pub(crate) fn of<F: Flow>(session: &Session<F>) -> Result<Self, serde_json::Error> {
        Ok(Self {
            current: session.state.name().to_owned(),
            data: (F::KEEPING.value)(&session.state)?,
            shared: serde_json::to_value(&session.shared)?,
            stack: session.frames.iter().map(Inner::of).collect::<Result<_, _>>()?,
        })
    }
}

impl Pending {
    /// The snapshot that this is of, as the flow's own types.
    ///
    /// Fails if the flow can no longer read it.
    pub(crate) fn read<F: Flow>(&self, snapshot: &Snapshot, session: SessionId) -> Result<Checkpoint<F>, Unreadable> {
        let state: F = read_state(&snapshot.current, |index| (F::KEEPING.read_value)(index, &snapshot.data))?;
        let shared = F::Shared::deserialize(&snapshot.shared).map_err(Unreadable::corrupt)?;
        let inner = read_inner(&state, &snapshot.stack)?;
        Ok(Checkpoint { key: self.key(session), state, shared, inner, at: self.at })
    }
}
