//! A turn being written: [`Draft`].

use chrono::{DateTime, Utc};
use serde::ser::Error as _;
use serde_json::Value;

use super::{measure::can_be_stored, request::Stop};
use crate::{
    Address, By, Cause, Failure, Flow, Key, Reply, Session, SessionId, Transition,
    archive::Epoch,
    clock::after,
    declare::{AnyState, graph::EdgeKind, reminder::Set},
    engine::{
        error::EngineError,
        outcome::{Opened, OutcomeKind},
    },
    session::{Inner, RunningTimer, Snapshot, Wanted, What, Why},
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
    /// What it comes to: taken, unless the question of a button was over, or what came in was left to a person.
    pub(super) kind: OutcomeKind,
    /// Who moves it, if a person does.
    pub(super) operator: Option<By>,
    /// Whether what the visitor said was not understood.
    pub(super) is_rejected: bool,
    /// How much of what was said could not be written.
    pub(super) said_lost: usize,
    /// How many flows that states run have begun in it.
    pub(super) runs: u32,
    promises: u32,
    /// Which of the replies is the last question, and how many steps had been taken when it was asked.
    asked: Option<(usize, usize)>,
}

/// Which of the things that a turn may leave behind there is a hook, a worker or an archive for.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "one for each kind of thing")]
pub(super) struct Takers {
    pub(super) checkpoints: bool,
    pub(super) expiries: bool,
    pub(super) announcements: bool,
    pub(super) archive: bool,
    /// A worker of this process, if there is one, may take deliveries at once.
    pub(super) worker: bool,
}

impl<F: Flow> Draft<F> {
    /// A turn of a session that goes on.
    pub(super) fn going_on(session: Session<F>, now: DateTime<Utc>, takers: Takers) -> Self {
        let mut draft = Self::standing_still(session, now, takers);
        draft.session.has_turn_at(now);
        draft.renews = true;
        draft
    }

    /// A change that is no turn, and no sign of life: it leaves the idle expiry as it is.
    pub(super) fn standing_still(mut session: Session<F>, now: DateTime<Utc>, takers: Takers) -> Self {
        let expect = Expect::At(session.succeed());
        Self::new(session, expect, None, now, takers)
    }

    /// A turn that begins the first conversation of a session, in this epoch of the archive if it was asked.
    pub(super) fn beginning(id: SessionId, now: DateTime<Utc>, epoch: Option<Epoch>, takers: Takers) -> Self {
        let session = Session::begin(id, now, epoch);
        let draft = Self::new(session, Expect::Absent, Some(Opened::First), now, takers);
        Self { renews: true, ..draft }
    }

    /// A turn that begins another conversation; the one before leaves its history and its to-do list.
    pub(super) fn beginning_anew(mut self, opened: Opened) -> Self {
        self.opened = Some(opened);
        self.session.begin_anew(self.now);
        self
    }

    /// A turn that is no sign of life.
    pub(super) fn without_renewal(self) -> Self {
        Self { renews: false, ..self }
    }

    /// A turn of a session that its store does not have.
    pub(super) fn over_nothing(self) -> Self {
        Self { expect: Expect::Absent, ..self }
    }

    fn new(session: Session<F>, expect: Expect, opened: Option<Opened>, now: DateTime<Utc>, takers: Takers) -> Self {
        let (replies, transitions, checkpoints) = Default::default();
        Self {
            session,
            replies,
            resumed: None,
            now,
            renews: false,
            expect,
            transitions,
            checkpoints,
            opened,
            takers,
            kind: OutcomeKind::Taken,
            operator: None,
            is_rejected: false,
            said_lost: 0,
            runs: 0,
            promises: 0,
            asked: None,
        }
    }

    /// Fails if the graph does not have this step from where the session stands at this depth: the compiler checked it, and every commit
    /// does once more.
    pub(super) fn check(&self, depth: usize, to: &dyn AnyState, edge: Option<EdgeKind>) -> Result<(), EngineError> {
        let from = self.session.state_at(depth);
        let is_declared = edge.is_none_or(|edge| from.kind().graph.allows(from.index(), to.index(), edge));
        if is_declared { Ok(()) } else { Err(EngineError::Undeclared { from: from.name(), to: to.name() }) }
    }

