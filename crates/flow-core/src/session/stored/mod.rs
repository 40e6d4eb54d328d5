//! A session as a record and back: a body behind a header that says the rest.
//!
//! What a body says is in `body`, and how it is laid into bytes in `sections`. Before that it was JSON, which is read for good.

mod body;
mod careful;
mod data;
mod sections;
mod stack;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::{Checkpoint, Parts, Past, Pending, Question, Session, Snapshot, Trail};
use crate::{
    Flow, Record, SessionId, Unreadable,
    declare::{AnyShared as _, AnyState},
    record::{Header, Owner, RecordForm},
};

pub(crate) use careful::written_with_care;
pub use data::keeping;

use body::Body;
use data::read_state;
use sections::Sections;
use stack::{frame_body, read_inner, read_stack};

pub(crate) use stack::Inner;

impl Past {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Fails if the body is not one that the flow `F` can read.
fn check<F: Flow>(flow: &str, found: u32) -> Result<(), Unreadable> {
    let spoken = F::GRAPH.version;
    match found {
        _ if flow != F::GRAPH.name => Err(Unreadable::OtherFlow),
        found if found > spoken => Err(Unreadable::UnsupportedVersion { found, spoken }),
        _ => Ok(()),
    }
}

/// The part of a body in JSON that says which flow and which version can read the rest.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Speaker {
    flow: String,
    flow_version: u32,
}

/// Whether a record says of itself that it is of another flow than `F`.
pub(crate) fn is_of_another<F: Flow>(record: &Record) -> bool {
    let flow = match record.body_form() {
        RecordForm::Json => serde_json::from_slice(record.content()).ok().map(|Speaker { flow, .. }| flow),
        RecordForm::Sections => {
            let sections = Sections::of(record.content()).ok();
            sections.and_then(|sections| sections.flow().ok()).map(|(flow, _)| flow.to_owned())
        }
    };
    flow.is_some_and(|flow| flow != F::GRAPH.name)
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
    let Standing { flow, current } = match record.body_form() {
        RecordForm::Json => serde_json::from_slice(record.content()).ok()?,
        RecordForm::Sections => {
            let sections = Sections::of(record.content()).ok()?;
            let (flow, _) = sections.flow().ok()?;
            Standing { flow: flow.into(), current: sections.current().ok()? }
        }
    };
    (flow == F::GRAPH.name).then_some(current)
}

/// The body of a record as JSON, for people; none if it has another form than a session's.
pub(crate) fn readable(record: &Record) -> Option<Value> {
    match record.body_form() {
        RecordForm::Json => serde_json::from_slice(record.content()).ok(),
        RecordForm::Sections => {
            let body = Sections::of(record.content()).ok()?.read(None).ok()?;
            serde_json::to_value(body).ok()
        }
    }
}

/// How many bytes the sections of a record's body have, by their names; none if it is not in sections.
pub(crate) fn section_sizes(record: &Record) -> impl Iterator<Item = (&'static str, usize)> {
    let sections = match record.body_form() {
        RecordForm::Json => None,
        RecordForm::Sections => Sections::of(record.content()).ok(),
    };
    sections.map(|sections| sections.sizes()).into_iter().flatten()
}

/// What the body of a record of the flow `F` says.
fn body_of<F: Flow>(record: &Record) -> Result<Body<'_>, Unreadable> {
    match record.body_form() {
        RecordForm::Json => {
            let body: Body<'_> = serde_json::from_slice(record.content()).map_err(|error| {
                // A record of a later version may well look otherwise: that is then the reason.
                match serde_json::from_slice::<Speaker>(record.content()) {
                    Ok(speaker) => {
                        check::<F>(&speaker.flow, speaker.flow_version).err().unwrap_or(Unreadable::corrupt(error))
                    }
                    Err(_) => Unreadable::corrupt(error),
                }
            })?;
            check::<F>(&body.flow, body.flow_version)?;
            Ok(body)
        }
        RecordForm::Sections => {
            let sections = Sections::of(record.content())?;
            let (flow, flow_version) = sections.flow()?;
            check::<F>(flow, flow_version)?;
            Ok(sections.read(Some(F::GRAPH))?)
        }
    }
}

