//! The deliveries that a session owes: promised by a turn, claimed for a try, struck off, put off, or set aside as dead
//! letters.

use chrono::{DateTime, Utc};

use super::{
    Key, LONGEST_ERROR, Session,
    pending::{Delivery, Pending, SetAside, Snapshot, What},
};
use crate::Flow;

/// A delivery that came to nothing.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) pending: Pending,
    /// How often it was tried.
    pub(crate) tries: u32,
    pub(crate) error: String,
}

/// What a checkpoint is kept for: a hook, the archive, or both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) hook: bool,
    pub(crate) archive: bool,
}

/// What follows a [`Fault`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Setback {
    /// The delivery is tried again at this time.
    PutOff(DateTime<Utc>),
    /// The delivery is a dead letter from this time on.
    SetAside(DateTime<Utc>),
}

impl<F: Flow> Session<F> {
    /// Has this delivered, under the key that has this index in the write that is being made.
    pub(crate) fn promise(&mut self, index: u32, at: DateTime<Utc>, what: What) {
        let pending = self.pending_of(index, at, what);
        self.todo.pending.push(pending);
    }

    /// Keeps a checkpoint, once, for the hook and the archive if they want it, and gives its key.
    pub(crate) fn keep_checkpoint(&mut self, index: u32, at: DateTime<Utc>, snapshot: Snapshot, by: Wanted) -> Key {
        let mut checkpoint = self.pending_of(index, at, What::Checkpoint(snapshot));
        checkpoint.is_unarchived = by.archive;
        let key = checkpoint.key(self.id);
        if by.hook {
            self.todo.pending.push(checkpoint);
        } else {
            self.todo.archiving.keep(&checkpoint);
        }
        key
    }

    fn pending_of(&self, index: u32, at: DateTime<Utc>, what: What) -> Pending {
        Pending::new(self.stamp, index, at, what)
    }

    /// How many checkpoints, effects and announcements the record carries.
    pub(crate) fn undelivered(&self) -> usize {
        self.todo.pending.len() + self.todo.set_aside.len()
    }

    /// What is to be delivered, in this order.
    pub(crate) fn promised(&self) -> &[Pending] {
        &self.todo.pending
    }

    /// The tries of the first pending delivery; none before it is tried.
    pub(crate) fn delivery(&self) -> Option<Delivery> {
        self.todo.delivery
    }

    /// Has the expiry of the session told, or not.
    pub(crate) fn tell_expiry(&mut self, is_told: bool) {
        self.todo.tell_expiry = is_told;
    }

    /// Whether something that is pending may be delivered now.
    pub(crate) fn is_delivery_due(&self, now: DateTime<Utc>) -> bool {
        self.todo.deliver_at().is_some_and(|at| at <= now)
    }

    /// Claims the first try of what is new for this process, unless older things come before it; tells whether it did.
    pub(crate) fn claim_first_try(&mut self, until: DateTime<Utc>) -> bool {
        let (todo, stamp) = (&mut self.todo, self.stamp);
        let is_all_new = !todo.pending.is_empty() && todo.pending.iter().all(|pending| pending.stamp() == stamp);
        if is_all_new {
            todo.delivery = Some(Delivery::claimed(1, until));
        }
        is_all_new
    }

    /// Claims the next try of what is pending, if there is anything.
    pub(crate) fn claim_next_try(&mut self, until: DateTime<Utc>) {
        let tries = self.todo.delivery.map_or(0, |delivery| delivery.tries) + 1;
        self.todo.delivery = self.todo.pending.first().map(|_| Delivery::claimed(tries, until));
    }

    /// The fault of the first pending delivery, if its claimed try never came back: its worker has died.
    pub(crate) fn unheard_try(&self) -> Option<Fault> {
        let tries = self.todo.delivery.filter(|delivery| delivery.is_claimed)?.tries;
        let error = "the worker that tried it did not come back".to_owned();
        Some(Fault { pending: self.todo.pending.first()?.clone(), tries, error })
    }

    /// Strikes off what was delivered, and ends `claim`, unless another worker has claimed the rest meanwhile; the fault in
    /// the end, if there was one, sets the first of the rest back. Tells whether this changes anything.
    pub(crate) fn strike_off(
        &mut self,
        delivered: &[Pending],
        claim: Option<Delivery>,
        fault: Option<(&Fault, Setback)>,
    ) -> bool {
        let archiving = &mut self.todo.archiving;
        self.todo.pending.retain(|pending| {
            let is_delivered = delivered.iter().any(|done| done.is_same(pending));
            if is_delivered {
                archiving.keep(pending);
            }
            !is_delivered
        });
        if self.todo.delivery != claim {
            // The other worker notes what became of its try.
            return !delivered.is_empty();
        }
        self.todo.delivery = None;
        if let Some((fault, setback)) = fault
            && self.todo.pending.first().is_some_and(|first| first.is_same(&fault.pending))
        {
            self.set_back(fault, setback);
        }
        true
    }

    /// Has the first of what is pending tried again later, or sets it aside.
    pub(crate) fn set_back(&mut self, fault: &Fault, setback: Setback) {
        match setback {
            Setback::PutOff(until) => self.todo.delivery = Some(Delivery::put_off(fault.tries, until)),
            Setback::SetAside(at) => {
                let pending = self.todo.pending.remove(0);
                let error = fault.error.chars().take(LONGEST_ERROR).collect();
                self.todo.set_aside.push(SetAside { pending, at, error });
                self.todo.delivery = None;
            }
        }
    }

    /// Has the dead letters delivered again, before anything else that is pending and not under way; tells how many.
    pub(crate) fn retry_set_aside(&mut self) -> usize {
        let todo = &mut self.todo;
        let count = todo.set_aside.len();
        // A try that is under way comes to its end first, or the two would deliver at once.
        let is_claimed = todo.delivery.is_some_and(|delivery| delivery.is_claimed);
        let place = usize::from(is_claimed);
        todo.pending.splice(place..place, todo.set_aside.drain(..).map(|set_aside| set_aside.pending));
        if count > 0 && !is_claimed {
            todo.delivery = None;
        }
        count
    }

    /// Forgets the dead letters, and tells how many.
    pub(crate) fn dismiss_set_aside(&mut self) -> usize {
        let dismissed = std::mem::take(&mut self.todo.set_aside);
        for set_aside in &dismissed {
            self.todo.archiving.keep(&set_aside.pending);
        }
        dismissed.len()
    }
}
