//! How a conversation goes on: its versions, the states that it enters, its expiry. The verbs of a turn.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    By, Cause, Frame, History, KnownIds, Memory, Parts, Past, Question, SaidLog, Seen, SeenLog, Session, Shelf, Todo,
    Trail, Transition, TurnId, Why,
};
use crate::{
    Address, Flow, Prefix, Reply, SessionId, Stamp,
    archive::Epoch,
    declare::AnyState,
    record::{Form, as_kept},
};

impl<F: Flow> Session<F> {
    /// A session before its first turn: it stands at the start, which it has not entered yet. The archive has nothing of it in this
    /// `epoch`; none if it was not asked.
    pub(crate) fn begin(id: SessionId, now: DateTime<Utc>, epoch: Option<Epoch>) -> Self {
        let stamp = Stamp::first();
        let parts = Parts {
            id,
            stamp,
            form: Form::Edition1,
            origin: stamp.write_id,
            last_turn: stamp,
            epoch,
            state: F::start(),
            shared: F::Shared::default(),
            history: History::default(),
            past: Past::default(),
            created_at: now,
            updated_at: now,
            expires_at: None,
            own_idle: None,
            lapsed_at: None,
            language: None,
            address: None,
            question: Question::default(),
            trail: Trail::default(),
            frames: Vec::new(),
            kept_tries: BTreeMap::new(),
            seen: SeenLog::default(),
            known_ids: KnownIds::default(),
            taken: None,
            pause: None,
            todo: Todo::default(),
            tried: None,
            letters_at: None,
            errands: Vec::new(),
            said: SaidLog::default(),
            shelf: Shelf::default(),
            hold: None,
            later: Vec::new(),
        };
        Self { parts: Box::new(parts) }
    }

    /// Becomes the next writing of its record, and tells how the one before begins.
    pub(crate) fn succeed(&mut self) -> Prefix {
        let before = self.prefix();
        (self.parts.stamp, self.parts.form) = (self.parts.stamp.next(), Form::Edition1);
        self.nothing_is_laid_out();
        before
    }

    /// Says that this writing is that of a turn: what another turn has decided meanwhile no longer stands.
    pub(crate) fn is_decided(&mut self) {
        self.parts.last_turn = self.parts.stamp;
    }

    /// Has a version above that of another lineage, so that it is the later one to whoever orders by versions.
    pub(super) fn go_beyond(&mut self, other: Stamp) {
        self.parts.stamp.version = self.parts.stamp.version.max(other.version + 1);
    }

    /// Has a turn at this time. The time of a record never goes back, whatever clock its store had before.
    pub(crate) fn has_turn_at(&mut self, now: DateTime<Utc>) {
        self.parts.updated_at = now.max(self.parts.updated_at);
    }

    /// Begins another conversation; the one before leaves its history and its to-do list.
    pub(crate) fn begin_anew(&mut self, now: DateTime<Utc>) {
        self.parts.shared = F::Shared::default();
        self.parts.own_idle = None;
        self.parts.created_at = now;
        self.parts.lapsed_at = None;
        self.parts.kept_tries.clear();
        self.parts.pause = None;
    }

    /// Takes a step to `state`, in the flow that asks. Its timers begin to run.
    pub(crate) fn enter(&mut self, state: Box<dyn AnyState>, step: &Transition, now: DateTime<Utc>) {
        let by = step.by;
        self.leave_question(by);
        match by {
            _ if by.begins() || by.is_operators() => self.trail_mut().clear(),
            // Who has used up all tries is not let in again by "back".
            Cause::Tries => self.trail_mut().clear(),
            Cause::Done if self.is_after_tries() => self.trail_mut().clear(),
            Cause::Back => {
                let left = self.trail().back(self.top()).map(|(_, left)| left);
                self.trail_mut().truncate(left.unwrap_or_default());
            }
            _ => {
                let from = self.top().copy();
                self.trail_mut().leave(&*from, &*state);
            }
        }
        self.parts.history.push(step);
        self.stand_in(self.depth(), state);
        self.is_entered(now);
    }

    /// Whether the last step, or what came to its end by it, was one of too many tries.
    fn is_after_tries(&self) -> bool {
        let before = self.parts.history.causes().filter(|cause| *cause != Cause::Done).last();
        before == Some(Cause::Tries)
    }

    /// Takes a step into a frame, which is laid on top.
    pub(crate) fn enter_above(&mut self, why: Why, state: Box<dyn AnyState>, step: &Transition, now: DateTime<Utc>) {
        self.parts.history.push(step);
        self.lay(if why == Why::Run { Frame::running(state) } else { Frame::beside(why, state) });
        self.is_entered(now);
    }

    /// Leaves what stands above this depth.
    pub(crate) fn leave_above(&mut self, depth: usize, by: Cause) {
        while depth < self.depth() {
            self.leave_question(by);
            self.drop_above(self.depth() - 1);
        }
    }

