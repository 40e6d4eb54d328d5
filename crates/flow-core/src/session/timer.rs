//! The timers of the state that a session stands in: [`RunningTimer`].

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Session, TurnId,
    laid::{
        reading::{Broken, Read, Reader},
        writing,
    },
    turn_id::{lay_stamp, read_stamp},
};
use crate::{Flow, Stamp, clock::after, declare::graph::EdgeKind};

/// A timer of the state that the session stands in. It is gone when the state is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunningTimer {
    #[serde(rename = "ring")]
    pub(crate) purpose: TimerPurpose,
    /// The version of the record that started it.
    version: u64,
    /// The id of the write that started it: with its purpose, this names it for ever. Nil in what a release before wrote.
    #[serde(rename = "writeId", default, skip_serializing_if = "Uuid::is_nil")]
    write_id: Uuid,
    /// When it runs out.
    pub(crate) at: DateTime<Utc>,
    /// When its turn is to be tried again, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) again_at: Option<DateTime<Utc>>,
    /// How often its turn failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    tries: u32,
}

/// What a timer is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TimerPurpose {
    /// The declared way on, after so many seconds: `after("24h", …)`.
    After(u64),
    /// A word to the handler: `remind_in(…)`.
    Reminder(String),
    /// One of these in a flow that another runs, at this depth.
    Inside(usize, Box<Self>),
}

impl TimerPurpose {
    /// The same, at this depth.
    fn at(self, depth: usize) -> Self {
        if depth == 0 { self } else { Self::Inside(depth, Box::new(self)) }
    }

    pub(super) fn lay(&self, out: &mut Vec<u8>) {
        match self {
            Self::After(seconds) => {
                out.push(0);
                writing::number(out, *seconds);
            }
            Self::Reminder(name) => {
                out.push(1);
                writing::bytes(out, name.as_bytes());
            }
            Self::Inside(depth, purpose) => {
                out.push(2);
                writing::size(out, *depth);
                purpose.lay(out);
            }
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let mut kind = reader.byte()?;
        let inside = if kind == 2 { Some(reader.size()?) } else { None };
        if inside.is_some() {
            kind = reader.byte()?;
        }
        let purpose = match kind {
            0 => Self::After(reader.number()?),
            1 => Self::Reminder(reader.text()?.to_owned()),
            _ => return Err(Broken),
        };
        Ok(match inside {
            Some(depth) => Self::Inside(depth, Box::new(purpose)),
            None => purpose,
        })
    }

    /// At which depth its state stands.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Inside(depth, _) => *depth,
            Self::After(_) | Self::Reminder(_) => 0,
        }
    }

    /// What it is for, at whatever depth.
    pub(crate) fn itself(&self) -> &Self {
        match self {
            Self::Inside(_, purpose) => purpose.itself(),
            Self::After(_) | Self::Reminder(_) => self,
        }
    }
}

impl RunningTimer {
    pub(super) fn lay(&self, out: &mut Vec<u8>, base: DateTime<Utc>) {
        self.purpose.lay(out);
        lay_stamp(out, self.started());
        writing::time(out, self.at, base);
        writing::option(out, self.again_at, |out, at| writing::time(out, at, base));
        writing::number(out, self.tries.into());
    }

    pub(super) fn read(reader: &mut Reader<'_>, base: DateTime<Utc>) -> Read<Self> {
        let purpose = TimerPurpose::read(reader)?;
        let Stamp { version, write_id } = read_stamp(reader)?;
        let at = reader.time(base)?;
        let again_at = reader.option(|reader| reader.time(base))?;
        Ok(Self { purpose, version, write_id, at, again_at, tries: reader.small()? })
    }

    fn new(purpose: TimerPurpose, stamp: Stamp, at: DateTime<Utc>) -> Self {
        Self { purpose, version: stamp.version, write_id: stamp.write_id, at, again_at: None, tries: 0 }
    }

    /// When its turn is to be taken.
    pub(super) fn due_at(&self) -> DateTime<Utc> {
        self.again_at.unwrap_or(self.at)
    }

    /// The stamp of the record that started it.
    pub(super) fn started(&self) -> Stamp {
        Stamp { version: self.version, write_id: self.write_id }
    }

    /// Under which id its turn is remembered.
    pub(crate) fn turn(&self) -> TurnId {
        TurnId::Timer(self.purpose.clone(), self.started())
    }

