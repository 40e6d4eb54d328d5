//! How far a session is archived: [`Archiving`], and the verbs of the room that follows with the archive.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Key, Session, Transition,
    laid::{
        reading::{Read, Reader},
        writing,
    },
    pending::Pending,
    turn_id::{lay_stamp, read_stamp},
};
use crate::{Flow, Stamp, archive::Epoch};

/// How many letters of an error are kept with what failed.
pub(crate) const LONGEST_ERROR: usize = 300;

/// How far a session is archived, and what is still to be.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Archiving {
    /// The record that the archive has, as far as this one knows.
    last: Option<Stamp>,
    /// The number of the first step that is not archived.
    steps: u64,
    /// When the session is to be archived; none if nothing is new, or it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) due_at: Option<DateTime<Utc>>,
    /// Why the archive can never take it as it is. It may hold what the visitor said.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    /// The checkpoints that are delivered, or need not be, and are not archived. The others are marked where they wait.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) checkpoints: Vec<Pending>,
}

impl Archiving {
    pub(super) fn lay(&self, out: &mut Vec<u8>, base: DateTime<Utc>) -> Result<(), serde_json::Error> {
        if self.is_blank() {
            return Ok(());
        }
        writing::option(out, self.last, lay_stamp);
        writing::number(out, self.steps);
        writing::option(out, self.due_at, |out, at| writing::time(out, at, base));
        writing::option(out, self.refused.as_deref(), |out, why| writing::bytes(out, why.as_bytes()));
        writing::size(out, self.checkpoints.len());
        self.checkpoints.iter().try_for_each(|pending| pending.lay(out, base))
    }

    pub(super) fn read(reader: &mut Reader<'_>, base: DateTime<Utc>) -> Read<Self> {
        if reader.is_done() {
            return Ok(Self::default());
        }
        Ok(Self {
            last: reader.option(read_stamp)?,
            steps: reader.number()?,
            due_at: reader.option(|reader| reader.time(base))?,
            refused: reader.option(|reader| reader.text().map(ToOwned::to_owned))?,
            checkpoints: reader.list(|reader| Pending::read(reader, base))?,
        })
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_blank(&self) -> bool {
        self.last.is_none() && self.due_at.is_none() && self.refused.is_none() && self.checkpoints.is_empty()
    }

    /// Whether the archive refuses the session as it is.
    pub(super) fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Keeps a checkpoint that no longer waits for its delivery, if the archive is still to have it.
    pub(super) fn keep(&mut self, pending: &Pending) {
        if pending.is_unarchived {
            self.checkpoints.push(pending.clone());
        }
    }
}

impl fmt::Debug for Archiving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { last, steps, due_at, .. } = self;
        let mut archiving = f.debug_struct("Archiving");
        archiving.field("last", last).field("steps", steps).field("due_at", due_at).finish_non_exhaustive()
    }
}

/// A step of a session's life, with its place in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberedStep<'s> {
    /// Its place among all steps of the session, from 0.
    pub(crate) number: u64,
    /// Which conversation of the session it belongs to, from 1.
    pub(crate) conversation: u64,
    pub(crate) transition: &'s Transition,
}

/// What the archive has of a session, where its record says otherwise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lineage {
    /// The stamp of the record that the archive has.
    pub(crate) stamp: Stamp,
    /// How many steps the archive has.
    pub(crate) steps: u64,
    /// The conversation that the last of them belongs to.
    pub(crate) conversation: u64,
    /// The number of the first step that the archive has and this session has not, or not in the same place; none if the
    /// session took them all.
    pub(crate) fork: Option<u64>,
}

impl<F: Flow> Session<F> {
    /// Whether an instance with an archive has begun to archive it, so that one without leaves it what it needs.
    pub(crate) fn is_archived(&self) -> bool {
        !self.parts.todo.archiving.is_blank()
    }

    /// The stamp of the record that the archive should have; none if it should have nothing.
    pub(crate) fn archived_as(&self) -> Option<Stamp> {
        self.parts.todo.archiving.last
    }

    /// When the session is to be archived; none if nothing is new, or it was refused.
    pub(crate) fn archive_at(&self) -> Option<DateTime<Utc>> {
        self.parts.todo.archiving.due_at
    }

    /// Whether the archive does not have the session as it is, as far as its record knows: something is new, was refused, or
    /// was written where there was no archive.
    pub(crate) fn is_unarchived(&self) -> bool {
        let archiving = &self.parts.todo.archiving;
        archiving.due_at.is_some() || archiving.is_refused() || archiving.last.is_none()
    }

    /// Has the session archived by `due_at`, or earlier if that was wished before.
    pub(crate) fn archive_by(&mut self, due_at: Option<DateTime<Utc>>) {
        let archiving = &mut self.parts.todo.archiving;
        if archiving.refused.take().is_some() || archiving.due_at.is_none() {
            archiving.due_at = due_at;
        }
    }