    /// Forgets the tries of the flow that the state at this depth runs: an answer has led it to its end.
    pub(crate) fn forget_tries_inside(&mut self, depth: usize) {
        let inside = format!("{}/", self.standing_at(depth));
        self.parts.kept_tries.retain(|standing, _| !standing.starts_with(&inside));
    }

    /// Takes a step out of the frames above this depth. What was asked there is asked again.
    pub(crate) fn come_back(&mut self, depth: usize, step: &Transition) {
        self.leave_above(depth, step.by);
        self.parts.taken = None;
        self.parts.history.push(step);
        self.owe_question();
    }

    /// The state that asks was entered just now.
    fn is_entered(&mut self, now: DateTime<Utc>) {
        let tries = self.parts.kept_tries.remove(&self.standing());
        *self.question_mut() = Question { tries: tries.unwrap_or_default(), ..Question::default() };
        self.parts.taken = None;
        self.owe_question();
        self.start_timers(now);
    }

    /// Leaves the question that is asked. By an answer its tries are forgotten; otherwise they count on when it is asked again, so that
    /// going back and forth gives nobody more of them.
    fn leave_question(&mut self, by: Cause) {
        let standing = self.standing();
        if matches!(by, Cause::Back | Cause::Shortcut | Cause::Aside | Cause::Correction) {
            if self.tries() > 0 {
                self.parts.kept_tries.insert(standing, self.tries());
            }
        } else {
            self.parts.kept_tries.remove(&standing);
        }
    }

    /// Says in the history that it expired where it stands, and gives that step. Its timers are forgotten.
    pub(crate) fn lapse(&mut self, now: DateTime<Utc>) -> Transition {
        self.parts.lapsed_at = Some(now);
        self.forget_timers();
        self.stand(Cause::Lapsed, self.parts.expires_at.unwrap_or(now), None)
    }

    /// Says in the history that it goes on where it stands, and gives that step. If it had expired, its timers run anew.
    pub(crate) fn resume(&mut self, now: DateTime<Utc>, had_expired: bool) -> Transition {
        if had_expired {
            // From its old beginning the absolute expiry would end it again at once.
            self.parts.created_at = now;
            self.parts.lapsed_at = None;
            self.end_visit();
            self.start_all_timers(now);
        }
        self.stand(Cause::Resumed, now, None)
    }

    /// Takes a step that stays where it stands, and gives it.
    pub(crate) fn stand(&mut self, by: Cause, at: DateTime<Utc>, operator: Option<By>) -> Transition {
        let standing = self.standing();
        let step = Transition::new(Some(standing.clone()), standing, by, at).with_operator(operator);
        self.parts.history.push(&step);
        step
    }

    /// Counts a rejected answer, and tells how many there were in this state.
    pub(crate) fn reject(&mut self) -> u32 {
        let question = self.question_mut();
        question.tries += 1;
        question.tries
    }

    /// Offers these to be picked from, instead of what was offered before.
    pub(crate) fn offer(&mut self, offered: Option<Vec<Value>>) {
        self.question_mut().offered = offered;
    }

    /// Speaks this language from now on.
    pub(crate) fn speak(&mut self, language: Option<String>) {
        self.parts.language = language;
    }

    /// Is reached there from now on.
    pub(crate) fn reach_at(&mut self, address: Address) {
        self.parts.address = Some(address);
    }

    /// Shares this between the states of its own flow from now on.
    pub(crate) fn share(&mut self, shared: F::Shared) {
        self.parts.shared = shared;
    }

    /// Expires at this time, unless another turn comes first.
    pub(crate) fn expire_at(&mut self, expires_at: Option<DateTime<Utc>>) {
        // As its record keeps it, so that a session that is kept in mind and one that is read say the same.
        self.parts.expires_at = expires_at.map(as_kept);
    }

    /// Remembers a turn and its replies, so that a repeat is recognised; `limit` turns at most, the oldest goes first.
    ///
    /// Of a message that goes, the id stays in this `memory`. Tells how many ids were forgotten before their time.
    pub(crate) fn remember(
        &mut self,
        turn: TurnId,
        replies: &[Reply],
        limit: usize,
        now: DateTime<Utc>,
        memory: Memory,
    ) -> u64 {
        // A button is known to be pressed again until another has led on.
        let comes_again = self.parts.taken.map(|taken| taken.version);
        let seen = Seen { id: turn, version: self.parts.stamp.version, replies: replies.to_vec() };
        // What had an id of ours comes no more: nobody else has it.
        let mut forgotten = 0;
        for id in self.parts.seen.add(&seen, comes_again, limit) {
            forgotten += self.parts.known_ids.add(&id, now, memory);
        }
        forgotten
    }
}
