//! What this process was told of a session: [`Told`] by the store, [`Reading`] and [`Known`] once it is read.

use super::heard::Heard;
use crate::{Flow, Record, Session, SessionId, Unreadable, session::is_of_another, store::Letter};

/// What the store told of a session.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Told {
    pub(in crate::engine) record: Option<Record>,
    /// The first letters of its inbox, if they were asked for.
    pub(in crate::engine) letters: Vec<Letter>,
    pub(in crate::engine) heard: Heard,
    /// What was wrong with the record that lay there, if it was damaged and was put in quarantine just now.
    pub(in crate::engine) damage: Option<Unreadable>,
}

/// What the store told of a session, read: the session, if there is one, and when that was.
#[derive(Debug)]
pub(in crate::engine) struct Reading<F: Flow> {
    pub(in crate::engine) known: Option<Known<F>>,
    /// As they were told.
    pub(in crate::engine) letters: Vec<Letter>,
    /// What is there instead, if that is no session yet: a place for what a first turn has asked.
    pub(in crate::engine) place: Option<Box<Known<F>>>,
    pub(in crate::engine) heard: Heard,
    /// As it was told.
    pub(in crate::engine) damage: Option<Unreadable>,
    /// Whether the store did not tell it, and it is as this process left it.
    pub(in crate::engine) is_warm: bool,
}

/// A session, and the record that it was read from or written as.
///
/// It may be out of date when it is used: a write over it then meets a conflict, which gives what is stored instead.
#[derive(Debug)]
pub(in crate::engine) struct Known<F: Flow> {
    pub(in crate::engine) session: Session<F>,
    pub(in crate::engine) record: Record,
    /// What time it was when the store told of it.
    pub(in crate::engine) heard: Heard,
}

impl Told {
    /// The same without the record, if that is of another flow: where all flows are browsed, it is no fault to meet one.
    pub(super) fn of_own_flow<F: Flow>(self) -> Self {
        Self { record: self.record.filter(|record| !is_of_another::<F>(record)), ..self }
    }

    /// Reads the session off its record, as [`open`] does.
    pub(in crate::engine) fn open<F: Flow>(self, id: SessionId) -> Result<Reading<F>, Unreadable> {
        let Self { record, letters, heard, damage } = self;
        let known = record.map(|record| Known::open(id, record, heard)).transpose()?;
        let reading = known.map_or(
            Reading { known: None, letters: Vec::new(), place: None, heard, damage: None, is_warm: false },
            Reading::from,
        );
        Ok(Reading { letters, damage, ..reading })
    }
}

impl<F: Flow> Reading<F> {
    /// What the store told of its record, as it told it.
    pub(in crate::engine) fn told(&self) -> Told {
        let record = self.known.as_ref().or(self.place.as_deref()).map(|known| known.record.clone());
        Told { record, letters: Vec::new(), heard: self.heard, damage: self.damage.clone() }
    }

    /// Whether a session was read, and it is of the very write that left this record.
    pub(in crate::engine) fn is_of(&self, record: Option<&Record>) -> bool {
        let stamp = self.known.as_ref().map(|known| known.session.stamp());
        stamp.is_some() && stamp == record.map(Record::stamp)
    }

    /// What lies there, be it a session or a place for one.
    pub(in crate::engine) fn into_any(self) -> Option<Known<F>> {
        self.known.or(self.place.map(|place| *place))
    }
}

impl<F: Flow> From<Known<F>> for Reading<F> {
    fn from(known: Known<F>) -> Self {
        let (heard, letters) = (known.heard, Vec::new());
        if known.session.is_place() {
            return Self { known: None, letters, place: Some(Box::new(known)), heard, damage: None, is_warm: false };
        }
        Self { known: Some(known), letters, place: None, heard, damage: None, is_warm: false }
    }
}

impl<F: Flow> Known<F> {
    /// The same, for another hand.
    pub(in crate::engine) fn copy(&self) -> Self {
        Self { session: self.session.clone(), record: self.record.clone(), heard: self.heard }
    }

    /// Reads the session off its record, as [`open`] does.
    pub(in crate::engine) fn open(id: SessionId, record: Record, heard: Heard) -> Result<Self, Unreadable> {
        Ok(Self { session: open(id, &record)?, record, heard })
    }
}

/// Reads a session off its record.
///
/// Fails if the record cannot be read.
pub(in crate::engine) fn open<F: Flow>(id: SessionId, record: &Record) -> Result<Session<F>, Unreadable> {
    Session::from_record(id, record)
}

/// Says in the log that a session cannot be read and is left alone.
pub(in crate::engine) fn stays(unreadable: Unreadable) -> Unreadable {
    tracing::error!(%unreadable, "a stored session cannot be read, and stays as it is");
    unreadable
}
