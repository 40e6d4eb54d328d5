//! A turn that is put on what was stored while it was decided, where no other turn came first.

use super::{Pending, Session, Todo, Transition};
use crate::{Flow, Stamp, record::Form};

impl<F: Flow> Session<F> {
    /// This session, as a turn left it after these steps, on the to-do list and the history of what is `stored` now.
    ///
    /// What the turn decided is kept; what was delivered, set aside, put off, archived or cut meanwhile stays so, and so does an
    /// idle expiry that was given to the conversation meanwhile.
    pub(crate) fn put_on(self, stored: Self, steps: &[Transition]) -> Self {
        let (decided, stamp) = (self.stamp, stored.stamp.next());
        let begins = steps.iter().any(|step| step.by.begins());
        let mut session = Self {
            stamp,
            form: Form::Edition1,
            origin: stored.origin,
            last_turn: stored.last_turn,
            epoch: stored.epoch,
            own_idle: if begins { self.own_idle } else { stored.own_idle },
            past: stored.past,
            history: stored.history.into_iter().chain(steps.iter().cloned()).collect(),
            todo: self.todo.put_on(stored.todo, decided, stamp),
            said: self.said.put_on(stored.said, decided, stamp),
            hold: None,
            ..self
        };
        for seen in session.seen.iter_mut().filter(|seen| seen.version == decided.version) {
            seen.version = stamp.version;
        }
        session
    }
}

impl Todo {
    /// What the write with the stamp `decided` would have added to the list, added to this one by the write with this `stamp`.
    fn put_on(self, mut stored: Self, decided: Stamp, stamp: Stamp) -> Self {
        let is_new = |pending: &Pending| pending.stamp() == decided;
        // A new thing may have been set aside at once, for want of room: what is stored now may have room.
        let waiting = self.pending.into_iter().chain(self.set_aside.into_iter().map(|set_aside| set_aside.pending));
        let mut new: Vec<_> = waiting.filter(is_new).map(|pending| pending.decided_by(stamp)).collect();
        new.sort_by_key(|pending| pending.index);
        stored.pending.extend(new);
        let kept = self.archiving.checkpoints.into_iter().filter(is_new);
        stored.archiving.checkpoints.extend(kept.map(|pending| pending.decided_by(stamp)));
        let before = std::mem::take(&mut stored.timers);
        // A timer that the turn left running is as it was put off meanwhile, and gone if it was given up.
        stored.timers = self
            .timers
            .into_iter()
            .filter_map(|timer| {
                let is_new = timer.started() == decided;
                let as_it_is = || before.iter().find(|other| other.is_same(&timer)).cloned();
                if is_new { Some(timer.clone().started_by(stamp)) } else { as_it_is() }
            })
            .collect();
        stored
    }
}