impl<F: Flow> Session<F> {
    /// The session as a record, whose body is in this form.
    ///
    /// Fails if the state or what is shared cannot be written as JSON, or would not read back.
    pub(crate) fn to_record(&self, form: RecordForm) -> Result<Record, serde_json::Error> {
        let body = Body {
            flow: F::GRAPH.name.into(),
            flow_version: F::GRAPH.version,
            current: self.parts.state.name().into(),
            data: AnyState::text(&self.parts.state)?.into(),
            history: Cow::Borrowed(&self.parts.history),
            past: self.parts.past,
            created_at: self.parts.created_at,
            updated_at: self.parts.updated_at,
            lapsed_at: self.parts.lapsed_at,
            own_idle: self.parts.own_idle,
            lang: self.parts.language.as_deref().map(Cow::Borrowed),
            address: self.parts.address.as_ref().map(Cow::Borrowed),
            shared: self.parts.shared.text()?.into(),
            tries: self.parts.question.tries,
            seen: Cow::Borrowed(&self.parts.seen),
            known_ids: Cow::Borrowed(&self.parts.known_ids),
            trail: Some(Cow::Borrowed(&self.parts.trail)),
            stack: self.parts.frames.iter().map(frame_body).collect::<Result<_, _>>()?,
            kept_tries: Cow::Borrowed(&self.parts.kept_tries),
            visit: self.parts.question.visit.as_ref().map(Cow::Borrowed),
            taken: self.parts.taken,
            offered: self.parts.question.offered.as_deref().map(Cow::Borrowed),
            pause: self.parts.pause.as_ref().map(Cow::Borrowed),
            todo: Cow::Borrowed(&self.parts.todo),
            tried: self.parts.tried,
            letters_at: self.parts.letters_at,
            once: Cow::Borrowed(&self.parts.errands),
            said: Cow::Borrowed(&self.parts.said),
            shelf: Cow::Borrowed(&self.parts.shelf),
            expires_at: None,
            hold: None,
            later: Cow::Borrowed(&self.parts.later),
        };
        let header = Header {
            stamp: self.parts.stamp,
            origin: self.parts.origin,
            owner: Owner::of(self.parts.id),
            body: form,
            expires_at: self.parts.expires_at,
            wake_at: self.wake_at(),
            last_turn: self.parts.last_turn,
            epoch: self.parts.epoch,
            // A hold is gone with the turn that it was for.
            hold: None,
        };
        Record::write(header, |bytes| match form {
            RecordForm::Json => serde_json::to_writer(bytes, &body),
            RecordForm::Sections => body.lay(bytes),
        })
    }

    /// The session that a record holds.
    ///
    /// Fails if the record is another session's, is not one of this flow's, is of a later version of it, or cannot be read.
    pub(crate) fn from_record(id: SessionId, record: &Record) -> Result<Self, Unreadable> {
        record.check_owner(id)?;
        let body = body_of::<F>(record)?;
        let (expires_at, hold, epoch) = match record.header() {
            Some(header) => (header.expires_at, header.hold, header.epoch),
            None => (body.expires_at, body.hold, None),
        };
        let state: F = read_state(&body.current, |index| (F::KEEPING.read_text)(index, &body.data.0))?;
        let shared = serde_json::from_str(&body.shared.0).map_err(Unreadable::corrupt)?;
        let frames = read_stack(&state, body.stack)?;
        let history = body.history.into_owned();
        let trail = body.trail.map(Cow::into_owned);
        let trail = trail.unwrap_or_else(|| Trail::of_history(history.steps(), F::GRAPH));
        let parts = Parts {
            id,
            stamp: record.stamp(),
            form: record.prefix().form(),
            origin: record.origin(),
            last_turn: record.last_turn(),
            epoch,
            state,
            shared,
            history,
            past: body.past,
            created_at: body.created_at,
            updated_at: body.updated_at,
            expires_at,
            lapsed_at: body.lapsed_at,
            own_idle: body.own_idle,
            language: body.lang.map(Cow::into_owned),
            address: body.address.map(Cow::into_owned),
            question: Question {
                tries: body.tries,
                visit: body.visit.map(Cow::into_owned),
                offered: body.offered.map(Cow::into_owned),
            },
            trail,
            frames,
            kept_tries: body.kept_tries.into_owned(),
            seen: body.seen.into_owned(),
            known_ids: body.known_ids.into_owned(),
            taken: body.taken,
            pause: body.pause.map(Cow::into_owned),
            todo: body.todo.into_owned(),
            tried: body.tried,
            letters_at: body.letters_at,
            errands: body.once.into_owned(),
            said: body.said.into_owned(),
            shelf: body.shelf.into_owned(),
            hold,
            later: body.later.into_owned(),
        };
        Ok(Self { parts: Box::new(parts) })
    }
}

impl Snapshot {
    /// What is known where the session stands.
    pub(crate) fn of<F: Flow>(session: &Session<F>) -> Result<Self, serde_json::Error> {
        Ok(Self {
            current: session.parts.state.name().to_owned(),
            data: (F::KEEPING.value)(&session.parts.state)?,
            shared: serde_json::to_value(&session.parts.shared)?,
            stack: session.parts.frames.iter().map(Inner::of).collect::<Result<_, _>>()?,
        })
    }
}

impl Pending {
    /// The snapshot that this is of, as the flow's own types.
    ///
    /// Fails if the flow can no longer read it.
    pub(crate) fn read_snapshot<F: Flow>(
        &self,
        snapshot: &Snapshot,
        session: SessionId,
    ) -> Result<Checkpoint<F>, Unreadable> {
        let state: F = read_state(&snapshot.current, |index| (F::KEEPING.read_value)(index, &snapshot.data))?;
        let shared = F::Shared::deserialize(&snapshot.shared).map_err(Unreadable::corrupt)?;
        let inner = read_inner(&state, &snapshot.stack)?;
        Ok(Checkpoint { key: self.key(session), state, shared, inner, at: self.at })
    }
}
