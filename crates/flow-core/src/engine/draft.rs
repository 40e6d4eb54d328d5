//! A turn being written: [`Draft`].

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{error::EngineError, hooks::Takers, outcome::Opened};
use crate::{
    Cause, Flow, Key, Reply, SessionId, Transition,
    clock::after,
    graph::EdgeKind,
    handler::step,
    session::todo::{Armed, Pending, Ring, Snapshot, Todo, What},
    session::{Past, Session},
    store::Expect,
};

/// The session as the turn will leave it, and what the turn has to tell.
pub(super) struct Draft<F: Flow> {
    pub(super) session: Session<F>,
    pub(super) replies: Vec<Reply>,
    pub(super) resumed: Option<DateTime<Utc>>,
    pub(super) now: DateTime<Utc>,
    /// Whether it is a sign of life, which puts the expiry off.
    pub(super) renews: bool,
    pub(super) expect: Expect,
    pub(super) transitions: Vec<Transition>,
    pub(super) checkpoints: Vec<Key>,
    pub(super) opened: Option<Opened>,
    pub(super) takers: Takers,
    indices: u32,
}

impl<F: Flow> Draft<F> {
    /// A turn of a session that goes on.
    pub(super) fn going_on(mut session: Session<F>, now: DateTime<Utc>, takers: Takers) -> Self {
        let expect = Expect::At(session.stamp);
        session.stamp = session.stamp.next();
        session.updated_at = now;
        Self::new(session, expect, None, now, takers)
    }

    /// A turn that begins the first conversation of a session.
    pub(super) fn beginning(id: SessionId, now: DateTime<Utc>, takers: Takers) -> Self {
        let session = Session {
            id,
            stamp: crate::Stamp::first(),
            state: F::start(),
            shared: F::Shared::default(),
            history: Vec::new(),
            past: Past::default(),
            created_at: now,
            updated_at: now,
            expires_at: None,
            lapsed_at: None,
            language: None,
            tries: 0,
            seen: Vec::new(),
            todo: Todo::default(),
            held: None,
        };
        Self::new(session, Expect::Absent, Some(Opened::First), now, takers)
    }

    /// A turn that begins another conversation; the one before leaves its history and its to-do list.
    pub(super) fn beginning_anew(mut self, opened: Opened) -> Self {
        self.opened = Some(opened);
        self.session.shared = F::Shared::default();
        self.session.created_at = self.now;
        self.session.lapsed_at = None;
        self.session.tries = 0;
        self
    }

    /// A turn that is no sign of life.
    pub(super) fn without_renewal(self) -> Self {
        Self { renews: false, ..self }
    }

    /// A turn of a session of which nobody can tell how many it has had: its version is the time in seconds, which no count
    /// of turns reaches.
    pub(super) fn beyond_all_versions(mut self) -> Self {
        self.session.stamp.version = u64::try_from(self.now.timestamp()).unwrap_or_default().max(1);
        self
    }

    /// A turn of a session that its store does not have.
    pub(super) fn over_nothing(self) -> Self {
        Self { expect: Expect::Absent, ..self }
    }

    fn new(session: Session<F>, expect: Expect, opened: Option<Opened>, now: DateTime<Utc>, takers: Takers) -> Self {
        let (replies, transitions, checkpoints) = Default::default();
        let (resumed, renews, indices) = (None, true, 0);
        Self { session, replies, resumed, now, renews, expect, transitions, checkpoints, opened, takers, indices }
    }

    /// Takes the step to `state`.
    ///
    /// Fails if the graph does not have it: the compiler checked it, and every commit does once more.
    pub(super) fn enter(&mut self, state: F, by: Cause, edge: Option<EdgeKind>) -> Result<(), EngineError> {
        let from = self.session.state.node().name;
        if let Some(edge) = edge
            && !F::GRAPH.allows(self.session.state.index(), state.index(), edge)
        {
            return Err(EngineError::Undeclared { from, to: state.name() });
        }
        let opened_first = self.opened == Some(Opened::First) && by == Cause::Opened;
        let from = (!opened_first).then(|| from.to_owned());
        let transition = Transition { from, to: state.name().to_owned(), by, at: self.now };
        self.note(transition);
        self.session.tries = 0;
        self.session.state = state;
        self.arm();
        Ok(())
    }