    /// The same timer, started by another write.
    pub(super) fn started_by(self, stamp: Stamp) -> Self {
        Self { version: stamp.version, write_id: stamp.write_id, ..self }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.purpose, self.started()) == (&other.purpose, other.started())
    }
}

impl<F: Flow> Session<F> {
    /// Starts the timers that the state that asks declares, and forgets those of the state before it.
    pub(super) fn start_timers(&mut self, now: DateTime<Utc>) {
        self.start_timers_at(self.depth(), now);
    }

    /// Starts the timers of all states that it stands in anew.
    pub(super) fn start_all_timers(&mut self, now: DateTime<Utc>) {
        for depth in 0..=self.depth() {
            self.start_timers_at(depth, now);
        }
    }

    fn start_timers_at(&mut self, depth: usize, now: DateTime<Utc>) {
        let (stamp, state) = (self.parts.stamp, self.state_at(depth));
        let (graph, from) = (state.kind().graph, state.index());
        let declared = graph.edges.iter().filter(|edge| edge.from == from);
        let started = declared.filter_map(|edge| match edge.by {
            EdgeKind::After(time) => Some((TimerPurpose::After(time.as_secs()), time)),
            _ => None,
        });
        let reminders = state
            .node()
            .reminders
            .iter()
            .filter_map(|reminder| Some((TimerPurpose::Reminder(reminder.name.to_owned()), reminder.after?)));
        let new = started
            .chain(reminders)
            .filter_map(|(purpose, time)| Some(RunningTimer::new(purpose.at(depth), stamp, after(now, time)?)));
        let new: Vec<_> = new.collect();
        self.parts.todo.timers.retain(|timer| timer.purpose.depth() < depth);
        self.parts.todo.timers.extend(new);
    }

    pub(super) fn forget_timers(&mut self) {
        self.parts.todo.timers.clear();
    }

    /// Sets the reminder of this name, of the state at this depth, to run out at that time; without a time, forgets it.
    pub(crate) fn remind(&mut self, depth: usize, name: String, at: Option<DateTime<Utc>>) {
        let purpose = TimerPurpose::Reminder(name).at(depth);
        self.parts.todo.timers.retain(|timer| timer.purpose != purpose);
        if let Some(at) = at {
            self.parts.todo.timers.push(RunningTimer::new(purpose, self.parts.stamp, at));
        }
    }

    /// Takes the timer off the list, and tells whether it was still on it.
    pub(crate) fn stop_timer(&mut self, timer: &RunningTimer) -> bool {
        let place = self.parts.todo.timers.iter().position(|other| other.is_same(timer));
        place.map(|place| self.parts.todo.timers.remove(place)).is_some()
    }

    /// Notes that the timer's turn failed once more, and gives the number of its failures; none if the timer is gone.
    ///
    /// `again_at` says, by that number, when the turn is tried again.
    pub(crate) fn put_timer_off(
        &mut self,
        timer: &RunningTimer,
        again_at: impl FnOnce(u32) -> DateTime<Utc>,
    ) -> Option<u32> {
        let timer = self.parts.todo.timers.iter_mut().find(|other| other.is_same(timer))?;
        timer.tries += 1;
        timer.again_at = Some(again_at(timer.tries));
        Some(timer.tries)
    }

    /// After how long the state at which depth had to be left, if that time was over at `at`, the first of several; none while a person
    /// has taken over, for which timers wait.
    pub(crate) fn overdue(&self, at: DateTime<Utc>) -> Option<(usize, Duration)> {
        if self.is_paused(at) {
            return None;
        }
        let overdue = self.parts.todo.timers.iter().filter(|timer| timer.at <= at && self.is_in_time(timer));
        let leaving = overdue.filter_map(|timer| match timer.purpose.itself() {
            TimerPurpose::After(seconds) => Some((timer.at, timer.purpose.depth(), Duration::from_secs(*seconds))),
            TimerPurpose::Reminder(_) | TimerPurpose::Inside(..) => None,
        });
        leaving.min().map(|(_, depth, time)| (depth, time))
    }

    /// Whether the timer is on the list.
    pub(crate) fn runs(&self, timer: &RunningTimer) -> bool {
        self.parts.todo.timers.iter().any(|other| other.is_same(timer))
    }

    /// Whether the timer runs out before the session expires, or at the same moment.
    pub(crate) fn is_in_time(&self, timer: &RunningTimer) -> bool {
        self.is_under_way() && self.parts.expires_at.is_none_or(|expires_at| timer.at <= expires_at)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(tries: &u32) -> bool {
    *tries == 0
}