    /// The steps that the archive does not have, as far as this record knows.
    pub(crate) fn unarchived_steps(&self) -> impl Iterator<Item = NumberedStep<'_>> {
        let mut conversation = self.parts.past.conversations;
        let steps = self.parts.history.steps().iter().zip(self.parts.past.steps..).map(move |(transition, number)| {
            conversation += u64::from(transition.by.begins());
            NumberedStep { number, conversation, transition }
        });
        steps.filter(|step| step.number >= self.parts.todo.archiving.steps)
    }

    /// The number of the first step that is in this record and not in the archive.
    pub(crate) fn first_unarchived(&self) -> u64 {
        self.parts.todo.archiving.steps.max(self.parts.past.steps)
    }

    /// Whether the step with this number is, or may have been, this one.
    pub(crate) fn has_step(&self, number: u64, transition: &Transition) -> bool {
        // Nothing is cut off the history that is not archived; so another worker has archived it.
        let Some(place) = number.checked_sub(self.parts.past.steps) else { return true };
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        self.parts.history.steps().get(place) == Some(transition)
    }

    /// The checkpoints that the archive does not have, in the order of their keys.
    pub(crate) fn unarchived_checkpoints(&self) -> Vec<&Pending> {
        let todo = &self.parts.todo;
        let waiting = todo.pending.iter().chain(todo.set_aside.iter().map(|set_aside| &set_aside.pending));
        let marked = waiting.filter(|pending| pending.is_unarchived);
        let mut checkpoints: Vec<_> = marked.chain(&todo.archiving.checkpoints).collect();
        checkpoints.sort_by_key(|pending| (pending.stamp(), pending.index));
        checkpoints
    }

    /// The archive's epoch when the session began, or was taken up from the archive; none if that is not known.
    ///
    /// It stays what it is when the conversation ends or expires and begins anew: what was before is still there.
    pub(crate) fn epoch(&self) -> Option<Epoch> {
        self.parts.epoch
    }

    /// Becomes a session that the archive has in this epoch, as it has it: with this stamp, and so many steps.
    pub(crate) fn taken_from_archive(&mut self, stamp: Stamp, steps: u64, epoch: Epoch) {
        self.parts.epoch = Some(epoch);
        self.parts.todo.archiving.last = Some(stamp);
        self.parts.todo.archiving.steps = steps;
        self.mark_archived(|_| true);
    }

    /// Notes that the archive has the record with this stamp, all steps before `next_step`, and these checkpoints. What is
    /// new since then is archived by `due_at`.
    pub(crate) fn note_archived(
        &mut self,
        stamp: Stamp,
        next_step: Option<u64>,
        checkpoints: &[Key],
        due_at: Option<DateTime<Utc>>,
    ) {
        let (id, is_last) = (self.parts.id, self.parts.stamp == stamp);
        let archiving = &mut self.parts.todo.archiving;
        archiving.last = Some(stamp);
        archiving.steps = archiving.steps.max(next_step.unwrap_or_default());
        archiving.due_at = due_at.filter(|_| !is_last);
        self.mark_archived(|pending| checkpoints.contains(&pending.key(id)));
    }

    /// Notes that the archive can never take the session as it is.
    pub(crate) fn note_refused(&mut self, reason: &str) {
        self.parts.todo.archiving.refused = Some(reason.chars().take(LONGEST_ERROR).collect());
        self.parts.todo.archiving.due_at = None;
    }

    /// Has everything archived again that the record has, now: the archive has nothing of it.
    pub(crate) fn archive_from_the_start(&mut self, now: DateTime<Utc>) {
        self.parts.todo.archiving.last = None;
        self.parts.todo.archiving.steps = 0;
        self.parts.todo.archiving.due_at = Some(now);
    }

    /// Goes on behind another lineage that the archive has: its own steps follow after those. Is archived again now. Tells
    /// whether the two really were different.
    pub(crate) fn join(&mut self, other: Lineage, now: DateTime<Utc>) -> bool {
        if let Some(fork) = other.fork {
            self.parts.past.conversations += other.conversation.saturating_sub(self.conversation_before(fork));
            self.parts.past.steps += other.steps.saturating_sub(fork);
        }
        let is_another = other.fork.is_some() || other.stamp.version > self.parts.stamp.version;
        if is_another {
            self.go_beyond(other.stamp);
        }
        self.parts.todo.archiving.steps = other.steps;
        self.parts.todo.archiving.last = Some(other.stamp);
        self.parts.todo.archiving.due_at = Some(now);
        is_another
    }

    /// Cuts what is beyond the limit off the history, the oldest steps first; where it is archived, none that is not yet.
    pub(crate) fn cut_history(&mut self, limit: usize, is_archived: bool) {
        let archived = self.parts.todo.archiving.steps.saturating_sub(self.parts.past.steps);
        let spare = if is_archived { usize::try_from(archived).unwrap_or(usize::MAX) } else { usize::MAX };
        let surplus = self.parts.history.len().saturating_sub(limit).min(spare);
        for cause in self.parts.history.cut(surplus) {
            self.parts.past.steps += 1;
            self.parts.past.conversations += u64::from(cause.begins());
        }
    }

    fn mark_archived(&mut self, is_archived: impl Fn(&Pending) -> bool) {
        let todo = &mut self.parts.todo;
        todo.archiving.checkpoints.retain(|pending| !is_archived(pending));
        let waiting = todo.pending.iter_mut().chain(todo.set_aside.iter_mut().map(|set_aside| &mut set_aside.pending));
        for pending in waiting.filter(|pending| is_archived(pending)) {
            pending.is_unarchived = false;
        }
    }

    /// In which conversation the session is before the step with this number.
    fn conversation_before(&self, number: u64) -> u64 {
        let steps = usize::try_from(number.saturating_sub(self.parts.past.steps)).unwrap_or(usize::MAX);
        self.parts.past.conversations
            + self.parts.history.causes().take(steps).filter(|cause| cause.begins()).count() as u64
    }
}

/// Whether two tell of the same step. An archive may keep a time to the microsecond only.
pub(crate) fn is_same_step(one: &Transition, other: &Transition) -> bool {
    let apart = (one.at - other.at).abs();
    (&one.from, &one.to, one.by) == (&other.from, &other.to, other.by) && apart <= TimeDelta::microseconds(1)
}