    /// Asks this. A question that was left in this very turn can be answered no more: it is said, and offers nothing.
    pub(super) fn ask(&mut self, question: Reply) {
        if let Some((place, steps)) = self.asked
            && steps < self.transitions.len()
            && let Some(passed) = self.replies.get_mut(place)
        {
            *passed = std::mem::take(passed).without_choices();
        }
        self.asked = Some((self.replies.len(), self.transitions.len()));
        self.replies.push(question);
    }

    /// Takes the step to `state`, which is of the flow at this depth. It stood there `from`; what is above is left.
    pub(super) fn enter(&mut self, from: String, depth: usize, state: Box<dyn AnyState>, by: Cause) {
        self.session.leave_above(depth, by);
        let opened_first = self.opened == Some(Opened::First) && by == Cause::Opened;
        let mut to = match depth {
            0 => String::new(),
            depth => self.session.standing_at(depth - 1) + "/",
        };
        to.push_str(state.name());
        let operator = self.operator.clone().filter(|_| by == Cause::Operator);
        let step = Transition::new((!opened_first).then_some(from), to, by, self.now).with_operator(operator);
        self.session.enter(state, &step, self.now);
        self.transitions.push(step);
    }

    /// Takes the step into a frame on top of where the session stands. It stood there `from`.
    pub(super) fn enter_above(&mut self, from: String, why: Why, state: Box<dyn AnyState>, by: Cause) {
        let to = format!("{}/{}", self.session.standing(), state.name());
        let step = Transition::new(Some(from), to, by, self.now);
        self.session.enter_above(why, state, &step, self.now);
        self.transitions.push(step);
    }

    /// Begins the correction of this field of the state that asks, and tells whether there is one: the state that asks for the field is
    /// entered on top of it, and has not asked yet. The session stood there `from`.
    ///
    /// One that is under way already, below others, begins anew instead of standing there twice.
    pub(super) fn begin_correction(&mut self, from: String, field: &str) -> bool {
        let (top, field_below) = (self.session.depth(), Why::Correction(field.to_owned()));
        let base = self.session.base(top);
        let again = (base + 1..=top).find(|&depth| self.session.why(depth) == Some(&field_below));
        let is_declared = |state: &dyn AnyState| state.node().corrects.iter().any(|other| other.field == field);
        if let Some(depth) = again.filter(|_| is_declared(self.session.top())) {
            self.session.leave_above(depth - 1, Cause::Correction);
        }
        let state = self.session.top();
        let declared = state.node().corrects.iter().find(|correction| correction.field == field);
        let Some(asking) = declared.and_then(|correction| state.project(correction.asked_in)) else { return false };
        self.enter_above(from, Why::Correction(field.to_owned()), asking, Cause::Correction);
        true
    }

    /// Takes the step back to what stands at this depth.
    pub(super) fn come_back(&mut self, from: String, depth: usize, by: Cause) {
        let step = Transition::new(Some(from), self.session.standing_at(depth), by, self.now);
        self.session.come_back(depth, &step);
        self.transitions.push(step);
    }

    /// Notes in the history that the session expired where it stands, and has it told if there is a hook for that.
    pub(super) fn lapse(&mut self) -> Result<(), EngineError> {
        let step = self.session.lapse(self.now);
        self.transitions.push(step);
        if self.takers.expiries {
            let snapshot = self.snapshot()?;
            self.promise(What::Lapse(snapshot));
        }
        Ok(())
    }

    /// Notes in the history that the session goes on where it stands, after its last turn at `since`. If it had expired, its
    /// timers run anew.
    pub(super) fn resume(&mut self, since: DateTime<Utc>, had_expired: bool) {
        self.resumed = Some(since);
        let step = self.session.resume(self.now, had_expired);
        self.transitions.push(step);
    }