    /// Says in the history that the session expired where it stands, and has it told if anybody wants to know.
    pub(super) fn lapse(&mut self) -> Result<(), EngineError> {
        self.stand(Cause::Lapsed, self.session.expires_at.unwrap_or(self.now));
        self.session.lapsed_at = Some(self.now);
        self.session.todo.timers.clear();
        if self.takers.expiries {
            let pending = self.numbered(What::Lapse(self.snapshot()?));
            self.session.todo.pending.push(pending);
        }
        Ok(())
    }

    /// Says in the history that the session goes on where it stands, whose last turn was at `since`. If it had expired, its
    /// timers run anew.
    pub(super) fn resume(&mut self, since: DateTime<Utc>, had_expired: bool) {
        self.resumed = Some(since);
        self.stand(Cause::Resumed, self.now);
        if had_expired {
            self.session.lapsed_at = None;
            self.arm();
        }
    }

    fn stand(&mut self, by: Cause, at: DateTime<Utc>) {
        let state = self.session.state.name().to_owned();
        self.note(Transition { from: Some(state.clone()), to: state, by, at });
    }

    fn note(&mut self, transition: Transition) {
        self.session.history.push(transition.clone());
        self.transitions.push(transition);
    }

    /// Sets the timers of the state as it is entered, and no others.
    fn arm(&mut self) {
        let (version, now, from) = (self.session.stamp.version, self.now, self.session.state.index());
        let times = F::GRAPH.edges.iter().filter(|edge| edge.from == from).filter_map(|edge| match edge.by {
            EdgeKind::After(time) => Some(time),
            _ => None,
        });
        let armed = |time: Duration| Some(Armed::new(Ring::After(time.as_secs()), version, after(now, time)?));
        self.session.todo.timers = times.filter_map(armed).collect();
    }

    /// Sets a reminder, or forgets it.
    pub(super) fn remind(&mut self, reminder: step::Reminder) {
        let ring = Ring::Reminder(reminder.name);
        self.session.todo.timers.retain(|timer| timer.ring != ring);
        if let Some(at) = reminder.after.and_then(|time| after(self.now, time)) {
            self.session.todo.timers.push(Armed::new(ring, self.session.stamp.version, at));
        }
    }

    /// Takes the timer off the list, and tells whether it was still on it.
    pub(super) fn disarm(&mut self, timer: &Armed) -> bool {
        let timers = &mut self.session.todo.timers;
        let place = timers.iter().position(|other| other.is_same(timer));
        place.map(|place| timers.remove(place)).is_some()
    }

    /// Keeps a checkpoint of the state as it is for those who take it.
    pub(super) fn checkpoint(&mut self) -> Result<(), EngineError> {
        let pending = self.numbered(What::Checkpoint(self.snapshot()?));
        self.checkpoints.push(pending.key(self.session.id));
        if self.takers.archive || self.session.is_archived() {
            self.session.todo.archiving.checkpoints.push(pending.clone());
        }
        if self.takers.checkpoints {
            self.session.todo.pending.push(pending);
        }
        Ok(())
    }

    /// Has an effect delivered.
    pub(super) fn effect(&mut self, effect: step::Effect) {
        let pending = self.numbered(What::Effect { kind: effect.kind, payload: effect.payload });
        self.session.todo.pending.push(pending);
    }

    /// Has the replies so far delivered, because nobody waits for them, if anybody takes them.
    pub(super) fn announce(&mut self) {
        let replies: Vec<_> = self.replies.iter().filter(|reply| !reply.is_silence()).cloned().collect();
        if replies.is_empty() {
            return;
        }
        if !self.takers.announcements {
            tracing::warn!("a timer's turn has something to say, and there is no hook for announcements");
            return;
        }
        let pending = self.numbered(What::Announcement { replies });
        self.session.todo.pending.push(pending);
    }

    fn snapshot(&self) -> Result<Snapshot, EngineError> {
        let unwritable = |_| EngineError::Unwritable { state: self.session.state.name() };
        Snapshot::of(&self.session.state, &self.session.shared).map_err(unwritable)
    }

    fn numbered(&mut self, what: What) -> Pending {
        let index = self.indices;
        self.indices += 1;
        Pending { version: self.session.stamp.version, index, at: self.now, what }
    }
}
