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
        let mut history = stored.history;
        history.extend(steps);
        let mut session = Self {
            stamp,
            form: Form::Edition1,
            origin: stored.origin,
            last_turn: stored.last_turn,
            epoch: stored.epoch,
            own_idle: if begins { self.own_idle } else { stored.own_idle },
            past: stored.past,
            history,
            todo: self.todo.put_on(stored.todo, decided, stamp),
            letters_at: self.letters_at.max(stored.letters_at),
            errands: stored.errands,
            said: self.said.put_on(stored.said, decided, stamp),
            shelf: self.shelf.put_on(stored.shelf, stamp),
            hold: None,
            ..self
        };
        session.seen.move_version(decided.version, stamp.version);
        if let Some(taken) = session.taken.as_mut().filter(|taken| taken.version == decided.version) {
            taken.version = stamp.version;
        }
        session
    }

    /// This session, as a turn left it that found none in the store, over a `place` that is held there for one.
    ///
    /// Nothing of the place is kept but what turns have asked.
    pub(crate) fn put_over(mut self, place: Self) -> Self {
        let decided = self.stamp;
        if place.stamp.version >= decided.version {
            self.stamp = place.stamp.next();
            self.todo = self.todo.decided_by(decided, self.stamp);
            self.seen.move_version(decided.version, self.stamp.version);
        }
        self.errands.extend(place.errands);
        self
    }
}

impl Todo {
    /// The same list, where what the write with the stamp `decided` would have added is added by the one with this `stamp`.
    fn decided_by(mut self, decided: Stamp, stamp: Stamp) -> Self {
        let set_aside = self.set_aside.iter_mut().map(|set_aside| &mut set_aside.pending);
        let pending = self.pending.iter_mut().chain(set_aside).chain(&mut self.archiving.checkpoints);
        for pending in pending.filter(|pending| pending.stamp() == decided) {
            *pending = pending.clone().decided_by(stamp);
        }
        for timer in self.timers.iter_mut().filter(|timer| timer.started() == decided) {
            *timer = timer.clone().started_by(stamp);
        }
        self
    }

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