    /// Takes a step that stays where the session stands.
    pub(super) fn stand(&mut self, by: Cause, operator: Option<By>) {
        let step = self.session.stand(by, self.now, operator);
        self.transitions.push(step);
    }

    /// Sets reminders of the state at this depth, or forgets them.
    pub(super) fn remind(&mut self, depth: usize, reminders: &[Set]) {
        for reminder in reminders {
            let at = reminder.after.and_then(|time| after(self.now, time));
            self.session.remind(depth, reminder.name.to_owned(), at);
        }
    }

    /// Takes the timer off the list, and tells whether it was still on it.
    pub(super) fn stop_timer(&mut self, timer: &RunningTimer) -> bool {
        self.session.stop_timer(timer)
    }

    /// Keeps a checkpoint of the state as it is, for the hooks and the archive.
    pub(super) fn checkpoint(&mut self) -> Result<(), EngineError> {
        let snapshot = self.snapshot()?;
        let archive = self.takers.archive || self.session.is_archived();
        let wanted = Wanted { hook: self.takers.checkpoints, archive };
        let index = self.next_index();
        let key = self.session.keep_checkpoint(index, self.now, snapshot, wanted);
        self.checkpoints.push(key);
        Ok(())
    }

    /// Has an effect delivered, of the session's own flow or of this one inside it.
    ///
    /// Fails if it cannot be stored.
    pub(super) fn effect(&mut self, inner: Option<&str>, kind: &str, payload: Value) -> Result<(), Stop> {
        if !can_be_stored(&payload) {
            let error = serde_json::Error::custom("it is nested too deep");
            return Err(Stop::Failed(Failure::from_error(error)));
        }
        let kind = inner.map_or_else(|| kind.to_owned(), |flow| format!("{flow}/{kind}"));
        self.promise(What::Effect { kind, payload });
        Ok(())
    }

    /// Has each of the replies so far sent there, under a key of its own: one that fails has none before it sent again.
    pub(super) fn send_replies(&mut self, address: &Address) {
        self.session.bind(&mut self.replies);
        let replies: Vec<_> = self.spoken().cloned().collect();
        for reply in replies {
            self.promise(What::Reply { address: address.clone(), reply });
        }
    }

    /// Has the replies so far delivered, because no visitor waits for them: to where the session was last reached, or else by a
    /// hook that takes them.
    pub(super) fn announce(&mut self) {
        if let Some(address) = self.session.address().cloned() {
            return self.send_replies(&address);
        }
        self.session.bind(&mut self.replies);
        let replies: Vec<_> = self.spoken().cloned().collect();
        if replies.is_empty() {
            return;
        }
        if !self.takers.announcements {
            tracing::warn!("a timer's turn has something to say, and there is no hook for announcements");
            return;
        }
        self.promise(What::Announcement { replies });
    }

    /// Whether what is said while no visitor waits is delivered: to where the session was last reached, or by a hook.
    pub(super) fn is_heard_later(&self) -> bool {
        self.session.address().is_some() || self.takers.announcements
    }

    fn spoken(&self) -> impl Iterator<Item = &Reply> {
        self.replies.iter().filter(|reply| !reply.is_silence())
    }

    fn promise(&mut self, what: What) {
        let index = self.next_index();
        self.session.promise(index, self.now, what);
    }

    fn snapshot(&self) -> Result<Snapshot, EngineError> {
        let can_be_kept = |snapshot: &Snapshot| {
            let inner = snapshot.stack.iter().map(Inner::data);
            inner.chain([&snapshot.data, &snapshot.shared]).all(can_be_stored)
        };
        let snapshot = Snapshot::of(&self.session).ok().filter(can_be_kept);
        snapshot.ok_or_else(|| EngineError::Unwritable { state: self.session.top().name() })
    }

    fn next_index(&mut self) -> u32 {
        let index = self.promises;
        self.promises += 1;
        index
    }
}
