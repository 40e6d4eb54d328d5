//! A turn that is put on what was stored while it was decided, where no other turn came first.

use super::{Parts, Pending, Session, Todo, Transition};
use crate::{Flow, Stamp, record::Form};

impl<F: Flow> Session<F> {
    /// This session, as a turn left it after these steps, on the to-do list and the history of what is `stored` now.
    ///
    /// What the turn decided is kept; what was delivered, set aside, put off, archived or cut meanwhile stays so, and so does an
    /// idle expiry that was given to the conversation meanwhile.
    pub(crate) fn put_on(self, stored: Self, steps: &[Transition]) -> Self {
        let (decided, stamp) = (self.parts.stamp, stored.parts.stamp.next());
        let begins = steps.iter().any(|step| step.by.begins());
        let (ours, theirs) = (*self.parts, *stored.parts);
        let mut history = theirs.history;
        history.extend(steps);
        let mut parts = Box::new(Parts {
            stamp,
            form: Form::Edition1,
            origin: theirs.origin,
            last_turn: theirs.last_turn,
            epoch: theirs.epoch,
            own_idle: if begins { ours.own_idle } else { theirs.own_idle },
            past: theirs.past,
            history,
            todo: ours.todo.put_on(theirs.todo, decided, stamp),
            letters_at: ours.letters_at.max(theirs.letters_at),
            errands: theirs.errands,
            said: ours.said.put_on(theirs.said, decided, stamp),
            shelf: ours.shelf.put_on(theirs.shelf, stamp),
            hold: None,
            ..ours
        });
        parts.seen.move_version(decided.version, stamp.version);
        if let Some(taken) = parts.taken.as_mut().filter(|taken| taken.version == decided.version) {
            taken.version = stamp.version;
        }
        Self { parts }
    }

    /// This session, as a turn left it that found none in the store, over a `place` that is held there for one.
    ///
    /// Nothing of the place is kept but what turns have asked.
    pub(crate) fn put_over(mut self, place: Self) -> Self {
        let decided = self.parts.stamp;
        if place.parts.stamp.version >= decided.version {
            self.parts.stamp = place.parts.stamp.next();
            self.parts.todo = std::mem::take(&mut self.parts.todo).decided_by(decided, self.parts.stamp);
            self.parts.seen.move_version(decided.version, self.parts.stamp.version);
        }
        self.parts.errands.extend(place.parts.errands);
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
